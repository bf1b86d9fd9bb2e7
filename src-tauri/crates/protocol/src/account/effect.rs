//! What an account wants done.

use tokenkeep_oauth::{RefreshToken, Revocable};

use super::ids::{AttemptId, ReaderId, SaveId};
use super::lease::{HolderNews, LeaseNews};
use super::news::News;
use super::notice::Notice;
use super::reader::Answer;
use super::record::Record;
use crate::pace::Urgency;

/// What an account wants done.
#[derive(Debug)]
pub enum Effect {
    /// Read the record from the vault.
    Load,
    /// Answer a reader.
    Answer {
        /// Which one.
        reader: ReaderId,
        /// What.
        answer: Answer,
    },
    /// Tell the holder of a lease what becomes of it.
    TellHolder {
        /// Which lease.
        lease: ReaderId,
        /// What.
        news: LeaseNews,
    },
    /// Ask the pace of the client for a request; asking again replaces what was asked before.
    AskPace(Urgency),
    /// The leave that the pace gave was not used: it need not count.
    LeaveUnused,
    /// Send a request to the token endpoint.
    Send {
        /// Its name.
        attempt: AttemptId,
        /// Which request.
        request: Request,
    },
    /// Write the record to the vault.
    Save {
        /// The name of the write.
        save: SaveId,
        /// What to write.
        record: Record,
    },
    /// End a session at the provider. Best effort: nobody waits for it.
    Revoke(Revocable),
    /// Tell whoever listens what happened.
    Tell(News),
    /// Tell the user.
    Notify(Notice),
}

/// A request to the token endpoint.
#[derive(Clone, Debug)]
pub enum Request {
    /// RFC 6749, 6.
    Refresh(RefreshToken),
    /// RFC 7523, 2.1, with the account's own assertion.
    PresentAssertion,
}

impl Effect {
    pub(super) fn tell_holder((lease, news): HolderNews) -> Self {
        Self::TellHolder { lease, news }
    }
}
