//! Why a call to the vault failed, in words.

use super::store::StoreError;
use crate::worker::BrokenOff;

/// Why a call to the vault failed. Nothing is lost by any of these: what is stored stays as it is, except that a write
/// that timed out may have been made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// A person has to unlock the keychain.
    #[error(
        "The keychain is locked, so no token can be read from it or saved in it. Unlock it; everything goes on by itself then."
    )]
    Locked,
    /// There is no keychain, or it cannot be reached.
    #[error(
        "There is no keychain to keep tokens in ({why}). Start one (on Linux a Secret Service such as GNOME Keyring or KWallet, in the same session); everything goes on by itself then."
    )]
    Absent {
        /// What was found instead, as a clause.
        why: String,
    },
    /// No answer within [`CALL_LIMIT`](super::CALL_LIMIT). A write may still be made, later but in order; a
    /// [`Vault::load`](super::Vault::load) that succeeds afterwards shows whether it was.
    #[error(
        "The keychain did not answer in time; what was being saved may or may not be saved. It is read back and tried again; if this goes on, restart the keychain."
    )]
    TimedOut,
    /// The account's item cannot be read; it is left as it is.
    #[error(
        "The keychain item of account {account} is damaged ({why}). It has been left as it is. To start afresh, remove the account, add it again and sign in."
    )]
    Damaged {
        /// The account.
        account: String,
        /// Where the fault is, without quoting what is there.
        why: String,
    },
    /// A newer program wrote this account's item; it is left as it is.
    #[error(
        "The keychain item of account {account} was written by a newer Tokenkeep (form {version}). It has been left as it is, and so has the account. Start that version again; with it, the account can be removed, too."
    )]
    Newer {
        /// The account.
        account: String,
        /// The form that the newer program writes.
        version: u32,
    },
    /// A person was asked to unlock the keychain and did not.
    #[error("The keychain is still locked, so its tokens cannot be used. Unlock it to go on.")]
    Dismissed,
    /// The keychain refused.
    #[error(
        "The keychain refused ({why}), so the token could not be read or saved. It is tried again."
    )]
    Failed {
        /// What the keychain said, as a clause.
        why: String,
    },
}

impl VaultError {
    /// Whether only a person can mend it: trying again by itself is no use.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Newer { .. })
    }
}

impl From<BrokenOff> for VaultError {
    fn from(_: BrokenOff) -> Self {
        Self::Failed {
            why: "the call to it broke off".to_owned(),
        }
    }
}

impl From<StoreError> for VaultError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Locked => Self::Locked,
            StoreError::Absent(why) => Self::Absent { why },
            StoreError::Dismissed => Self::Dismissed,
            StoreError::Failed(why) => Self::Failed { why },
        }
    }
}
