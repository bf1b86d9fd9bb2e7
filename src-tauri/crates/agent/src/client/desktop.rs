//! Requests to a keeper that has a desktop.

use std::time::Duration;

use secrecy::SecretString;
use tokenkeep_keeper::config::{AccountName, LONGEST_SIGN_IN};
use tokenkeep_keeper::keeper::{AccountView, DEFAULT_WAIT};

use super::exchange::Target;
use super::limit::SLACK;
use super::{AgentClient, ClientError};
use crate::wire::{
    Copied, CopyAnswer, CopyBody, Done, StartAtLogin, StartAtLoginBody, WindowBody,
    WindowRedirected, WindowTask,
};

/// How long the keeper may take over the redirect of a sign-in: its code may have to wait for its turn with the
/// provider, and the tokens for the keychain.
const FINISHING: Duration = Duration::from_secs(120);

impl AgentClient {
    /// Opens the main window, or brings it to the front.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn open_main_window(&self) -> Result<(), ClientError> {
        let Done {} = self.post(&Target::new(["window"]), &Done {}, SLACK).await?;
        Ok(())
    }

    /// Has a person sign in in a window, and waits until the sign-in is over. Giving this up leaves the window open.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn sign_in_in_window(&self, name: &AccountName) -> Result<AccountView, ClientError> {
        let target = Target::new(["accounts", name.as_str(), "sign-in-window"]);
        self.post(&target, &Done {}, LONGEST_SIGN_IN + FINISHING)
            .await
    }

    /// Puts the account's token into the clipboard. Returns how long it stays there.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn copy(&self, name: &AccountName, what: Copied) -> Result<Duration, ClientError> {
        let target = Target::new(["accounts", name.as_str(), "copy"]);
        let limit = DEFAULT_WAIT + SLACK;
        let answer: CopyAnswer = self.post(&target, &CopyBody { what }, limit).await?;
        Ok(Duration::from_secs(answer.cleared_after))
    }

    /// Whether Tokenkeep starts at login, and whether to offer that.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn start_at_login(&self) -> Result<StartAtLogin, ClientError> {
        self.get(&Target::new(["start-at-login"]), SLACK).await
    }

    /// Has Tokenkeep start at login, or not.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn set_start_at_login(&self, enabled: bool) -> Result<StartAtLogin, ClientError> {
        let asked = StartAtLoginBody { enabled };
        self.post(&Target::new(["start-at-login"]), &asked, SLACK)
            .await
    }

    /// What the window with this proof is to show.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn window_task(&self, proof: &SecretString) -> Result<WindowTask, ClientError> {
        let asked = WindowBody {
            proof: proof.clone(),
        };
        self.post(&Target::new(["windows"]), &asked, SLACK).await
    }

    /// Sends the URL to which the sign-in window with this proof was redirected, and waits until the sign-in is over.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn window_redirected(
        &self,
        proof: &SecretString,
        redirect: SecretString,
    ) -> Result<(), ClientError> {
        let sent = WindowRedirected {
            proof: proof.clone(),
            redirect,
        };
        let target = Target::new(["windows", "redirect"]);
        let Done {} = self.post(&target, &sent, FINISHING).await?;
        Ok(())
    }
}
