//! Why a request to the keeper failed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why a request to the keeper failed: a kind for programs, and a message for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct KeeperError {
    /// The kind of error.
    pub kind: ErrorKind,
    /// What happened, what it means for the token, and what to do, in whole sentences.
    pub message: String,
    /// The field that was wrong, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// Kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The request is wrong; `field` says where.
    InvalidInput,
    /// No account has that name.
    NoSuchAccount,
    /// An account has that name already.
    AccountExists,
    /// No sign-in of that id is waiting.
    NoSuchSignIn,
    /// There is no lease of that id.
    NoSuchLease,
    /// The sign-in failed, or was refused.
    SignInFailed,
    /// A person must sign in.
    SignInNeeded,
    /// The provider refuses the account's configuration.
    Misconfigured,
    /// There is no valid token now.
    NoToken,
    /// The account's tokens are never valid for as long as was asked for.
    ValidityTooLong,
    /// The token that was named is no longer the current one.
    TokenReplaced,
    /// The keychain could not be read or written.
    VaultUnavailable,
    /// The configuration or the journal could not be read or written.
    StorageUnavailable,
    /// This needs a desktop, and the keeper runs without one.
    NeedsDesktop,
    /// The keeper has as many connections open as it takes.
    TooManyConnections,
    /// The keeper is shutting down.
    Quitting,
}

impl KeeperError {
    /// An error without a field.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            field: None,
        }
    }

    /// An error for a wrong value in `field`.
    pub fn invalid(field: impl AsRef<str>, message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::InvalidInput,
            message: message.into(),
            field: Some(field.as_ref().to_owned()),
        }
    }
}

/// A duration in words, in its two largest units.
#[must_use]
pub fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes, seconds % 60) {
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, 0) => format!("{m} min"),
        (0, 0, m, s) => format!("{m} min {s} s"),
        (0, h, 0, _) => format!("{h} h"),
        (0, h, m, _) => format!("{h} h {m} min"),
        (d, 0, _, _) => format!("{d} d"),
        (d, h, _, _) => format!("{d} d {h} h"),
    }
}
