//! What takes a desktop: windows, the clipboard, the start at login.

use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::SecretString;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{AccountView, KeeperError};
use url::Url;

use crate::wire::{Copied, StartAtLogin, WindowTask};

/// The desktop that a keeper in the tray has at hand, and a keeper without one has not.
///
/// A window is a process of its own and a client of the agent. It shows by a *proof* that the desktop opened it: a
/// secret, good for that one window, which it was given on its standard input.
pub trait Desktop: Send + Sync + 'static {
    /// Opens the main window, or brings it to the front.
    ///
    /// # Errors
    /// Where no window can be opened.
    fn open_main_window(&self) -> Result<(), KeeperError>;

    /// Has a person sign in in a window; where one is open for the account, it is brought to the front and its outcome
    /// is this one's, too. Done when the sign-in is over, and seen through where nobody waits for it any more.
    fn sign_in(&self, name: AccountName) -> BoxFuture<'static, Result<AccountView, KeeperError>>;

    /// Puts the account's token into the clipboard; returns after how long it is taken out again. Given up where
    /// nobody waits for it any more.
    fn copy(
        &self,
        name: AccountName,
        what: Copied,
    ) -> BoxFuture<'static, Result<Duration, KeeperError>>;

    /// Whether Tokenkeep starts at login, and whether to offer that.
    ///
    /// # Errors
    /// Where it cannot be found out.
    fn start_at_login(&self) -> Result<StartAtLogin, KeeperError>;

    /// Has Tokenkeep start at login, or not.
    ///
    /// # Errors
    /// Where the desktop does not let it.
    fn set_start_at_login(&self, enabled: bool) -> Result<StartAtLogin, KeeperError>;

    /// What the window is to show that has been given this proof.
    ///
    /// # Errors
    /// Where no window was given it, or what the window was for is over.
    fn window_task(&self, proof: &SecretString) -> Result<WindowTask, KeeperError>;

    /// Where the sign-in window with this proof was redirected to. Done when the sign-in is over, and seen through where
    /// nobody waits for it any more.
    fn redirected(
        &self,
        proof: &SecretString,
        redirect: &Url,
    ) -> BoxFuture<'static, Result<(), KeeperError>>;
}
