//! Sign-ins in windows: at most one per account. Everybody who asked for it gets its outcome, in words.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::Utc;
use secrecy::SecretString;
use tokenkeep_agent::wire::WindowTask;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{
    AccountView, ErrorKind, Keeper, KeeperError, SignInStep, VaultView, Visit, in_words,
};
use tokio::sync::{mpsc, watch};
use url::Url;

use super::windows::{Ended, WindowProcess, Windows};
use crate::arguments::WindowKind;

/// How a sign-in ended.
pub(super) type SignInOutcome = Result<AccountView, KeeperError>;

/// All sign-ins that are under way in windows.
#[derive(Clone)]
pub(super) struct WindowSignIns {
    keeper: Keeper,
    windows: Windows,
    under_way: Arc<Mutex<BTreeMap<AccountName, UnderWay>>>,
    /// Where the outcome of each is sent.
    ended: mpsc::UnboundedSender<(AccountName, SignInOutcome)>,
}

/// A sign-in that is under way.
struct UnderWay {
    /// Known once the page to visit is.
    window: Option<SignInWindow>,
    /// The redirect has come, and the window is done.
    is_finishing: bool,
    outcome: watch::Receiver<Option<SignInOutcome>>,
}

/// The window of a sign-in.
#[derive(Clone)]
struct SignInWindow {
    process: WindowProcess,
    visit: Visit,
    redirects: mpsc::Sender<Url>,
}

impl WindowSignIns {
    /// None are under way yet. How each ends is sent to the receiver.
    pub(super) fn new(
        keeper: Keeper,
        windows: Windows,
    ) -> (Self, mpsc::UnboundedReceiver<(AccountName, SignInOutcome)>) {
        let (ended, outcomes) = mpsc::unbounded_channel();
        let sign_ins = Self {
            keeper,
            windows,
            under_way: Arc::default(),
            ended,
        };
        (sign_ins, outcomes)
    }

    /// Has a person sign in. If a window is open for the account, it is brought to the front.
    pub(super) async fn sign_in(&self, name: AccountName) -> SignInOutcome {
        let mut outcome = self.begin_or_join(&name);
        let over = outcome.wait_for(Option::is_some).await;
        let over = over.ok().and_then(|over| over.clone());
        over.unwrap_or_else(|| Err(broke_off()))
    }

    /// Whether a sign-in to the account is about to end.
    pub(super) fn is_finishing(&self, name: &AccountName) -> bool {
        self.lock().get(name).is_some_and(|it| it.is_finishing)
    }

    /// Closes the window of an account that is gone.
    pub(super) fn forget(&self, name: &AccountName) {
        self.lock().remove(name);
    }

    /// What the window with this proof is to show; none if it is no sign-in window of ours.
    pub(super) fn task(&self, proof: &SecretString) -> Option<WindowTask> {
        let (account, window) = self.window_with(proof)?;
        Some(WindowTask::SignIn {
            account,
            authorization_url: window.visit.authorization_url,
            redirect_uri: window.visit.redirect_uri,
        })
    }

    /// Takes what the window with this proof has caught. Done when the sign-in is over.
    ///
    /// # Errors
    /// Where it is no sign-in window of ours.
    pub(super) async fn redirected(
        &self,
        proof: &SecretString,
        redirect: Url,
    ) -> Result<(), KeeperError> {
        let (name, window) = self.window_with(proof).ok_or_else(unknown_window)?;
        let outcome = self.lock().get_mut(&name).map(|under_way| {
            under_way.is_finishing = true;
            under_way.outcome.clone()
        });
        // One redirect is taken; a second one answers nothing.
        let _ = window.redirects.try_send(redirect);
        drop(window);
        if let Some(mut outcome) = outcome {
            let _ = outcome.wait_for(Option::is_some).await;
        }
        Ok(())
    }

