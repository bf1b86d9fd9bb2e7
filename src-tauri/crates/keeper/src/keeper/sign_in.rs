//! Signs in, and keeps the sign-ins that wait for a person.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokenkeep_oauth::{AuthorizationCode, AuthorizationRequest, RedirectError, Reply, Revocable};
use url::Url;

use super::api::{AccountField, AccountView, SignInStep, Visit};
use super::client::Sender;
use super::error::{ErrorKind, KeeperError, in_words};
use super::inbox::Message;
use super::pace_task::lock;
use super::words::{self, sign_in_error, vault_error};
use super::{Keeper, Sound, ask};
use crate::clock;
use crate::config::{AccountName, Grant};
use crate::vault::{CALL_LIMIT, VaultError};
use tokenkeep_protocol::account::{Newer, Want};
use tokenkeep_protocol::clock::Tick;

/// How long an authorization code is valid, minus the time to exchange it. RFC 6749, section 4.1.2, allows ten minutes at
/// most; RingCentral gives one.
const LIFE_OF_A_CODE: Duration = Duration::from_secs(45);

/// How long room is kept for the request of a sign-in that waits for it, because its timer may fire a little late.
const TIME_TO_RETURN: Duration = Duration::from_secs(1);

/// The message about a sign-in whose exchange panicked.
const BROKEN_OFF: &str =
    "The sign-in broke off inside Tokenkeep, and what there is stays as it was. Start it again.";

/// How many sign-ins may wait at once. With more, the oldest is dropped, because its window was most likely forgotten.
const MOST: usize = 32;

/// A sign-in that waits for its redirect.
#[derive(Debug)]
pub(super) struct WaitingSignIn {
    pub(super) name: AccountName,
    pub(super) request: AuthorizationRequest,
    pub(super) until: Tick,
}

/// All sign-ins that wait.
#[derive(Debug)]
pub(super) struct SignIns {
    /// How long a person has for one.
    limit: Duration,
    waiting: BTreeMap<u64, WaitingSignIn>,
}

impl SignIns {
    pub(super) fn with_limit(limit: Duration) -> Self {
        Self {
            limit,
            waiting: BTreeMap::new(),
        }
    }

    pub(super) fn begin(&mut self, id: u64, waiting: WaitingSignIn, now: Tick) {
        self.waiting.retain(|_, other| now < other.until);
        while self.waiting.len() >= MOST {
            self.waiting.pop_first();
        }
        self.waiting.insert(id, waiting);
    }

    /// Takes the sign-in of that id out. It is valid for one redirect: put it back if the URL was not the redirect.
    pub(super) fn take(&mut self, id: u64, now: Tick) -> Result<WaitingSignIn, KeeperError> {
        let waiting = self.waiting.remove(&id);
        waiting
            .filter(|waiting| now < waiting.until)
            .ok_or_else(|| {
                let message = format!(
                    "This sign-in is over: it took longer than {}, was cancelled, or is done. \
                 Nothing was changed; start it again.",
                    in_words(self.limit)
                );
                KeeperError::new(ErrorKind::NoSuchSignIn, message)
            })
    }

    pub(super) fn put_back(&mut self, id: u64, waiting: WaitingSignIn) {
        self.waiting.insert(id, waiting);
    }

    pub(super) fn cancel(&mut self, id: u64) {
        self.waiting.remove(&id);
    }

    pub(super) fn forget(&mut self, name: &AccountName) {
        self.waiting.retain(|_, waiting| waiting.name != *name);
    }
}

impl Keeper {
    /// Signs in. With a JWT, this is done at once; with the code grant, a person has to visit a page.
    ///
    /// # Errors
    /// As [`Keeper::token`], and where the account cannot be signed in to.
    pub async fn sign_in(
        &self,
        name: &AccountName,
        wait: Option<Duration>,
    ) -> Result<SignInStep, KeeperError> {
        let account = self.sound(name)?;
        if account.spec.grant == Grant::Jwt {
            let want = Want {
                newer: Some(Newer::SignIn),
                ..Want::default()
            };
            self.ask(&account, want, wait).await?;
            return Ok(SignInStep::Done(Box::new(self.account(name).await?)));
        }
        let sender = self.sender(&account).await?;
        let request = account
            .spec
            .authorization_request(&sender.credentials)
            .map_err(|error| KeeperError::invalid(AccountField::RedirectUri, error.to_string()))?;
        let now = clock::now();
        let id = self.next_id();
        let until = now.tick + self.sign_in_limit();
        let visit = Visit {
            id,
            authorization_url: request.url.clone(),
            redirect_uri: request.redirect_uri().clone(),
            until: now.wall_at(until),
        };
        let waiting = WaitingSignIn {
            name: name.clone(),
            request,
            until,
        };
        lock(&self.inner.sign_ins).begin(id, waiting, now.tick);
        Ok(SignInStep::Visit(visit))
    }

