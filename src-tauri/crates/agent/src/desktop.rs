//! What needs a desktop: windows, the clipboard, the start at login.

use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::SecretString;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{AccountView, KeeperError};
use url::Url;

use crate::wire::{Copied, StartAtLogin, WindowTask};

/// The desktop of a keeper in the tray.
///
/// A window is a process of its own and a client of the agent. It shows by a *proof* that the desktop opened it: a
/// secret, good for that one window, which it was given on its standard input.
pub trait Desktop: Send + Sync + 'static {
    /// Opens the main window, or brings it to the front.
    ///
    /// # Errors
    /// Where no window can be opened.
    fn open_main_window(&self) -> Result<(), KeeperError>;

    /// Has a person sign in in a window. If one is open for the account, it is brought to the front, and both requests
    /// have its outcome. Done when the sign-in is over. It goes on even if nobody waits for it any more.
    fn sign_in(&self, name: AccountName) -> BoxFuture<'static, Result<AccountView, KeeperError>>;

    /// Puts the account's token into the clipboard. Returns how long it stays there. Given up if nobody waits for it.
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

    /// What the window with this proof is to show.
    ///
    /// # Errors
    /// If no window has this proof, or its task is over.
    fn window_task(&self, proof: &SecretString) -> Result<WindowTask, KeeperError>;

    /// Takes the URL to which the sign-in window with this proof was redirected. Done when the sign-in is over. It goes
    /// on even if nobody waits for it any more.
    fn redirected(
        &self,
        proof: &SecretString,
        redirect: &Url,
    ) -> BoxFuture<'static, Result<(), KeeperError>>;
}
