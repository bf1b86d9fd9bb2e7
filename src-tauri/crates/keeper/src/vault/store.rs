//! What the vault asks of a place for secrets: small named values.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::VaultState;

/// Why a store could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StoreError {
    /// A person has to unlock it first.
    Locked,
    /// There is none to be used, and why.
    Absent(String),
    /// A person was asked to unlock it and declined.
    #[cfg_attr(
        not(all(unix, not(target_os = "macos"))),
        allow(dead_code, reason = "only the Secret Service has a prompt of ours")
    )]
    Dismissed,
    /// It refused, and why.
    Failed(String),
}

/// A place for secrets. Calls may take as long as the place likes: the vault makes them
/// on a thread of their own. None of them may ask a person anything.
pub(super) trait Store: Send {
    /// The largest value in bytes, where there is a limit.
    fn limit(&self) -> Option<usize> {
        None
    }

    /// The value of this name.
    fn read(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError>;

    /// Replaces the value of this name: afterwards there is the old or the new one, never a mixture.
    fn write(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError>;

    /// Removes the value of this name; to remove what is not there succeeds.
    fn delete(&mut self, name: &str) -> Result<(), StoreError>;

    /// Whether it can be used now.
    fn state(&mut self) -> VaultState {
        VaultState::Ready
    }

    /// Lets go of every connection, because a call ended in a panic.
    fn reset(&mut self) {}
}

/// A store that lasts as long as the process: for tests, and for trying the program
/// where there is no keychain.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) values: BTreeMap<String, Zeroizing<Vec<u8>>>,
    pub(super) limit: Option<usize>,
}

impl Store for Memory {
    fn limit(&self) -> Option<usize> {
        self.limit
    }

    fn read(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        Ok(self.values.get(name).cloned())
    }

    fn write(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        if self.limit.is_some_and(|limit| value.len() > limit) {
            return Err(StoreError::Failed("the value is too long".to_owned()));
        }
        self.values
            .insert(name.to_owned(), Zeroizing::new(value.to_vec()));
        Ok(())
    }

    fn delete(&mut self, name: &str) -> Result<(), StoreError> {
        self.values.remove(name);
        Ok(())
    }
}
