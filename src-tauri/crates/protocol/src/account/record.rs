//! What the vault holds of an account, and what it could not do.

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
