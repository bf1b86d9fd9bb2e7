//! The keeper: the engine that owns all accounts.
//!
//! [`Keeper`] is a handle; clones share one engine. Around each account's heart runs a task
//! ([`task`]) that carries out what the heart decides; clients share a pace ([`pacing`]); what
//! happens is written down and told to listeners ([`record`]).

mod asked;
mod client;
mod durable;
mod error;
mod happening;
mod pacing;
mod record;
mod sign_in;
mod task;
mod view;
mod watch;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use secrecy::ExposeSecret;
use tokenkeep_oauth::{Http, HttpError, Reply};
use tokio::sync::{broadcast, oneshot};
use tokio_util::task::TaskTracker;
use url::Url;

pub use asked::{
    AccountView, DEFAULT_WAIT, GivenLease, GivenToken, JournalLine, JournalQuery, LapseView,
    LeaseRequest, LeaseView, NewAccount, Removal, SignInStep, Status, TokenRequest, VaultView,
    Visit,
};
pub use error::{ErrorKind, KeeperError, in_words};
pub use happening::{Happening, NoticeView};

use crate::account::{Answer, Handout, LeaseTerm, Newer, ReaderId, State, Want};
use crate::clock::{Now, Tick};
use crate::config::{self, AccountName, Config, ConfigError, Grant};
use crate::home::{Home, HomeError, Lock, LockError};
use crate::journal::{self, Journal, JournalError};
use crate::vault::{CALL_LIMIT, Credentials, Item, Vault, VaultError, VaultState};
use client::Spec;
use pacing::{Pacing, lock};
use record::Recorder;
use sign_in::{SignIns, TIME_TO_SIGN_IN, WaitingSignIn};
use task::{AccountTask, Inbox, MachineEvent, Message, Shared};

/// How long a quitting keeper waits for renewals and their saves.
const TIME_TO_QUIT: Duration = Duration::from_secs(10);

/// How long a quitting keeper waits for sessions to be ended at their providers.
const TIME_FOR_ERRANDS: Duration = Duration::from_secs(2);

/// How many happenings a slow listener may lag behind before it misses some.
const BACKLOG: usize = 1024;

/// How many lines of the journal are read at once for listeners.
const LINES_AT_ONCE: usize = 500;

/// A handle to the keeper.
#[derive(Clone)]
pub struct Keeper {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Shared,
    vault_is_memory: bool,
    /// Changed under this lock only, together with the configuration file.
    config: tokio::sync::Mutex<Config>,
    accounts: Mutex<BTreeMap<AccountName, Kept>>,
    paces: Mutex<HashMap<String, Arc<Pacing>>>,
    paces_before: BTreeMap<String, journal::Pace>,
    sign_ins: Mutex<SignIns>,
    next_id: AtomicU64,
    problems: Vec<String>,
    quitting: AtomicBool,
    /// Held for as long as the keeper lives.
    _lock: Lock,
}

/// An account that is kept.
#[derive(Clone)]
enum Kept {
    /// One that works.
    Sound {
        spec: Arc<Spec>,
        inbox: Inbox,
        pacing: Arc<Pacing>,
    },
    /// One whose configuration makes no sense.
    Broken(Arc<AccountView>),
}

/// A working account, as the methods of [`Keeper`] use it.
struct Sound {
    spec: Arc<Spec>,
    inbox: Inbox,
    pacing: Arc<Pacing>,
}

