//! What happens to an account.

use tokenkeep_oauth::{Reply, TokenResponse};

use super::ids::{AttemptId, ReaderId, SaveId};
use super::policy::Policy;
use super::reader::Reader;
use super::record::{Record, VaultFailure};
use crate::clock::Tick;

/// What happens to an account.
#[derive(Debug)]
pub enum Event {
    /// The vault answered a [`super::Effect::Load`].
    Loaded(Result<Record, VaultFailure>),
    /// A reader asks for the token.
    Ask(Reader),
    /// A reader went away unanswered, or the holder of a lease let go.
    Left(ReaderId),
    /// The pace of the client allows the request that [`super::Effect::AskPace`] asked for.
    MaySend,
    /// The token endpoint answered, or did not.
    Answered {
        /// Which attempt.
        attempt: AttemptId,
        /// What it meant.
        reply: Reply,
    },
    /// A write to the vault finished.
    Saved {
        /// Which one.
        save: SaveId,
        /// How it went.
        result: Result<(), VaultFailure>,
    },
    /// A person signed in: the code was exchanged by a request sent at `sent_at`.
    SignedIn {
        /// What the provider answered.
        tokens: Box<TokenResponse>,
        /// When the request was sent.
        sent_at: Tick,
    },
    /// A person removed the account.
    Removed,
    /// The account's client or provider was edited: what was misconfigured may be right now.
    Edited(Policy),
    /// The wall clock was set: what is stored in wall-clock time has to be written again.
    ClockSet,
    /// The machine woke from sleep.
    Woke,
    /// The network came back.
    NetworkBack,
    /// The keeper is shutting down: nothing new is begun.
    Quit,
    /// The time that [`super::Account::wake_at`] named has come.
    Timeout,
}