    fn begin_or_join(&self, name: &AccountName) -> watch::Receiver<Option<SignInOutcome>> {
        let mut all = self.lock();
        if let Some(under_way) = all.get(name) {
            if let Some(window) = under_way
                .window
                .as_ref()
                .filter(|_| !under_way.is_finishing)
            {
                window.process.to_front();
            }
            return under_way.outcome.clone();
        }
        let (tell, outcome) = watch::channel(None);
        let under_way = UnderWay {
            window: None,
            is_finishing: false,
            outcome: outcome.clone(),
        };
        all.insert(name.clone(), under_way);
        let (sign_ins, name, own) = (self.clone(), name.clone(), outcome.clone());
        tokio::spawn(async move {
            let run = {
                let (sign_ins, name) = (sign_ins.clone(), name.clone());
                tokio::spawn(async move { sign_ins.see_through(&name).await })
            };
            let outcome = run.await.unwrap_or_else(|_| Err(broke_off()));
            sign_ins.take_out(&name, &own);
            let _ = sign_ins.ended.send((name, outcome.clone()));
            tell.send_replace(Some(outcome));
        });
        outcome
    }

    /// Removes a sign-in that is over, but not a later one to an account with the same name.
    fn take_out(&self, name: &AccountName, own: &watch::Receiver<Option<SignInOutcome>>) {
        let mut all = self.lock();
        if all.get(name).is_some_and(|it| it.outcome.same_channel(own)) {
            all.remove(name);
        }
    }

    async fn see_through(&self, name: &AccountName) -> SignInOutcome {
        if self.keeper.status().await.vault == VaultView::Locked {
            // A person is there, since one wants to sign in: nothing could be saved otherwise.
            self.keeper.unlock().await?;
        }
        let visit = match self.keeper.sign_in(name, None).await? {
            SignInStep::Done(account) => return Ok(*account),
            SignInStep::Visit(visit) => visit,
        };
        let id = visit.id;
        let outcome = self.in_window(name, visit).await;
        if outcome.is_err() {
            self.keeper.cancel_sign_in(id);
        }
        outcome
    }

    async fn in_window(&self, name: &AccountName, visit: Visit) -> SignInOutcome {
        let process = self.windows.open(WindowKind::SignIn).map_err(|error| {
            failed(format!(
                "The sign-in window cannot be opened ({error}). Nothing has changed. Sign in without it: \
                 tokenkeep sign-in {name} --paste"
            ))
        })?;
        let (redirects, mut caught) = mpsc::channel(1);
        let (id, limit) = (visit.id, self.keeper.sign_in_limit());
        let until = (visit.until - Utc::now()).to_std().unwrap_or_default();
        let ended = process.clone();
        match self.lock().get_mut(name) {
            Some(under_way) => {
                under_way.window = Some(SignInWindow {
                    process,
                    visit,
                    redirects,
                });
            }
            None => return Err(was_removed(name)),
        }
        let redirect = tokio::select! {
            biased;
            redirect = caught.recv() => redirect,
            how = ended.ended() => return Err(no_longer_open(how)),
            () = tokio::time::sleep(until) => return Err(took_too_long(limit)),
        };
        let Some(redirect) = redirect else {
            return Err(was_removed(name));
        };
        self.keeper.finish_sign_in(id, &redirect).await
    }

    fn window_with(&self, proof: &SecretString) -> Option<(AccountName, SignInWindow)> {
        let all = self.lock();
        all.iter().find_map(|(name, under_way)| {
            let window = under_way.window.as_ref()?;
            window
                .process
                .proof
                .is(proof)
                .then(|| (name.clone(), window.clone()))
        })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<AccountName, UnderWay>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a window is not told what to show.
pub(super) fn unknown_window() -> KeeperError {
    KeeperError::invalid(
        "proof",
        "This is no window that the tray has opened, or it has been given up. Open it from the tray.",
    )
}

fn failed(message: impl Into<String>) -> KeeperError {
    KeeperError::new(ErrorKind::SignInFailed, message)
}

fn broke_off() -> KeeperError {
    failed("The sign-in broke off. Nothing has changed; sign in again.")
}

fn was_removed(name: &AccountName) -> KeeperError {
    KeeperError::new(
        ErrorKind::NoSuchAccount,
        format!("{name} was removed, so nobody can sign in to it any more."),
    )
}

fn no_longer_open(how: Ended) -> KeeperError {
    failed(match how {
        Ended::Closed => {
            "The sign-in window was closed before the sign-in was finished. Nothing has changed; sign in again \
             when you like."
        }
        Ended::Broken => {
            "The sign-in window broke down before the sign-in was finished. Nothing has changed; sign in again."
        }
    })
}

fn took_too_long(limit: Duration) -> KeeperError {
    failed(format!(
        "The sign-in took longer than {}, so it was ended. Nothing has changed; sign in again.",
        in_words(limit)
    ))
}
