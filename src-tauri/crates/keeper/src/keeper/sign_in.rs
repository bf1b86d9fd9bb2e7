//! Sign-ins that wait for a person.

use std::collections::BTreeMap;
use std::time::Duration;

use tokenkeep_oauth::AuthorizationRequest;

use super::error::{ErrorKind, KeeperError};
use crate::clock::Tick;
use crate::config::AccountName;

/// How long a person has to sign in.
pub(super) const TIME_TO_SIGN_IN: Duration = Duration::from_secs(600);

/// How many sign-ins may wait at once: more are forgotten windows, and the oldest goes.
const MOST: usize = 32;

/// A sign-in that waits for its redirect.
#[derive(Debug)]
pub(super) struct WaitingSignIn {
    pub(super) name: AccountName,
    pub(super) request: AuthorizationRequest,
    pub(super) until: Tick,
}

/// All sign-ins that wait.
#[derive(Debug, Default)]
pub(super) struct SignIns(BTreeMap<u64, WaitingSignIn>);

impl SignIns {
    pub(super) fn begin(&mut self, id: u64, waiting: WaitingSignIn, now: Tick) {
        self.0.retain(|_, other| now < other.until);
        while self.0.len() >= MOST {
            self.0.pop_first();
        }
        self.0.insert(id, waiting);
    }

    /// The sign-in of that name. It is good for one redirect: who takes it and finds that the redirect
    /// was none puts it back.
    pub(super) fn take(&mut self, id: u64, now: Tick) -> Result<WaitingSignIn, KeeperError> {
        self.0.remove(&id).filter(|waiting| now < waiting.until).ok_or_else(|| {
            KeeperError::new(
                ErrorKind::NoSuchSignIn,
                "This sign-in is over: it took longer than ten minutes, was cancelled, or is done. \
                 Nothing was changed; start it again.",
            )
        })
    }

    pub(super) fn put_back(&mut self, id: u64, waiting: WaitingSignIn) {
        self.0.insert(id, waiting);
    }

    pub(super) fn cancel(&mut self, id: u64) {
        self.0.remove(&id);
    }

    pub(super) fn forget(&mut self, name: &AccountName) {
        self.0.retain(|_, waiting| waiting.name != *name);
    }
}