    /// Finishes a sign-in with the URL that the provider redirected to.
    ///
    /// # Errors
    /// Where the URL does not belong to this sign-in, or the provider refused it.
    pub async fn finish_sign_in(
        &self,
        id: u64,
        redirected: &Url,
    ) -> Result<AccountView, KeeperError> {
        self.refuse_when_quitting()?;
        let now = clock::now();
        let waiting = lock(&self.inner.sign_ins).take(id, now.tick)?;
        let code = match waiting.request.read_redirect(redirected) {
            Ok(code) => code,
            Err(error @ RedirectError::NotTheRedirect { .. }) => {
                // This was another page; the right one may still come.
                lock(&self.inner.sign_ins).put_back(id, waiting);
                return Err(KeeperError::invalid("redirect", error.to_string()));
            }
            Err(error) => return Err(sign_in_error(error.to_string())),
        };
        let account = self.sound(&waiting.name)?;
        let sender = self.sender(&account).await?;
        let before = self.account(&waiting.name).await?.generation;
        let exchange = exchange(sender, account.clone(), code, waiting.request);
        // Finished even if the caller stops waiting, because the code is used up and the session is open.
        let exchanged = self.inner.shared.errands.spawn(exchange).await;
        exchanged.unwrap_or_else(|_| Err(sign_in_error(BROKEN_OFF)))?;
        // Answered when the new tokens are saved, which may have happened already.
        let want = Want {
            newer: Some(Newer::Than(before)),
            ..Want::default()
        };
        self.ask(&account, want, None).await?;
        self.account(&waiting.name).await
    }

    /// How long a person has to sign in.
    #[must_use]
    pub fn sign_in_limit(&self) -> Duration {
        lock(&self.inner.sign_ins).limit
    }

    /// Cancels a sign-in: its redirect will be refused.
    pub fn cancel_sign_in(&self, id: u64) {
        lock(&self.inner.sign_ins).cancel(id);
    }

    /// The account's sender, which exists once its vault item has been read.
    async fn sender(&self, account: &Sound) -> Result<Sender, KeeperError> {
        let sender = ask(&account.inbox, Message::Sender);
        match tokio::time::timeout(CALL_LIMIT, sender).await {
            Ok(Some(sender)) => sender,
            Ok(None) => Err(words::no_such_account(&account.spec.name)),
            Err(_) => Err(self
                .vault_in_reach()
                .await
                .err()
                .unwrap_or_else(|| vault_error(&VaultError::TimedOut))),
        }
    }
}

/// Exchanges the code of a finished sign-in, as soon as the client's pace has room for the request.
async fn exchange(
    sender: Sender,
    account: Sound,
    code: AuthorizationCode,
    request: AuthorizationRequest,
) -> Result<(), KeeperError> {
    let name: Arc<str> = Arc::from(account.spec.name.as_str());
    let begun = clock::now().tick;
    let sent_at = loop {
        let now = clock::now().tick;
        let Err(wait) = account.pacing.admit(&name, now) else {
            break now;
        };
        let from = now + wait;
        if from.since(begun) > LIFE_OF_A_CODE {
            return Err(paused(wait));
        }
        account.pacing.reserve(from + TIME_TO_RETURN);
        clock::sleep_until(Some(from)).await;
    };
    let reply = sender.exchange(&code, &request).await;
    account.pacing.learn(&name, sent_at, &reply);
    match reply {
        Reply::Tokens(tokens) => {
            if let Err(tokens) = account.inbox.signed_in(tokens, sent_at) {
                // The account was removed in the meantime, so that the session will never be used.
                // Best effort; the failure is logged.
                let _ = sender.revoke(Revocable::Access(tokens.access_token)).await;
                return Err(words::no_such_account(&account.spec.name));
            }
            Ok(())
        }
        other => {
            let problem = other.problem().map(ToString::to_string);
            Err(sign_in_error(problem.unwrap_or_default()))
        }
    }
}

fn paused(left: Duration) -> KeeperError {
    KeeperError::new(
        ErrorKind::NoToken,
        format!(
            "The provider takes no token request for another {}, so the sign-in could not be finished. \
             Start it again then.",
            in_words(left)
        ),
    )
}
