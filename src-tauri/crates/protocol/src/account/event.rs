//! What happens to an account, and what it wants done.

use std::time::Duration;

use tokenkeep_oauth::{
    AccessToken, Assertion, Fingerprint, Problem, RefreshToken, RenewalEffect, Reply, TokenResponse,
};

use super::notice::Notice;
use super::reader::{Answer, Reader, ReaderId};
use super::token_set::TokenSet;
use crate::clock::Tick;

/// Names one request to the token endpoint; counts up within an account and is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(pub u64);

/// Names one write to the vault; counts up within an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SaveId(pub u64);

/// What happens to an account.
#[derive(Debug)]
pub enum Event {
    /// The vault answered a [`Effect::Load`].
    Loaded(Result<Record, VaultFailure>),
    /// A reader asks for the token.
    Ask(Reader),
    /// A reader went away unanswered, or the holder of a lease let go.
    Left(ReaderId),
    /// The pace of the client allows the request that [`Effect::AskPace`] asked for.
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
    /// Write to the journal.
    Journal(Entry),
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

/// A token whose session is to end.
#[derive(Clone, Debug)]
pub enum Revocable {
    /// By its refresh token.
    Refresh(RefreshToken),
    /// By its access token.
    Access(AccessToken),
}

/// How urgently a request is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Urgency {
    /// When the current token dies: the soonest goes first.
    pub dies_at: Tick,
    /// On whose behalf.
    pub class: Class,
}

/// On whose behalf a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Ahead of time, by the schedule.
    Background,
    /// To find out what became of an attempt: nobody is served until it is known.
    Doubt,
    /// A person asked.
    Person,
}

/// The account's durable truth: recovery reads this alone.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Counts the token sets received.
    pub generation: u64,
    /// The tokens, once there were any.
    pub tokens: Option<TokenSet>,
    /// A refresh that went out, or was about to, and whose answer is not in `tokens`.
    pub pending: Option<Pending>,
}

/// A refresh on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its name.
    pub attempt: AttemptId,
    /// When it was sent: what a replay brings lives from here at the latest.
    pub sent_at: Tick,
}

/// What the vault could not do, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct VaultFailure {
    /// What happened and what to do.
    pub message: String,
    /// Whether only a person can mend it (a damaged item): nothing is tried again by itself.
    pub lasting: bool,
}

/// What an account knows of its provider and grant.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Draws the account's jitter: stable, and different between accounts.
    pub seed: u64,
    /// What a refresh does to the current access token.
    pub refresh: RenewalEffect,
    /// What presenting the assertion does to it; none where the account has no assertion.
    pub assertion: Option<AssertionPolicy>,
    /// How long a token request may take.
    pub request_time_limit: Duration,
    /// What to tell when a sign-in brings no refresh token.
    pub no_refresh_token_advice: String,
}

/// What is known of an account's assertion.
#[derive(Clone, Copy, Debug)]
pub struct AssertionPolicy {
    /// What presenting it does to the current access token.
    pub effect: RenewalEffect,
    /// When it ends (its `exp`), where it says so.
    pub expires_at: Option<Tick>,
}

impl AssertionPolicy {
    /// Reads the end from the assertion itself.
    #[must_use]
    pub fn of(assertion: &Assertion, effect: RenewalEffect, now: crate::clock::Now) -> Self {
        Self {
            effect,
            expires_at: assertion.expires_at().map(|at| now.tick_at(at)),
        }
    }
}

/// How a set was or is to be obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By the refresh token.
    Refresh,
    /// By the assertion.
    Assertion,
    /// By an authorization code: a person signed in.
    Code,
}

/// What the journal records. No secret is ever in it: tokens appear by fingerprint.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A new set was received and is current.
    Renewed {
        /// How.
        method: Method,
        /// Its number.
        generation: u64,
        /// The access token's fingerprint.
        token: Fingerprint,
        /// How long it lives in all.
        lifetime: Duration,
        /// Whether that is a guess, because the provider named no life.
        expiry_assumed: bool,
        /// Whether the keychain holds it yet.
        unsaved: bool,
    },
    /// A request went out.
    Sent {
        /// Which one.
        attempt: AttemptId,
        /// How.
        method: Method,
    },
    /// A request failed and left everything as it was.
    Failed {
        /// Which one.
        attempt: AttemptId,
        /// How it failed.
        problem: Problem,
    },
    /// No answer says whether the provider rotated the tokens: nobody is served until it is known.
    InDoubt {
        /// Which attempt; none after a restart.
        attempt: AttemptId,
        /// Why.
        problem: Problem,
    },
    /// The provider refused for good.
    Rejected {
        /// Which attempt.
        attempt: AttemptId,
        /// How it said so.
        problem: Problem,
    },
    /// An answer came to an attempt that is no longer the account's own; its session is ended.
    LateAnswer {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// The renewal no longer waits for these leases.
    LeasesOverridden {
        /// Which ones.
        leases: Vec<ReaderId>,
    },
    /// A reader reported that an API refused the current token.
    TokenRefused {
        /// Which token.
        token: Fingerprint,
    },
    /// The keychain could not be written or read.
    VaultFailed {
        /// In words.
        message: String,
    },
    /// What was unsaved is saved.
    SavedLate {
        /// Which generation.
        generation: u64,
    },
    /// The account was removed.
    Removed,
}
