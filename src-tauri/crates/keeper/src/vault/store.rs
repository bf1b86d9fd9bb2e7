//! What the vault needs of a place for secrets: it stores small values by name.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::VaultState;

/// Why a call to a store failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StoreError {
    /// A person has to unlock it first.
    Locked,
    /// There is no store, and why.
    Absent(String),
    /// A person was asked to unlock it and declined.
    #[cfg_attr(
        not(all(unix, not(target_os = "macos"))),
        allow(dead_code, reason = "only the Secret Service has a prompt of ours")
    )]
    Dismissed,
    /// The store failed, and why.
    Failed(String),
}

/// A place for secrets. Calls may block for as long as they need, because the vault makes them on a thread of its own.
/// None of them may ask a person for anything.
pub(super) trait Store: Send {
    /// The largest value in bytes, where there is a limit.
    fn limit(&self) -> Option<usize> {
        None
    }

    /// The value of this name.
    fn read(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError>;

    /// Replaces the value of this name, atomically.
    fn write(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError>;

    /// Deletes the value of this name. Succeeds if there is none.
    fn delete(&mut self, name: &str) -> Result<(), StoreError>;

    /// What other homes have here: the home's id, and the name of the value. Nothing where that cannot be known.
    fn of_others(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        Ok(Vec::new())
    }

    /// The values of another home.
    fn of_home(&mut self, _home_id: &str) -> Result<Box<dyn Store>, StoreError> {
        Err(StoreError::Failed("it knows no other home".to_owned()))
    }

    /// Whether it can be used now.
    fn state(&mut self) -> VaultState {
        VaultState::Ready
    }

    /// Drops every connection, after a call has panicked.
    fn reset(&mut self) {}
}

/// A store in memory: for tests, and for trying the program on a system without a keychain.
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