/// Why there can be no keeper.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The home's folders cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// Another keeper has this home.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The configuration cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no HTTPS client.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Not even a journal in memory can be had.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Keeper {
    /// Starts the keeper of `home`: takes its lock, reads its configuration, opens its journal, and
    /// starts a task per account. `in_memory_only` tells that `vault` is gone with the process.
    ///
    /// # Errors
    /// Where another keeper has this home, or something in it cannot be read. Nothing is changed then.
    pub async fn open(home: &Home, vault: Vault, in_memory_only: bool) -> Result<Self, OpenError> {
        home.create()?;
        let taken = Lock::take(home)?;
        let config = Config::load(&home.config_file())?;
        let http = Http::new()?;
        let (journal, mut problems) = open_journal(home)?;
        problems.extend(config.unknown_keys().iter().map(ToString::to_string));
        let (listeners, _) = broadcast::channel(BACKLOG);
        let recorder = Recorder {
            journal: journal.clone(),
            listeners,
        };
        let shared = Shared {
            http,
            vault,
            recorder,
            errands: TaskTracker::new(),
        };
        let configured: Vec<_> = config
            .accounts()
            .iter()
            .map(|(n, a)| (n.clone(), a.clone()))
            .collect();
        let inner = Arc::new(Inner {
            shared,
            vault_is_memory: in_memory_only,
            accounts: Mutex::default(),
            paces: Mutex::default(),
            paces_before: journal.load_pace().await.unwrap_or_default(),
            sign_ins: Mutex::default(),
            // Leases of an earlier run must not be taken for this one's.
            next_id: AtomicU64::new(Now::read().wall.timestamp_millis().unsigned_abs() << 10),
            problems,
            quitting: AtomicBool::new(false),
            config: tokio::sync::Mutex::new(config),
            _lock: taken,
        });
        let keeper = Self { inner };
        for (name, account) in configured {
            let config = keeper.inner.config.lock().await.clone();
            keeper.keep(&name, &account, &config).await;
        }
        tokio::spawn(watch_clocks(Arc::downgrade(&keeper.inner)));
        tokio::spawn(follow_journal(journal, Arc::downgrade(&keeper.inner)));
        Ok(keeper)
    }

    /// All accounts, by name.
    pub async fn accounts(&self) -> Vec<AccountView> {
        let kept: Vec<_> = lock(&self.inner.accounts).values().cloned().collect();
        let mut views = Vec::with_capacity(kept.len());
        for kept in kept {
            match kept {
                Kept::Broken(view) => views.push((*view).clone()),
                Kept::Sound { inbox, .. } => views.extend(view_of(&inbox).await),
            }
        }
        views
    }

    /// One account.
    ///
    /// # Errors
    /// [`ErrorKind::NoSuchAccount`].
    pub async fn account(&self, name: &AccountName) -> Result<AccountView, KeeperError> {
        let kept = lock(&self.inner.accounts).get(name).cloned();
        match kept {
            Some(Kept::Broken(view)) => Ok((*view).clone()),
            Some(Kept::Sound { inbox, .. }) => view_of(&inbox)
                .await
                .ok_or_else(|| words::no_such_account(name)),
            None => Err(words::no_such_account(name)),
        }
    }

    /// A token of the account. Dropping the future withdraws the reader; a lease, once given, lasts
    /// until it is released or ends of itself.
    ///
    /// # Errors
    /// Where there is no such account or no such token; the message says why and what to do.
    pub async fn token(
        &self,
        name: &AccountName,
        request: TokenRequest,
    ) -> Result<GivenToken, KeeperError> {
        let want = Want {
            min_validity: request.min_validity,
            newer: request.refused.map(Newer::Refused),
            lease: request.lease.map(|lease| LeaseTerm {
                length: lease.length,
                holder: lease.holder,
            }),
        };
        let account = self.sound(name)?;
        let (id, handout, now) = self.ask(&account, want, request.wait).await?;
        Ok(given(id, *handout, now))
    }

    /// Ends a lease. One that has ended already is no error.
    pub fn release(&self, name: &AccountName, lease: u64) {
        if let Ok(account) = self.sound(name) {
            account.inbox.send(Message::Left(ReaderId(lease)));
        }
    }

    /// Adds an account. One that signs in by JWT does so at once, by itself.
    ///
    /// # Errors
    /// Where a field is wrong, the name is taken, or keychain or configuration cannot be written.
    /// Nothing is changed then.
    pub async fn add(&self, new: NewAccount) -> Result<AccountView, KeeperError> {
        self.refuse_when_quitting()?;
        let mut config = self.inner.config.lock().await;
        if config.accounts().contains_key(&new.name) {
            let message = format!(
                "There is an account called {0} already, and it is left as it is. Choose another name, or \
                 remove that one first: tokenkeep remove {0}",
                new.name
            );
            return Err(KeeperError {
                kind: ErrorKind::AccountExists,
                message,
                field: Some("name".into()),
            });
        }
        let account = configured(&new);
        let spec = Spec::read(&new.name, &account, &config).map_err(|(field, message)| {
            KeeperError::invalid(field, words::in_a_sentence(&message))
        })?;
        let credentials = Credentials {
            client_secret: new.client_secret,
            assertion: new.assertion,
        };
        check_credentials(&spec, &credentials)?;
        self.store_credentials(&new.name, credentials).await?;
        if let Err(error) = config.add_account(&new.name, &account) {
            // Best effort: an item that no account names does no harm.
            let _ = self.inner.shared.vault.delete(new.name.as_str()).await;
            return Err(config_error(&error));
        }
        self.keep(&new.name, &account, &config).await;
        drop(config);
        self.account(&new.name).await
    }

    /// Removes an account: its session is ended at the provider (best effort), its item leaves the
    /// keychain, its configuration the file.
    ///
    /// # Errors
    /// Where there is no such account, or keychain or configuration cannot be written.
    pub async fn remove(&self, name: &AccountName) -> Result<Removal, KeeperError> {
        let mut config = self.inner.config.lock().await;
        let kept = lock(&self.inner.accounts).get(name).cloned();
        let kept = kept.ok_or_else(|| words::no_such_account(name))?;
        let vault = &self.inner.shared.vault;
        let mut revoking = false;
        match kept {
            Kept::Sound { inbox, .. } => {
                // Asked first, so that nothing is half removed while the keychain is out of reach.
                self.vault_in_reach().await?;
                let removed = ask(&inbox, Message::Remove).await;
                let removed = removed.ok_or_else(|| words::no_such_account(name))?;
                revoking = removed.revoking;
                if let Err(error) = removed.deleted {
                    if let Some(account) = config.accounts().get(name).cloned() {
                        self.keep(name, &account, &config).await;
                    }
                    return Err(vault_error(&error));
                }
            }
            Kept::Broken(_) => vault
                .delete(name.as_str())
                .await
                .map_err(|error| vault_error(&error))?,
        }
        lock(&self.inner.accounts).remove(name);
        lock(&self.inner.sign_ins).forget(name);
        config
            .remove_account(name)
            .map_err(|error| config_error(&error))?;
        // What it was told is of no more use; a failure shows in the journal's own state.
        let _ = self
            .inner
            .shared
            .recorder
            .journal
            .forget(name.as_str())
            .await;
        self.inner
            .shared
            .recorder
            .tell(Happening::Removed(name.clone()));
        Ok(Removal { revoking })
    }

    /// Renews the account's token now, and waits for it.
    ///
    /// # Errors
    /// As [`Keeper::token`].
    pub async fn refresh(
        &self,
        name: &AccountName,
        wait: Option<Duration>,
    ) -> Result<AccountView, KeeperError> {
        let account = self.sound(name)?;
        let want = Want {
            newer: Some(Newer::Asked),
            ..Want::default()
        };
        self.ask(&account, want, wait).await?;
        self.account(name).await
    }

    /// Signs in. By JWT this is done at once; by code it takes a person, who is to visit a page.
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
            .map_err(|error| {
                KeeperError::invalid("redirect_uri", words::in_a_sentence(&error.to_string()))
            })?;
        let now = Now::read();
        let id = self.next_id();
        let until = now.tick + TIME_TO_SIGN_IN;
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
    /// [`ErrorKind::InvalidInput`] where the URL is another page's: the sign-in goes on. Otherwise where it is not
    /// the answer to this sign-in, or the answer is no.
    pub async fn finish_sign_in(
        &self,
        id: u64,
        redirected: &Url,
    ) -> Result<AccountView, KeeperError> {
        self.refuse_when_quitting()?;
        let now = Now::read();
        let waiting = lock(&self.inner.sign_ins).take(id, now.tick)?;
        let code = match waiting.request.read_redirect(redirected) {
            Ok(code) => code,
            Err(error) => {
                if matches!(error, tokenkeep_oauth::RedirectError::NotTheRedirect { .. }) {
                    // Another page was brought: the sign-in goes on, and the right one may still come.
                    lock(&self.inner.sign_ins).put_back(id, waiting);
                    let message = words::in_a_sentence(&error.to_string());
                    return Err(KeeperError::invalid("redirect", message));
                }
                return Err(sign_in_error(&error.to_string()));
            }
        };
        let account = self.sound(&waiting.name)?;
        let sender = self.sender(&account).await?;
        let name: Arc<str> = Arc::from(waiting.name.as_str());
        account
            .pacing
            .count(&name, now.tick)
            .map_err(|until| paused(now.tick.until(until)))?;
        let reply = sender.exchange(&code, &waiting.request).await;
        account.pacing.learn(&name, &reply);
        let tokens = match reply {
            Reply::Tokens(tokens) => tokens,
            other => {
                let problem = other.problem().map(ToString::to_string).unwrap_or_default();
                return Err(sign_in_error(&problem));
            }
        };
        account.inbox.send(Message::SignedIn {
            tokens,
            sent_at: now.tick,
        });
        // Answered once the new tokens are saved.
        let want = Want {
            newer: Some(Newer::Asked),
            ..Want::default()
        };
        self.ask(&account, want, None).await?;
        self.account(&waiting.name).await
    }

    /// Forgets a sign-in: its redirect will not be taken.
    pub fn cancel_sign_in(&self, id: u64) {
        lock(&self.inner.sign_ins).cancel(id);
    }

    /// Lines of the journal, oldest first.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub async fn journal(&self, query: JournalQuery) -> Result<Vec<JournalLine>, KeeperError> {
        let query = journal::Query {
            account: query.account.map(|name| name.to_string()),
            after: query.after,
            limit: query.limit.map_or(usize::MAX, |limit| {
                usize::try_from(limit).unwrap_or(usize::MAX)
            }),
        };
        let entries = self.inner.shared.recorder.journal.read(query).await;
        let entries = entries.map_err(|error| {
            KeeperError::new(
                ErrorKind::ConfigUnavailable,
                words::in_a_sentence(&error.to_string()),
            )
        })?;
        Ok(entries.into_iter().map(line).collect())
    }

    /// How the keeper itself stands.
    pub async fn status(&self) -> Status {
        let vault = match self.inner.shared.vault.state().await {
            _ if self.inner.vault_is_memory => VaultView::MemoryOnly,
            VaultState::Ready => VaultView::Ready,
            VaultState::Locked => VaultView::Locked,
            VaultState::Absent(why) => VaultView::Absent(why),
        };
        let mut problems = self.inner.problems.clone();
        let failure = self
            .inner
            .shared
            .recorder
            .journal
            .failure()
            .borrow()
            .clone();
        problems.extend(failure.map(|error| words::in_a_sentence(&error.to_string())));
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            vault,
            problems,
        }
    }

    /// Has the keychain ask the person for its password. Only for when that person asked for it.
    ///
    /// # Errors
    /// Where the keychain was not unlocked.
    pub async fn unlock(&self) -> Result<(), KeeperError> {
        self.inner
            .shared
            .vault
            .unlock()
            .await
            .map_err(|error| vault_error(&error))?;
        // What failed for want of the keychain is tried again now.
        self.inner.tell_all(MachineEvent::Woke);
        Ok(())
    }

    /// What happens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Happening> {
        self.inner.shared.recorder.listeners.subscribe()
    }

    /// Ends the keeper in order: begins nothing new, and waits up to ten seconds for renewals and
    /// their saves.
    pub async fn quit(&self) {
        self.inner.quitting.store(true, Ordering::SeqCst);
        for pacing in lock(&self.inner.paces).values() {
            pacing.stop();
        }
        let done: Vec<_> = self
            .inner
            .inboxes()
            .iter()
            .map(|inbox| start_asking(inbox, Message::Quit))
            .collect();
        let settled = async {
            for done in done {
                // A task that is gone is settled.
                let _ = done.await;
            }
        };
        if tokio::time::timeout(TIME_TO_QUIT, settled).await.is_err() {
            tracing::warn!(
                "not everything was finished in time; what is pending is taken up at the next start"
            );
        }
        self.inner.shared.errands.close();
        // Ending sessions is best effort.
        let _ = tokio::time::timeout(TIME_FOR_ERRANDS, self.inner.shared.errands.wait()).await;
        self.inner.shared.recorder.journal.flush().await;
    }

    /// Starts keeping a configured account.
    async fn keep(&self, name: &AccountName, account: &config::Account, config: &Config) {
        let kept = match Spec::read(name, account, config) {
            Ok(spec) => {
                let spec = Arc::new(spec);
                // Where the journal cannot be read, a notice may come once more.
                let told = self
                    .inner
                    .shared
                    .recorder
                    .journal
                    .given(name.as_str())
                    .await
                    .unwrap_or_default();
                let pacing = self.inner.pacing(&spec);
                let inbox = AccountTask::start(
                    Arc::clone(&spec),
                    told,
                    Arc::clone(&pacing),
                    self.inner.shared.clone(),
                );
                Kept::Sound {
                    spec,
                    inbox,
                    pacing,
                }
            }
            Err((field, why)) => {
                let problem = format!(
                    "Its configuration cannot be used: {field}: {why}. Mend it in config.toml and start \
                     Tokenkeep again; its tokens are kept."
                );
                tracing::error!(account = %name, "{problem}");
                Kept::Broken(Arc::new(view::broken(name, account, problem)))
            }
        };
        lock(&self.inner.accounts).insert(name.clone(), kept);
    }

    /// Saves a new account's secrets. What an earlier account of that name left behind is replaced.
    async fn store_credentials(
        &self,
        name: &AccountName,
        credentials: Credentials,
    ) -> Result<(), KeeperError> {
        let vault = &self.inner.shared.vault;
        let item = Item {
            credentials,
            ..Item::default()
        };
        match vault.save(name.as_str(), item.clone()).await {
            Err(VaultError::Damaged { .. }) => {
                vault
                    .delete(name.as_str())
                    .await
                    .map_err(|error| vault_error(&error))?;
                vault
                    .save(name.as_str(), item)
                    .await
                    .map_err(|error| vault_error(&error))
            }
            saved => saved.map_err(|error| vault_error(&error)),
        }
    }

    fn sound(&self, name: &AccountName) -> Result<Sound, KeeperError> {
        self.refuse_when_quitting()?;
        match lock(&self.inner.accounts).get(name) {
            Some(Kept::Sound {
                spec,
                inbox,
                pacing,
            }) => Ok(Sound {
                spec: Arc::clone(spec),
                inbox: inbox.clone(),
                pacing: Arc::clone(pacing),
            }),
            Some(Kept::Broken(view)) => {
                let problem = view.problem.clone().unwrap_or_default();
                Err(KeeperError::new(ErrorKind::Misconfigured, problem))
            }
            None => Err(words::no_such_account(name)),
        }
    }

    /// Asks an account for a token, and waits for the answer.
    async fn ask(
        &self,
        account: &Sound,
        want: Want,
        wait: Option<Duration>,
    ) -> Result<(ReaderId, Box<Handout>, Now), KeeperError> {
        let id = ReaderId(self.next_id());
        let deadline = Now::read().tick + wait.unwrap_or(DEFAULT_WAIT);
        let (answer, answered) = oneshot::channel();
        account.inbox.send(Message::Ask {
            id,
            want,
            deadline,
            answer,
        });
        let mut withdrawal = Withdrawal {
            inbox: Some(account.inbox.clone()),
            id,
        };
        let answered = answered.await;
        withdrawal.inbox = None;
        match answered {
            Ok((Answer::Token(handout), now)) => Ok((id, handout, now)),
            Ok((Answer::None(refusal), _)) => Err(words::refusal(&account.spec.name, &refusal)),
            Err(_) => Err(words::no_such_account(&account.spec.name)),
        }
    }

    /// What the account sends requests with: known once its vault item has been read.
    async fn sender(&self, account: &Sound) -> Result<client::Sender, KeeperError> {
        let sender = ask(&account.inbox, Message::Sender);
        match tokio::time::timeout(CALL_LIMIT, sender).await {
            Ok(Some(sender)) => Ok(sender),
            Ok(None) => Err(words::no_such_account(&account.spec.name)),
            Err(_) => Err(self
                .vault_in_reach()
                .await
                .err()
                .unwrap_or_else(|| vault_error(&VaultError::TimedOut))),
        }
    }

    async fn vault_in_reach(&self) -> Result<(), KeeperError> {
        match self.inner.shared.vault.state().await {
            VaultState::Ready => Ok(()),
            VaultState::Locked => Err(vault_error(&VaultError::Locked)),
            VaultState::Absent(why) => Err(vault_error(&VaultError::Absent { why })),
        }
    }

    fn next_id(&self) -> u64 {
        self.inner.next_id.fetch_add(1, Ordering::Relaxed)
    }

    fn refuse_when_quitting(&self) -> Result<(), KeeperError> {
        if self.inner.quitting.load(Ordering::SeqCst) {
            return Err(KeeperError::new(
                ErrorKind::Quitting,
                "The keeper is shutting down. Start it again and repeat this.",
            ));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

impl Inner {
    fn inboxes(&self) -> Vec<Inbox> {
        let accounts = lock(&self.accounts);
        let inboxes = accounts.values().filter_map(|kept| match kept {
            Kept::Sound { inbox, .. } => Some(inbox.clone()),
            Kept::Broken(_) => None,
        });
        inboxes.collect()
    }

    fn tell_all(&self, event: MachineEvent) {
        for inbox in self.inboxes() {
            inbox.send(Message::Machine(event));
        }
    }

    /// The pace that the accounts of one client share.
    fn pacing(&self, spec: &Spec) -> Arc<Pacing> {
        let key = spec.client_key();
        let mut paces = lock(&self.paces);
        let pacing = paces.entry(key.clone()).or_insert_with(|| {
            let before = self.paces_before.get(&key).cloned().unwrap_or_default();
            Pacing::start(
                key,
                spec.provider.quota,
                &before,
                self.shared.recorder.journal.clone(),
            )
        });
        Arc::clone(pacing)
    }
}

/// Withdraws a reader whose asker went away before it was answered.
struct Withdrawal {
    inbox: Option<Inbox>,
    id: ReaderId,
}

impl Drop for Withdrawal {
    fn drop(&mut self) {
        if let Some(inbox) = self.inbox.take() {
            inbox.send(Message::Left(self.id));
        }
    }
}

/// Tells an account's task something that it answers.
fn start_asking<T>(
    inbox: &Inbox,
    message: impl FnOnce(oneshot::Sender<T>) -> Message,
) -> oneshot::Receiver<T> {
    let (answer, answered) = oneshot::channel();
    inbox.send(message(answer));
    answered
}

/// Asks an account's task something; none where it is gone.
async fn ask<T>(inbox: &Inbox, message: impl FnOnce(oneshot::Sender<T>) -> Message) -> Option<T> {
    start_asking(inbox, message).await.ok()
}

async fn view_of(inbox: &Inbox) -> Option<AccountView> {
    ask(inbox, Message::View).await
}

/// Opens the journal, or one in memory where there can be none on the disk: losing it loses no account.
fn open_journal(home: &Home) -> Result<(Journal, Vec<String>), JournalError> {
    let (journal, problem) = match Journal::open(&home.journal_file(), Now::read().wall) {
        Ok((journal, replaced)) => (journal, replaced.map(|replaced| replaced.to_string())),
        Err(error) => (Journal::memory()?, Some(error.to_string())),
    };
    let problems: Vec<String> = problem
        .iter()
        .map(|problem| words::in_a_sentence(problem))
        .collect();
    for problem in &problems {
        tracing::error!("{problem}");
    }
    Ok((journal, problems))
}

/// Looks at the clocks every now and then, for as long as there is a keeper.
async fn watch_clocks(inner: Weak<Inner>) {
    let mut before = watch::Look::now();
    loop {
        tokio::time::sleep(watch::PERIOD).await;
        let Some(inner) = inner.upgrade() else { return };
        let look = watch::Look::now();
        for event in look.since(before) {
            tracing::info!(?event, "the machine's time changed");
            inner.tell_all(event);
        }
        before = look;
    }
}

/// Tells listeners of new lines in the journal, for as long as there is a keeper.
async fn follow_journal(journal: Journal, inner: Weak<Inner>) {
    let mut last = journal.last_id();
    let mut told = *last.borrow_and_update();
    while last.changed().await.is_ok() {
        let newest = *last.borrow_and_update();
        let Some(inner) = inner.upgrade() else { return };
        if inner.shared.recorder.listeners.receiver_count() == 0 {
            told = newest;
            continue;
        }
        let query = journal::Query {
            account: None,
            after: Some(told),
            limit: LINES_AT_ONCE,
        };
        // A journal that cannot be read says so itself.
        for entry in journal.read(query).await.unwrap_or_default() {
            told = told.max(entry.id);
            inner.shared.recorder.tell(Happening::Journal(line(entry)));
        }
    }
}

fn line(entry: journal::Entry) -> JournalLine {
    let mut detail = entry.event.detail;
    let message = detail.get_mut("message").map(serde_json::Value::take);
    if let Some(particulars) = detail.as_object_mut() {
        particulars.remove("message");
    }
    JournalLine {
        id: entry.id,
        at: entry.event.at,
        account: entry.event.account,
        kind: entry.event.kind,
        message: message
            .and_then(|message| message.as_str().map(str::to_owned))
            .unwrap_or_default(),
        detail,
    }
}

fn given(id: ReaderId, handout: Handout, now: Now) -> GivenToken {
    GivenToken {
        fingerprint: handout.access_token.fingerprint(),
        access_token: handout.access_token,
        expires_at: now.wall_at(handout.expires_at),
        expires_in: now.tick.until(handout.expires_at),
        expiry_assumed: handout.expiry_assumed,
        scope: handout.scope,
        unsaved: handout.unsaved,
        lease: handout.lease_until.map(|until: Tick| GivenLease {
            id: id.0,
            until: now.wall_at(until),
        }),
    }
}

fn configured(new: &NewAccount) -> config::Account {
    config::Account {
        provider: new.provider.clone(),
        server: new.server.as_ref().map(ToString::to_string),
        client_id: new.client_id.clone(),
        grant: new.grant,
        redirect_uri: new.redirect_uri.as_ref().map(ToString::to_string),
    }
}

/// Whether what the grant needs is there.
fn check_credentials(spec: &Spec, credentials: &Credentials) -> Result<(), KeeperError> {
    let missing = |secret: &Option<secrecy::SecretString>| {
        secret
            .as_ref()
            .is_none_or(|secret| secret.expose_secret().trim().is_empty())
    };
    match spec.grant {
        Grant::Jwt if missing(&credentials.assertion) => Err(KeeperError::invalid(
            "assertion",
            "The JWT credential is missing. Create one in the provider's console and give it along.",
        )),
        Grant::Jwt if missing(&credentials.client_secret) => Err(KeeperError::invalid(
            "client_secret",
            "The client secret is missing: a JWT is accepted only from a client that shows one.",
        )),
        Grant::Jwt => Ok(()),
        Grant::Code => match spec.authorization_request(credentials) {
            Ok(_) => Ok(()),
            Err(error) => Err(KeeperError::invalid(
                "redirect_uri",
                words::in_a_sentence(&error.to_string()),
            )),
        },
    }
}

fn vault_error(error: &VaultError) -> KeeperError {
    KeeperError::new(
        ErrorKind::VaultUnavailable,
        words::in_a_sentence(&error.to_string()),
    )
}

fn config_error(error: &ConfigError) -> KeeperError {
    KeeperError::new(
        ErrorKind::ConfigUnavailable,
        words::in_a_sentence(&error.to_string()),
    )
}

fn sign_in_error(message: &str) -> KeeperError {
    KeeperError::new(ErrorKind::SignInFailed, words::in_a_sentence(message))
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

/// Whether an account has a token that lives.
impl AccountView {
    /// Whether a living token is held that nobody has to worry about.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.state == State::Fresh
    }
}
