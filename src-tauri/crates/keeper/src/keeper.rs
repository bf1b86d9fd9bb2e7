//! The keeper: the engine that owns all accounts.
//!
//! [`Keeper`] is a handle, and its clones share one engine. Each account has a task (`task`) that runs its state machine
//! ([`tokenkeep_protocol::account`]) and carries out the effects. The accounts of one client share a pace (`pace_task`). What happens is
//! recorded in the journal and told to listeners (`announcer`, `news`).

mod accounts;
mod adopt;
mod announcer;
mod api;
mod client;
mod confirm;
mod durable;
mod ends_if_off;
mod error;
mod happening;
mod history;
mod inbox;
mod news;
mod pace_task;
mod sign_in;
mod standing;
mod task;
mod tokens;
mod view;
mod watch;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

pub use api::{
    AccountField, AccountLease, AccountView, DEFAULT_WAIT, GivenLease, GivenToken, JournalQuery,
    LapseView, LeaseView, NewAccount, Orphan, ReadRequest, RefusedToken, Removal, SignInStep,
    Status, Unconfirmed, VaultView, Visit,
};
pub use ends_if_off::{EndsIfOff, ends_if_off};
pub use error::{ErrorKind, KeeperError, in_words};
pub use happening::{Happening, Listener, NoticeView};
pub use news::{JournalLine, JournalNews, What};
pub use standing::{LAPSE_SHOWN, LEFT, Standing, Tone, lapse_ahead};
pub use tokens::HeldLease;

use crate::clock;
use crate::config::{AccountName, CLIPBOARD_CLEARED_AFTER, Config, ConfigError, SIGN_IN_LIMIT};
use crate::home::{Home, HomeError, Lock, LockError};
use crate::http::{HttpClient, HttpClientError};
use crate::journal::{JournalError, SavedPace};
use crate::vault::{HomeMark, Vault, VaultError, VaultState};
use announcer::Announcer;
use client::Spec;
use inbox::{Inbox, MachineEvent, Message};
use pace_task::{PaceTask, lock};
use sign_in::SignIns;
use task::Shared;

/// How long a quitting keeper waits for renewals and their saves.
const TIME_TO_QUIT: Duration = Duration::from_secs(10);

/// How long a quitting keeper waits for sessions to be ended at their providers.
const TIME_FOR_ERRANDS: Duration = Duration::from_secs(2);

/// A handle to the keeper.
#[derive(Clone)]
pub struct Keeper {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Shared,
    /// Changed only under this lock, together with the configuration file.
    config: tokio::sync::Mutex<Config>,
    accounts: Mutex<BTreeMap<AccountName, Kept>>,
    paces: Mutex<HashMap<String, Arc<PaceTask>>>,
    paces_before: BTreeMap<String, SavedPace>,
    sign_ins: Mutex<SignIns>,
    next_id: AtomicU64,
    problems: Vec<String>,
    quitting: AtomicBool,
    /// Held as long as the keeper exists: those of the home, and of its keychain items.
    _locks: [Lock; 2],
}

/// An account that is kept.
#[derive(Clone)]
enum Kept {
    /// One that works.
    Sound(Sound),
    /// One whose configuration cannot be used.
    Broken(Arc<AccountView>),
}

/// A working account.
#[derive(Clone)]
struct Sound {
    spec: Arc<Spec>,
    inbox: Inbox,
    pacing: Arc<PaceTask>,
}

