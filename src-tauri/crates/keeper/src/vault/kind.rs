//! Which vault a keeper is started with.

use super::Vault;

/// Where secrets rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum VaultKind {
    /// The operating system's keychain
    Keychain,
    /// Memory: everything is gone when the keeper ends. For trying things out
    Memory,
}

impl VaultKind {
    /// A vault of this kind, for the keeper of the home with this id.
    #[must_use]
    pub fn open(self, home_id: &str) -> Vault {
        match self {
            Self::Keychain => Vault::keychain(home_id),
            Self::Memory => Vault::memory(),
        }
    }
}
