//! The operating system's keychain, through `keyring-core` and the store for this platform.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::VaultState;
use super::store::{Store, StoreError};

#[cfg(not(all(unix, not(target_os = "macos"))))]
use super::always_open as lock;
#[cfg(all(unix, not(target_os = "macos")))]
use super::secret_service as lock;

pub(super) use lock::unlock;

/// The size limit of an item in Windows' Credential Manager, in bytes (`CRED_MAX_CREDENTIAL_BLOB_SIZE`).
const WINDOWS_LIMIT: usize = 5 * 512;

/// Before the home's id in the service name of items.
const PREFIX: &str = "tokenkeep-";

/// One home's items in the keychain.
pub(super) struct Keychain {
    /// The service name of all its items.
    service: String,
    /// The connection, made on first use and again when it breaks.
    store: Option<Arc<CredentialStore>>,
    lock: lock::Lock,
}

impl Keychain {
    pub(super) fn new(home_id: &str) -> Self {
        Self {
            service: format!("{PREFIX}{home_id}"),
            store: None,
            lock: Default::default(),
        }
    }

    /// Makes one call, unless it would ask a person to unlock something. When the platform fails, it is made once more
    /// over a new connection: the old one never works again after the keychain's service was restarted.
    fn call<T>(
        &mut self,
        name: &str,
        call: impl Fn(&Entry) -> keyring_core::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        self.lock.check(&HashMap::from([
            ("service", self.service.as_str()),
            ("username", name),
        ]))?;
        let mut is_new = self.store.is_none();
        loop {
            let outcome = self.entry(name)?.and_then(|entry| call(&entry));
            match outcome {
                Ok(value) => return Ok(Some(value)),
                Err(Error::NoEntry) => return Ok(None),
                Err(Error::NoStorageAccess(_)) => return Err(StoreError::Locked),
                Err(Error::PlatformFailure(_)) if !is_new => {
                    self.reset();
                    is_new = true;
                }
                Err(error) => {
                    self.reset();
                    return Err(StoreError::Failed(error.to_string()));
                }
            }
        }
    }

    fn entry(&mut self, name: &str) -> Result<keyring_core::Result<Entry>, StoreError> {
        let store = match &self.store {
            Some(store) => store,
            None => self
                .store
                .insert(connect().map_err(|error| StoreError::Absent(error.to_string()))?),
        };
        let label = format!("Tokenkeep: {name}");
        Ok(store.build(&self.service, name, Some(&modifiers(&label))))
    }
}

impl Store for Keychain {
    fn limit(&self) -> Option<usize> {
        cfg!(windows).then_some(WINDOWS_LIMIT)
    }

    fn read(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.call(name, |entry| entry.get_secret().map(Zeroizing::new))
    }

    fn write(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        match self.call(name, |entry| entry.set_secret(value))? {
            Some(()) => Ok(()),
            None => Err(StoreError::Failed(
                "it knows no place for the item".to_owned(),
            )),
        }
    }

    fn delete(&mut self, name: &str) -> Result<(), StoreError> {
        self.call(name, Entry::delete_credential).map(|_| ())
    }

    fn of_others(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        let items = self.lock.items()?;
        let others = items.into_iter().filter_map(|mut attributes| {
            let service = attributes.remove("service")?;
            let home_id = service.strip_prefix(PREFIX)?;
            let is_other = service != self.service;
            is_other.then(|| Some((home_id.to_owned(), attributes.remove("username")?)))?
        });
        Ok(others.collect())
    }

    fn of_home(&mut self, home_id: &str) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(Self::new(home_id)))
    }

    fn state(&mut self) -> VaultState {
        match self
            .lock
            .check(&HashMap::from([("service", self.service.as_str())]))
        {
            Ok(()) => VaultState::Ready,
            Err(StoreError::Locked | StoreError::Dismissed) => VaultState::Locked,
            Err(StoreError::Absent(why) | StoreError::Failed(why)) => VaultState::Absent(why),
        }
    }

    fn reset(&mut self) {
        self.store = None;
        self.lock = Default::default();
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

/// The item's name as a keychain application shows it.
#[cfg(all(unix, not(target_os = "macos")))]
fn modifiers(label: &str) -> HashMap<&str, &str> {
    HashMap::from([("label", label)])
}

/// Otherwise Windows would copy the item to every machine of a domain account.
#[cfg(windows)]
fn modifiers(_label: &str) -> HashMap<&str, &str> {
    HashMap::from([("persistence", "Local")])
}

#[cfg(target_os = "macos")]
fn modifiers(_label: &str) -> HashMap<&str, &str> {
    HashMap::new()
}
