//! What happened to an account, for those who listen: the journal, the event stream, the tray.

use std::time::Duration;

use tokenkeep_oauth::{Fingerprint, Problem};

use super::ids::{AttemptId, ReaderId};
use super::policy::Method;

/// What happened to an account. No secret is ever in it: tokens appear by fingerprint.
#[derive(Clone, Debug)]
pub enum News {
    /// A new set was received and is current.
    Renewed {
        /// How.
        method: Method,
        /// Its number.
        generation: u64,
        /// The access token's fingerprint.
        fingerprint: Fingerprint,
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
        /// Which attempt.
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
        /// The token's fingerprint.
        fingerprint: Fingerprint,
        /// It came because the one before was refused, too: the refusals are not about the token, and it is not renewed.
        again: bool,
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
