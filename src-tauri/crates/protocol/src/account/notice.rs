//! What the user is told: ahead of a lapse, after a failure, and when it is over.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::lapse::{Cause, Lapse};
use crate::clock::Tick;

/// Something to tell the user.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What makes it the same notice as an earlier one.
    pub key: NoticeKey,
    /// What happened and what to do, where the provider or keychain said something to the point.
    pub detail: Option<String>,
    /// Until when the current access token can still be used; none where it cannot.
    pub token_until: Option<Tick>,
}

/// Tells notices apart: each is given once, across restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKey {
    /// A credential lapses in a while.
    LapseAhead {
        /// What ends, and when.
        lapse: Lapse,
        /// How long ahead this notice is meant to come.
        lead: Duration,
    },
    /// Something about the token set of this generation.
    About(Topic, u64),
}

/// What a notice about a token set says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A person must sign in again.
    SignInNeeded,
    /// The provider calls the account's set-up wrong.
    Misconfigured,
    /// Renewing keeps failing, and the token is about to die.
    RenewalFailing,
    /// The sign-in brought no refresh token.
    NoRefreshToken,
    /// The keychain does not hold the current tokens.
    Unsaved,
    /// What an earlier notice was about is over.
    Recovered,
}

/// The notices already given. Ends are compared with a tolerance, because a clock that is set moves
/// the same end a little.
#[derive(Debug, Default)]
pub(super) struct Told(Vec<NoticeKey>);

/// Ends that differ by no more are the same end.
const SAME_END: Duration = Duration::from_secs(300);

impl Told {
    pub(super) fn new(keys: Vec<NoticeKey>) -> Self {
        Self(keys)
    }

    /// Whether this is news; notes it as told.
    pub(super) fn is_news(&mut self, key: NoticeKey) -> bool {
        if self.0.iter().any(|told| told.same(&key)) {
            return false;
        }
        self.0.push(key);
        true
    }

    /// Whether a notice of this topic was given about `generation`.
    pub(super) fn has(&self, topic: Topic, generation: u64) -> bool {
        self.0.contains(&NoticeKey::About(topic, generation))
    }

    /// All of them.
    pub(super) fn keys(&self) -> &[NoticeKey] {
        &self.0
    }

    /// Whether `key` was told.
    pub(super) fn knows(&self, key: &NoticeKey) -> bool {
        self.0.iter().any(|told| told.same(key))
    }

    /// Forgets what can never come up again: older generations, and lapses that passed. Later generations
    /// were lost in a crash: what was told of them says nothing of those that will bear their numbers.
    pub(super) fn prune(&mut self, generation: u64, now: Tick) {
        self.0.retain(|key| match key {
            NoticeKey::About(_, of) => *of + 1 >= generation && *of <= generation,
            NoticeKey::LapseAhead { lapse, .. } => lapse.at + SAME_END * 2 > now,
        });
    }
}

impl NoticeKey {
    fn same(&self, other: &NoticeKey) -> bool {
        match (self, other) {
            (
                NoticeKey::LapseAhead {
                    lapse: a,
                    lead: lead_a,
                },
                NoticeKey::LapseAhead {
                    lapse: b,
                    lead: lead_b,
                },
            ) => {
                let apart = a.at.since(b.at).max(b.at.since(a.at));
                a.cause == b.cause && lead_a == lead_b && apart <= SAME_END.min(*lead_a / 2)
            }
            (a, b) => a == b,
        }
    }

    /// The topic or cause in one word, for the journal and the event stream.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            NoticeKey::LapseAhead { lapse, .. } => match lapse.cause {
                Cause::NoRefreshToken => "access_token_ends",
                Cause::RefreshTokenEnds => "refresh_token_ends",
                Cause::SessionEnds => "session_ends",
                Cause::AssertionEnds => "assertion_ends",
            },
            NoticeKey::About(topic, _) => match topic {
                Topic::SignInNeeded => "sign_in_needed",
                Topic::Misconfigured => "misconfigured",
                Topic::RenewalFailing => "renewal_failing",
                Topic::NoRefreshToken => "no_refresh_token",
                Topic::Unsaved => "unsaved",
                Topic::Recovered => "recovered",
            },
        }
    }
}
