//! What the keeper tells the listeners of its event stream.

use serde::{Deserialize, Serialize};

use tokenkeep_protocol::account::NoticeKind;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::api::AccountView;
use super::news::JournalLine;
use crate::config::AccountName;

/// Something that happened. Holds no secret.
#[derive(Clone, Debug, Serialize, Deserialize, strum::AsRefStr)]
#[serde(rename_all = "snake_case", tag = "happening", content = "body")]
#[strum(serialize_all = "snake_case")]
pub enum Happening {
    /// An account changed, or was added.
    Account(Box<AccountView>),
    /// An account was removed.
    Removed(AccountName),
    /// Something to tell the user.
    Notice(NoticeView),
    /// Something happened to an account, which the journal records.
    News(JournalLine),
    /// The listener was too slow for so many happenings: it has to ask for everything again.
    Missed(u64),
}

/// Hears everything that happens from when it was made.
#[derive(Debug)]
pub struct Listener {
    happenings: broadcast::Receiver<Happening>,
}

impl Listener {
    pub(super) fn new(happenings: broadcast::Receiver<Happening>) -> Self {
        Self { happenings }
    }

    /// The next happening; none if the keeper is gone.
    pub async fn next(&mut self) -> Option<Happening> {
        match self.happenings.recv().await {
            Ok(happening) => Some(happening),
            Err(RecvError::Lagged(missed)) => Some(Happening::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }

    /// The next happening, if it has happened already.
    pub fn next_already(&mut self) -> Option<Happening> {
        match self.happenings.try_recv() {
            Ok(happening) => Some(happening),
            Err(TryRecvError::Lagged(missed)) => Some(Happening::Missed(missed)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}

/// Something to tell the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeView {
    /// About which account.
    pub account: AccountName,
    /// Which kind of notice.
    pub kind: NoticeKind,
    /// What happened, in a few words.
    pub title: String,
    /// What it means for the token, and what to do.
    pub body: String,
    /// Whether the thing to do is to sign in.
    pub sign_in: bool,
}
