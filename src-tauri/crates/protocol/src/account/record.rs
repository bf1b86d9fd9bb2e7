//! What the vault holds of an account, and what it could not do.

use tokenkeep_oauth::Problem;

use super::ids::AttemptId;
use super::token_set::TokenSet;
use crate::clock::Tick;

/// The account's durable truth: recovery reads this alone.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Counts the token sets received.
    pub generation: u64,
    /// The tokens, once there were any.
    pub tokens: Option<TokenSet>,
    /// A refresh that went out, or was about to, and whose answer is not in `tokens`.
    pub pending: Option<Pending>,
    /// What the provider said last that only a person can mend.
    pub verdict: Option<Verdict>,
    /// The provider refused the refresh token of `tokens`, which is kept all the same.
    pub refresh_rejected: bool,
    /// When the access token of `tokens` was reported refused by an API; no renewal has answered since.
    pub refused: Option<Tick>,
}

/// An answer of the provider that only a person can mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What has to be done about it.
    pub kind: VerdictKind,
    /// What the provider said.
    pub problem: Problem,
    /// When it said so.
    pub at: Tick,
}

/// What a person has to do about a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictKind {
    /// Sign in.
    SignInNeeded,
    /// Mend the client or its configuration.
    Misconfigured,
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
