//! Does what needs a desktop, for the menu, for notices, and for clients of the agent.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::SecretString;
use tokenkeep_agent::Desktop;
use tokenkeep_agent::wire::{Copied, StartAtLogin, WindowTask};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{AccountView, ErrorKind, Keeper, KeeperError, ReadRequest};
use url::Url;
use zeroize::Zeroizing;

use super::clipboard::SecretClipboard;
use super::login::Login;
use super::sign_ins::{WindowSignIns, unknown_window};
use super::windows::{WindowProcess, Windows};
use crate::arguments::WindowKind;

/// The desktop of this session.
pub(super) struct TrayDesktop {
    keeper: Keeper,
    pub(super) clipboard: Arc<SecretClipboard>,
    pub(super) login: Login,
    pub(super) sign_ins: WindowSignIns,
    windows: Windows,
    main_window: Mutex<Option<WindowProcess>>,
}

impl TrayDesktop {
    pub(super) fn new(
        keeper: Keeper,
        clipboard: SecretClipboard,
        login: Login,
        sign_ins: WindowSignIns,
        windows: Windows,
    ) -> Self {
        Self {
            keeper,
            clipboard: Arc::new(clipboard),
            login,
            sign_ins,
            windows,
            main_window: Mutex::default(),
        }
    }
}

impl Desktop for TrayDesktop {
    fn open_main_window(&self) -> Result<(), KeeperError> {
        let mut window = self
            .main_window
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = window.as_ref().filter(|window| window.is_open()) {
            window.to_front();
            return Ok(());
        }
        let opened = self.windows.open(WindowKind::Main).map_err(|error| {
            KeeperError::new(
                ErrorKind::NeedsDesktop,
                format!(
                    "The window cannot be opened ({error}). Tokens are kept fresh all the same."
                ),
            )
        })?;
        *window = Some(opened);
        Ok(())
    }

    fn sign_in(&self, name: AccountName) -> BoxFuture<'static, Result<AccountView, KeeperError>> {
        let sign_ins = self.sign_ins.clone();
        Box::pin(async move { sign_ins.sign_in(name).await })
    }

    fn copy(
        &self,
        name: AccountName,
        what: Copied,
    ) -> BoxFuture<'static, Result<Duration, KeeperError>> {
        let (keeper, clipboard) = (self.keeper.clone(), Arc::clone(&self.clipboard));
        Box::pin(async move { copy(&keeper, &clipboard, &name, what).await })
    }

    fn start_at_login(&self) -> Result<StartAtLogin, KeeperError> {
        Ok(self.login.state())
    }

    fn set_start_at_login(&self, enabled: bool) -> Result<StartAtLogin, KeeperError> {
        self.login.set(enabled)
    }

    fn window_task(&self, proof: &SecretString) -> Result<WindowTask, KeeperError> {
        let main = self
            .main_window
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if main.as_ref().is_some_and(|window| window.proof.is(proof)) {
            return Ok(WindowTask::Main);
        }
        self.sign_ins.task(proof).ok_or_else(unknown_window)
    }

    fn redirected(
        &self,
        proof: &SecretString,
        redirect: &Url,
    ) -> BoxFuture<'static, Result<(), KeeperError>> {
        let (sign_ins, proof, redirect) = (self.sign_ins.clone(), proof.clone(), redirect.clone());
        Box::pin(async move { sign_ins.redirected(&proof, redirect).await })
    }
}

async fn copy(
    keeper: &Keeper,
    clipboard: &SecretClipboard,
    name: &AccountName,
    what: Copied,
) -> Result<Duration, KeeperError> {
    let given = keeper.token(name, ReadRequest::default()).await?;
    let token = given.access_token.expose();
    let text = Zeroizing::new(match what {
        Copied::AccessToken => token.to_owned(),
        Copied::AuthorizationHeader => format!("Authorization: Bearer {token}"),
    });
    let copied = clipboard.copy(text).await;
    copied.map_err(|error| KeeperError::new(ErrorKind::NeedsDesktop, error.to_string()))
}
