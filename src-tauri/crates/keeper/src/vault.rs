//! Where secrets rest: the operating system's keychain.
//!
//! One item per account. Every call is made on one thread, in the order in which it was
//! asked for, and the caller waits no longer than [`CALL_LIMIT`]. Nothing here asks a
//! person anything, except [`Vault::unlock`].

#[cfg(not(all(unix, not(target_os = "macos"))))]
mod always_open;
mod error;
mod item;
mod keychain;
mod kind;
mod parts;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;
mod store;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use crate::worker::Worker;
use item::Unreadable;
use parts::ReadError;
use store::{Memory, Store, StoreError};

pub use error::VaultError;
pub use item::{Credentials, Item, Pending, StoredTokens};
pub use kind::VaultKind;

/// How long a caller waits for the keychain. One that answers takes milliseconds;
/// one that hangs must not take a reader's deadline (30 s) with it.
pub const CALL_LIMIT: Duration = Duration::from_secs(10);

/// How long a person has to answer the keychain's question for its password.
pub const UNLOCK_LIMIT: Duration = Duration::from_secs(120);

/// Whether the vault can be used now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultState {
    /// It can be read and written.
    Ready,
    /// A person has to unlock it.
    Locked,
    /// There is no keychain here, and why.
    Absent(String),
}

/// A handle to the vault. Clones share the one thread; it ends with the last of them.
#[derive(Clone)]
pub struct Vault {
    shared: Arc<Shared>,
}

struct Shared {
    store: Worker<Box<dyn Store>>,
    /// One permit per account to have a write under way. It travels with the write and comes
    /// back when the store has returned, even where the caller has long gone: so no second
    /// write is sent after one whose outcome is unknown.
    writes: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    prompt: fn() -> Result<(), StoreError>,
    /// One question to the person at a time.
    prompting: Arc<tokio::sync::Mutex<()>>,
    in_memory: bool,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// The operating system's keychain. Items carry `home_id`, so that one home's keeper
    /// never touches another's. The keychain is first reached for when it is first used.
    #[must_use]
    pub fn keychain(home_id: &str) -> Self {
        Self::over(keychain::Keychain::new(home_id), keychain::unlock, false)
    }

    /// A vault that is gone when the process ends.
    #[must_use]
    pub fn memory() -> Self {
        Self::over(Memory::default(), || Ok(()), true)
    }

