//! A person agrees to where an account's secrets go.

use super::api::AccountView;
use super::error::KeeperError;
use super::inbox::Message;
use super::{Keeper, ask, words};
use crate::config::AccountName;
use crate::vault::Binding;

impl Keeper {
    /// Lets the account's secrets go to the client and the servers of `agreed`, which a person has seen and agreed to. The
    /// configuration has to name the same ones.
    ///
    /// # Errors
    /// Where there is no such account, the configuration names others, or the keychain cannot be written. Nothing has been
    /// sent then.
    pub async fn confirm(
        &self,
        name: &AccountName,
        agreed: Binding,
    ) -> Result<AccountView, KeeperError> {
        let account = self.sound(name)?;
        let confirmed = ask(&account.inbox, |answer| Message::Confirm(agreed, answer)).await;
        confirmed.ok_or_else(|| words::no_such_account(name))??;
        self.account(name).await
    }
}
