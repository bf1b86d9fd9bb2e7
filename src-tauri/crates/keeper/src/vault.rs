//! Where secrets are stored: the operating system's keychain, with one item per account.
//!
//! All calls are made on one thread, in the order in which they were asked for, and a caller waits no longer than
//! [`CALL_LIMIT`]. Only [`Vault::unlock`] may ask a person for anything.

#[cfg(not(all(unix, not(target_os = "macos"))))]
mod always_open;
mod error;
mod item;
mod keychain;
mod kind;
mod others;
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
pub use item::{
    Binding, Credentials, HomeMark, Item, PendingRefresh, StoredProblem, StoredTokens,
    StoredVerdict, StoredVerdictKind,
};
pub use kind::VaultKind;
pub use others::OtherItem;

/// How long a caller waits for the keychain. It usually answers within milliseconds; one that hangs must not use up a
/// reader's 30 seconds.
pub const CALL_LIMIT: Duration = Duration::from_secs(10);

/// How long a person has to type the keychain's password.
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
    /// One lock per account, held by its current write until the store has returned, even if the caller has stopped
    /// waiting. So no second write starts while the outcome of the first is unknown.
    writes: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    prompt: fn() -> Result<(), StoreError>,
    /// Held while a person is asked for the password, so that there is one such question at a time.
    prompting: Arc<tokio::sync::Mutex<()>>,
    in_memory: bool,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// The operating system's keychain. Items are named with `home_id`, so that the keeper of one home never touches
    /// those of another. The connection is made on first use.
    #[must_use]
    pub fn keychain(home_id: &str) -> Self {
        Self::over(keychain::Keychain::new(home_id), keychain::unlock, false)
    }

    /// A vault in memory, lost when the process ends.
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

    /// Whether what is stored here is lost when the process ends.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        self.shared.in_memory
    }

    /// The account's item, as the last finished write left it.
    ///
    /// # Errors
    /// Any [`VaultError`]. A missing item is not an error.
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
    /// Once begun, a write is carried out even if its caller stops waiting.
    ///
    /// # Errors
    /// After [`VaultError::TimedOut`] the outcome is unknown. Saving again is safe: it waits for the first write to return,
    /// reads back what is stored, and writes only if that differs.
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

    /// Deletes the account's item, even a damaged one, but not that of a newer program. Succeeds if there is none.
    ///
    /// # Errors
    /// As [`Vault::save`]; deleting again is safe.
    pub async fn delete(&self, account: &str) -> Result<(), VaultError> {
        let write = self.write(account, |store, account| {
            if let Err(error @ VaultError::Newer { .. }) = read_item(store, account) {
                return Err(error);
            }
            Ok(parts::delete(store, account)?)
        });
        timeout(CALL_LIMIT, write)
            .await
            .unwrap_or(Err(VaultError::TimedOut))
    }

    /// Whether the vault can be used now. Does not ask for it to be unlocked.
    pub async fn state(&self) -> VaultState {
        let state = self.shared.store.ask(|store| store.state());
        match timeout(CALL_LIMIT, state).await {
            Ok(Ok(state)) => state,
            Ok(Err(_)) | Err(_) => VaultState::Absent("it does not answer".to_owned()),
        }
    }

    /// Makes the keychain ask the person for its password, and waits up to [`UNLOCK_LIMIT`]. Call it only on that person's
    /// request. On a system without a keyring, the keychain asks for the password of a new one.
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
            // On a thread of its own, so that background calls are told that the keychain is locked instead of
            // waiting for the person's answer.
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

    /// Makes a change after the account's previous one has returned.
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

/// The account's stored bytes, and the item that they hold.
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