    fn over(
        store: impl Store + 'static,
        prompt: fn() -> Result<(), StoreError>,
        in_memory: bool,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                store: Worker::start("vault", Box::new(store), |store| store.reset()),
                writes: Mutex::default(),
                prompt,
                prompting: Arc::default(),
                in_memory,
            }),
        }
    }

    /// Whether what rests here is gone when the process ends.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        self.shared.in_memory
    }

    /// The account's item, as the last write that has returned left it.
    ///
    /// # Errors
    /// Any [`VaultError`]; none of them means that there is no item.
    pub async fn load(&self, account: &str) -> Result<Option<Item>, VaultError> {
        let account = account.to_owned();
        let load = self
            .shared
            .store
            .ask(move |store| read_item(store.as_mut(), &account).map(|found| found.1));
        timeout(CALL_LIMIT, load)
            .await
            .map_err(|_| VaultError::TimedOut)??
    }

    /// Replaces the account's item. An item that this program cannot read is not replaced.
    /// Once begun, a write is carried out even where its caller does not wait for it.
    ///
    /// # Errors
    /// After [`VaultError::TimedOut`] the outcome is unknown; saving again is safe, because
    /// it waits for the first write to return, reads back what rests, and writes only if
    /// that is not this item.
    pub async fn save(&self, account: &str, item: Item) -> Result<(), VaultError> {
        let write = self.write(account, move |store, account| {
            let bytes = item.encode().map_err(|error| VaultError::Failed {
                why: format!("the item cannot be written as JSON: {:?}", error.classify()),
            })?;
            let (resting, _) = read_item(store, account)?;
            if resting.is_some_and(|resting| *resting == *bytes) {
                return Ok(());
            }
            failpoint!(if item.pending.is_some() {
                "marking"
            } else {
                "saving"
            });
            parts::write(store, account, &bytes)?;
            failpoint!(if item.pending.is_some() {
                "marked"
            } else {
                "saved"
            });
            Ok(())
        });
        timeout(CALL_LIMIT, write)
            .await
            .unwrap_or(Err(VaultError::TimedOut))
    }

    /// Removes the account's item, readable or not. Succeeds where there is none.
    ///
    /// # Errors
    /// As [`Vault::save`]; deleting again is safe.
    pub async fn delete(&self, account: &str) -> Result<(), VaultError> {
        let write = self.write(account, |store, account| Ok(parts::delete(store, account)?));
        timeout(CALL_LIMIT, write)
            .await
            .unwrap_or(Err(VaultError::TimedOut))
    }

    /// Whether the vault can be used now. Asks nobody to unlock it.
    pub async fn state(&self) -> VaultState {
        let state = self.shared.store.ask(|store| store.state());
        match timeout(CALL_LIMIT, state).await {
            Ok(Ok(state)) => state,
            Ok(Err(_)) | Err(_) => VaultState::Absent("it does not answer".to_owned()),
        }
    }

    /// Has the keychain ask the person for its password, and waits up to [`UNLOCK_LIMIT`].
    /// Only for when that person has just asked for it. On a system without a keyring yet,
    /// asks for the password of a new one.
    ///
    /// # Errors
    /// [`VaultError::Dismissed`] when the person declines, or does not answer.
    pub async fn unlock(&self) -> Result<(), VaultError> {
        let shared = Arc::clone(&self.shared);
        let unlock = async move {
            let asking = Arc::clone(&shared.prompting).lock_owned().await;
            if self.state().await == VaultState::Ready {
                return Ok(());
            }
            // On a thread of its own: until the person answers, background calls are to be
            // told that the keychain is locked, rather than wait behind the question.
            Worker::start("vault prompt", shared.prompt, |_| ())
                .call(move |prompt| {
                    let outcome = prompt();
                    drop(asking);
                    outcome
                })
                .await??;
            Ok(())
        };
        timeout(UNLOCK_LIMIT, unlock)
            .await
            .unwrap_or(Err(VaultError::Dismissed))
    }

    /// Makes a change once the account's last one has returned.
    async fn write(
        &self,
        account: &str,
        change: impl FnOnce(&mut dyn Store, &str) -> Result<(), VaultError> + Send + 'static,
    ) -> Result<(), VaultError> {
        let permit = {
            let mut writes = self
                .shared
                .writes
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            Arc::clone(writes.entry(account.to_owned()).or_default())
        };
        let under_way = permit.lock_owned().await;
        let account = account.to_owned();
        self.shared
            .store
            .call(move |store| {
                let outcome = change(store.as_mut(), &account);
                drop(under_way);
                outcome
            })
            .await?
    }
}

/// What rests for the account: its bytes, and the item that they are.
#[expect(
    clippy::type_complexity,
    reason = "two views of one thing, used in this file only"
)]
fn read_item(
    store: &mut dyn Store,
    account: &str,
) -> Result<(Option<zeroize::Zeroizing<Vec<u8>>>, Option<Item>), VaultError> {
    let damaged = |why| VaultError::Damaged {
        account: account.to_owned(),
        why,
    };
    let bytes = parts::read(store, account).map_err(|error| match error {
        ReadError::Store(error) => error.into(),
        ReadError::Torn => damaged("a part of it is missing or changed".to_owned()),
    })?;
    let item = bytes
        .as_ref()
        .map(|bytes| Item::decode(bytes))
        .transpose()
        .map_err(|error| match error {
            Unreadable::Newer(version) => VaultError::Newer {
                account: account.to_owned(),
                version,
            },
            Unreadable::Damaged(why) => damaged(why),
        })?;
    Ok((bytes, item))
}

#[cfg(test)]
mod tests;