/// Why the keeper cannot start.
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
    /// No HTTPS client can be set up.
    #[error(transparent)]
    Http(#[from] HttpClientError),
    /// Not even a journal in memory can be opened.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Keeper {
    /// Starts the keeper of `home`: takes its lock, reads its configuration, opens its journal, and
    /// starts a task per account.
    ///
    /// # Errors
    /// Where another keeper has this home, or something in it cannot be read. Nothing has changed then.
    pub async fn open(home: &Home, vault: Vault) -> Result<Self, OpenError> {
        home.create()?;
        let taken = Lock::take(home)?;
        let identity = home.identity()?;
        let locks = [taken, Lock::take_items(identity.id())?];
        let config = Config::load(&home.config_file())?;
        let http = HttpClient::new()?;
        let (journal, mut problems) = history::open_journal(home)?;
        problems.extend(config.unknown_keys().iter().map(ToString::to_string));
        let shared = Shared {
            http,
            vault,
            announcer: Announcer::new(journal.clone()),
            errands: TaskTracker::new(),
            home: HomeMark {
                id: identity.id().to_owned(),
                path: identity.folder().to_owned(),
            },
        };
        let configured = config.clone();
        let inner = Arc::new(Inner {
            shared,
            accounts: Mutex::default(),
            paces: Mutex::default(),
            paces_before: journal.load_pace().await.unwrap_or_default(),
            sign_ins: Mutex::new(SignIns::with_limit(
                config.settings().seconds(&SIGN_IN_LIMIT),
            )),
            // Begins with the time, so that a lease of an earlier run never has the id of one of this run.
            next_id: AtomicU64::new(clock::now().wall.timestamp_millis().unsigned_abs() << 10),
            problems,
            quitting: AtomicBool::new(false),
            config: tokio::sync::Mutex::new(config),
            _locks: locks,
        });
        let keeper = Self { inner };
        for (name, account) in configured.accounts() {
            keeper.keep(name, account, &configured).await;
        }
        tokio::spawn(watch::watch_machine(Arc::downgrade(&keeper.inner)));
        Ok(keeper)
    }

    /// How the keeper itself stands.
    pub async fn status(&self) -> Status {
        let vault = match self.inner.shared.vault.state().await {
            _ if self.inner.shared.vault.is_in_memory() => VaultView::MemoryOnly,
            VaultState::Ready => VaultView::Ready,
            VaultState::Locked => VaultView::Locked,
            VaultState::Absent(why) => VaultView::Absent(VaultError::Absent { why }.to_string()),
        };
        let mut problems = self.inner.problems.clone();
        let failure = self
            .inner
            .shared
            .announcer
            .journal()
            .failure()
            .borrow()
            .clone();
        problems.extend(failure.map(|error| error.to_string()));
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            vault,
            problems,
        }
    }

    /// How long a copied token stays in the clipboard.
    pub async fn clipboard_cleared_after(&self) -> Duration {
        let config = self.inner.config.lock().await;
        config.settings().seconds(&CLIPBOARD_CLEARED_AFTER)
    }

    /// Makes the keychain ask the person for its password. Call it only on that person's request.
    ///
    /// # Errors
    /// Where the keychain was not unlocked.
    pub async fn unlock(&self) -> Result<(), KeeperError> {
        self.inner
            .shared
            .vault
            .unlock()
            .await
            .map_err(|error| words::vault_error(&error))?;
        // Try again at once what the locked keychain made fail.
        self.inner.tell_all(MachineEvent::NetworkBack);
        Ok(())
    }

    /// Everything that happens from now on.
    #[must_use]
    pub fn listen(&self) -> Listener {
        self.inner.shared.announcer.listen()
    }

    /// Shuts the keeper down: begins nothing new, and waits up to ten seconds for renewals and their saves.
    pub async fn quit(&self) {
        self.inner.quitting.store(true, Ordering::SeqCst);
        for pacing in lock(&self.inner.paces).values() {
            pacing.stop();
        }
        let done: Vec<_> = self
            .inner
            .inboxes()
            .iter()
            .map(|(_, inbox)| start_asking(inbox, Message::Quit))
            .collect();
        let settled = async {
            for done in done {
                // A task that has ended has nothing left to do.
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
        self.inner.shared.announcer.journal().flush().await;
    }

    /// Whether it has been asked to quit.
    #[must_use]
    pub fn is_quitting(&self) -> bool {
        self.inner.quitting.load(Ordering::SeqCst)
    }

    fn sound(&self, name: &AccountName) -> Result<Sound, KeeperError> {
        self.refuse_when_quitting()?;
        match lock(&self.inner.accounts).get(name) {
            Some(Kept::Sound(account)) => Ok(account.clone()),
            Some(Kept::Broken(view)) => {
                let problem = view.problem.clone().unwrap_or_default();
                Err(KeeperError::new(ErrorKind::Misconfigured, problem))
            }
            None => Err(words::no_such_account(name)),
        }
    }

    fn next_id(&self) -> u64 {
        self.inner.next_id.fetch_add(1, Ordering::Relaxed)
    }

    fn refuse_when_quitting(&self) -> Result<(), KeeperError> {
        if self.is_quitting() {
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
    fn inboxes(&self) -> Vec<(AccountName, Inbox)> {
        let accounts = lock(&self.accounts);
        let inboxes = accounts.iter().filter_map(|(name, kept)| match kept {
            Kept::Sound(account) => Some((name.clone(), account.inbox.clone())),
            Kept::Broken(_) => None,
        });
        inboxes.collect()
    }

    fn tell_all(&self, event: MachineEvent) {
        for (_, inbox) in self.inboxes() {
            inbox.send(Message::Machine(event));
        }
        for pacing in lock(&self.paces).values() {
            pacing.look_again();
        }
    }

    /// The pace that the accounts of one client share.
    fn pacing(&self, spec: &Spec) -> Arc<PaceTask> {
        let key = spec.client_key();
        let mut paces = lock(&self.paces);
        let pacing = paces.entry(key.clone()).or_insert_with(|| {
            let before = self.paces_before.get(&key).cloned().unwrap_or_default();
            PaceTask::start(
                key,
                spec.provider.quota,
                &before,
                self.shared.announcer.journal().clone(),
            )
        });
        Arc::clone(pacing)
    }
}

/// Sends an account's task a message that it answers.
fn start_asking<T>(
    inbox: &Inbox,
    message: impl FnOnce(oneshot::Sender<T>) -> Message,
) -> oneshot::Receiver<T> {
    let (answer, answered) = oneshot::channel();
    inbox.send(message(answer));
    answered
}

/// Sends an account's task a message and waits for its answer; none if the task has ended.
async fn ask<T>(inbox: &Inbox, message: impl FnOnce(oneshot::Sender<T>) -> Message) -> Option<T> {
    start_asking(inbox, message).await.ok()
}

#[cfg(test)]
mod tests;
