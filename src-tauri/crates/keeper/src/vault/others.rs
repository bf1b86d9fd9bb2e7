//! Items that other homes have left in the same keychain.

use tokio::time::timeout;

use super::store::Store;
use super::{CALL_LIMIT, Item, Vault, VaultError, parts, read_item};

/// An item of another home.
#[derive(Debug)]
pub struct OtherItem {
    /// The id of that home.
    pub home_id: String,
    /// The account.
    pub account: String,
    /// What is stored; nothing where it cannot be read.
    pub item: Option<Item>,
}

impl Vault {
    /// The items of other homes.
    ///
    /// # Errors
    /// Any [`VaultError`].
    pub async fn of_others(&self) -> Result<Vec<OtherItem>, VaultError> {
        self.ask_about_others(|store| {
            let mut others = Vec::new();
            for (home_id, account) in store.of_others()? {
                // A part of an item is named after it.
                if account.contains('/') {
                    continue;
                }
                let mut other = store.of_home(&home_id)?;
                let item = read_item(other.as_mut(), &account);
                others.push(OtherItem {
                    home_id,
                    account,
                    item: item.ok().and_then(|(_, item)| item),
                });
            }
            Ok(others)
        })
        .await
    }

    /// An item of another home.
    ///
    /// # Errors
    /// Any [`VaultError`]. A missing item is not an error.
    pub async fn load_of(&self, home_id: &str, account: &str) -> Result<Option<Item>, VaultError> {
        let (home_id, account) = (home_id.to_owned(), account.to_owned());
        self.ask_about_others(move |store| {
            let mut other = store.of_home(&home_id)?;
            read_item(other.as_mut(), &account).map(|(_, item)| item)
        })
        .await
    }

    /// Deletes an item of another home, but not that of a newer program. Succeeds if there is none.
    ///
    /// # Errors
    /// Any [`VaultError`]; deleting again is safe.
    pub async fn delete_of(&self, home_id: &str, account: &str) -> Result<(), VaultError> {
        let (home_id, account) = (home_id.to_owned(), account.to_owned());
        self.ask_about_others(move |store| {
            let mut other = store.of_home(&home_id)?;
            if let Err(error @ VaultError::Newer { .. }) = read_item(other.as_mut(), &account) {
                return Err(error);
            }
            Ok(parts::delete(other.as_mut(), &account)?)
        })
        .await
    }

    async fn ask_about_others<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Store) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let call = self.shared.store.call(|store| question(store.as_mut()));
        timeout(CALL_LIMIT, call)
            .await
            .map_err(|_| VaultError::TimedOut)??
    }
}
