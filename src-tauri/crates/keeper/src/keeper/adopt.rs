//! Keychain items whose home is gone: listed, taken, deleted.

use std::path::Path;
use std::sync::Arc;

use super::api::{AccountView, Orphan};
use super::error::KeeperError;
use super::inbox::Message;
use super::pace_task::lock;
use super::words::{self, vault_error};
use super::{Keeper, Kept, ask};
use crate::config::AccountName;
use crate::home::{Lock, LockError, is_home};
use crate::vault::{Item, OtherItem};

impl Keeper {
    /// The keychain items whose home is gone, as far as that can be known.
    ///
    /// # Errors
    /// Where the keychain cannot be read.
    pub async fn orphans(&self) -> Result<Vec<Orphan>, KeeperError> {
        self.vault_in_reach().await?;
        let others = self.inner.shared.vault.of_others().await;
        let others = others.map_err(|error| vault_error(&error))?;
        let mut orphans: Vec<_> = others
            .into_iter()
            .map(orphan)
            .filter(|orphan| !is_there(orphan) && lock_items(&orphan.home).is_ok())
            .collect();
        orphans.sort_by(|a, b| (&a.account, &a.home).cmp(&(&b.account, &b.home)));
        Ok(orphans)
    }

    /// Takes an orphan: what is in it becomes what is kept of the account of the same name, which must be configured here
    /// and not be signed in to.
    ///
    /// # Errors
    /// Where there is no such account or no such item, the account has tokens of its own, the item's home is in use, or
    /// the keychain cannot be written.
    pub async fn adopt(&self, home: &str, name: &AccountName) -> Result<AccountView, KeeperError> {
        self.refuse_when_quitting()?;
        let config = self.inner.config.lock().await;
        let account = config.accounts().get(name).cloned();
        let account = account.ok_or_else(|| words::not_configured(name))?;
        let _items = lock_items(home)?;
        let vault = &self.inner.shared.vault;
        let found = vault.load_of(home, name.as_str()).await;
        let found = found.map_err(|error| vault_error(&error))?;
        let found = found.ok_or_else(|| words::no_such_orphan(home, name))?;
        self.is_without_tokens(name).await?;
        let kept = lock(&self.inner.accounts).get(name).cloned();
        if let Some(Kept::Sound(account)) = kept {
            // So that it writes nothing any more. If it has ended, it does not, either.
            let _ = ask(&account.inbox, Message::Quit).await;
            account.pacing.withdraw(&Arc::from(name.as_str()));
        }
        let adopted = self.take(home, name, found).await;
        // Its task begins anew, whatever has become of it.
        self.keep(name, &account, &config).await;
        drop(config);
        adopted?;
        self.account(name).await
    }

    async fn take(&self, home: &str, name: &AccountName, found: Item) -> Result<(), KeeperError> {
        let vault = &self.inner.shared.vault;
        // Asked again, because the account may have signed in by itself.
        self.is_without_tokens(name).await?;
        let item = Item {
            home: Some(self.inner.shared.home.clone()),
            ..found
        };
        let saved = vault.save(name.as_str(), item).await;
        saved.map_err(|error| vault_error(&error))?;
        let deleted = vault.delete_of(home, name.as_str()).await;
        deleted.map_err(|error| vault_error(&error))
    }

    /// Deletes an orphan. Its session at the provider may live on.
    ///
    /// # Errors
    /// Where there is no such item, its home is in use, or the keychain cannot be written.
    pub async fn delete_orphan(&self, home: &str, name: &AccountName) -> Result<(), KeeperError> {
        let _items = lock_items(home)?;
        let vault = &self.inner.shared.vault;
        let others = vault.of_others().await;
        let others = others.map_err(|error| vault_error(&error))?;
        let is_it = |other: &OtherItem| other.home_id == home && other.account == name.as_str();
        if !others.iter().any(is_it) {
            return Err(words::no_such_orphan(home, name));
        }
        let deleted = vault.delete_of(home, name.as_str()).await;
        deleted.map_err(|error| vault_error(&error))
    }

    async fn is_without_tokens(&self, name: &AccountName) -> Result<(), KeeperError> {
        let own = self.inner.shared.vault.load(name.as_str()).await;
        let own = own.map_err(|error| vault_error(&error))?;
        if own.is_some_and(|item| item.tokens.is_some()) {
            return Err(words::signed_in_already(name));
        }
        Ok(())
    }
}

fn orphan(other: OtherItem) -> Orphan {
    let item = other.item.unwrap_or_default();
    Orphan {
        home: other.home_id,
        path: item.home.map(|home| home.path),
        account: other.account,
        bound_to: item.bound_to,
        signed_in: item.tokens.is_some(),
    }
}

/// Whether the home is where the item says that it lay.
fn is_there(orphan: &Orphan) -> bool {
    let path = orphan.path.as_deref().map(Path::new);
    path.is_some_and(|path| is_home(path, &orphan.home))
}

/// No keeper of that home starts, or runs, as long as this is held.
fn lock_items(home: &str) -> Result<Lock, KeeperError> {
    // An id becomes the name of a file.
    let is_id = !home.is_empty() && home.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_id {
        return Err(KeeperError::invalid(
            "home",
            "This is no id of a home. See those that there are with `tokenkeep adopt`.",
        ));
    }
    Lock::take_items(home).map_err(|error| match error {
        LockError::SameItems { .. } | LockError::Held { .. } => words::home_in_use(home),
        error @ LockError::Io { .. } => {
            KeeperError::new(super::ErrorKind::StorageUnavailable, error.to_string())
        }
    })
}
