//! The durable record of what happened, without secrets. It also holds which notices have been given and the pace of each
//! client, so that after a restart no notice is repeated and no quota exceeded.
//!
//! No account depends on the journal: if it is lost, only history is. It is written on a thread of its own.

mod database;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokenkeep_protocol::pace::Learned;
use tokio::sync::watch;

use crate::worker::{BrokenOff, Worker};
use database::Database;

/// How many days with entries are kept. Days on which nothing was recorded do not count, so that a clock which is wrong
/// once costs a day at most.
pub const KEPT_DAYS: i64 = 90;

/// How many entries are kept at most.
pub const KEPT_ENTRIES: i64 = 50_000;

/// How many notices are remembered at most, beside those about the keeper as a whole.
pub const KEPT_NOTICES: i64 = 10_000;

/// The name under which notices about the keeper as a whole are remembered, for ever. No account has it, because an
/// account's name cannot be empty.
pub const KEEPER: &str = "";

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    /// When, in wall-clock time; kept to the millisecond.
    pub at: DateTime<Utc>,
    /// The account that it is about, if any.
    pub account: Option<String>,
    /// Its kind, in one word.
    pub kind: String,
    /// The details, for people and programs. Never a secret.
    pub detail: Value,
}

/// An event as the journal has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// A number that counts up and is never used twice.
    pub id: i64,
    /// What happened.
    pub event: Occurrence,
}

/// Which entries to read. They come oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only those of this account.
    pub account: Option<String>,
    /// Only entries after this id, the oldest first. Without it, the newest entries.
    pub after: Option<i64>,
    /// How many at most.
    pub limit: usize,
}

/// A client's pace as it is stored: what has to be known of it after a restart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedPace {
    /// When the requests within the window were sent; kept to the millisecond.
    pub recent: Vec<DateTime<Utc>>,
    /// The provider asked for no request before this.
    pub pause_until: Option<DateTime<Utc>>,
    /// What the provider taught about its quota.
    pub learned: Learned<Milliseconds>,
}

/// A time that is stored in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Milliseconds(#[serde(with = "chrono::serde::ts_milliseconds")] pub DateTime<Utc>);

/// A journal that could not be read was moved aside, and a new one begun. The user should be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The journal could not be read ({why}). It was moved to {moved_to} and a new one begun. Accounts and tokens are not affected, but notices already given may come once more."
)]
pub struct ReplacedJournal {
    /// What was wrong with it.
    pub why: String,
    /// Where it is now.
    pub moved_to: PathBuf,
}

/// Why a call to the journal failed. No account is affected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The journal's file cannot be opened, or a damaged one cannot be moved aside.
    #[error(
        "The journal {path} cannot be opened ({why}). Tokens are kept all the same, but what happens is only remembered until the keeper ends. Check that its folder can be written and has space, and start the keeper again."
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        why: String,
    },
    /// A newer program wrote the journal; it is left as it is.
    #[error(
        "The journal {path} was written by a newer Tokenkeep (form {form}). It has been left as it is. Tokens are kept all the same, but what happens is only remembered until the keeper ends. Start that version again."
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The form that the newer program writes.
        form: u32,
    },
    /// A read or write failed.
    #[error(
        "The journal cannot be used just now ({why}). Tokens are kept all the same, but what happens is not recorded. Check that there is space on the disk."
    )]
    Failed {
        /// What was wrong.
        why: String,
    },
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed {
            why: error.to_string(),
        }
    }
}

impl From<BrokenOff> for JournalError {
    fn from(_: BrokenOff) -> Self {
        Self::Failed {
            why: "the call to its database broke off".to_owned(),
        }
    }
}

/// A handle to the journal. Clones share the one thread; it ends with the last of them.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<SharedJournal>,
}

struct SharedJournal {
    database: Worker<Database>,
    last_id: i64,
    failure: watch::Sender<Option<JournalError>>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Journal")
    }
}

impl Journal {
    /// Opens the journal, or creates it. A damaged journal is moved aside. This blocks, so call it at the start.
    ///
    /// # Errors
    /// When no journal can be opened at this path, or a newer program wrote it, whose it stays. [`Journal::memory`] can
    /// replace it.
    pub fn open(
        path: &Path,
        now: DateTime<Utc>,
    ) -> Result<(Self, Option<ReplacedJournal>), JournalError> {
        let (database, replaced) = Database::open(path, now)?;
        Ok((Self::over(database)?, replaced))
    }

    /// A journal in memory, lost when the process ends.
    ///
    /// # Errors
    /// When there is not enough memory.
    pub fn memory() -> Result<Self, JournalError> {
        Self::over(Database::memory()?)
    }

    fn over(database: Database) -> Result<Self, JournalError> {
        let last_id = database.last_id()?;
        Ok(Self {
            shared: Arc::new(SharedJournal {
                database: Worker::start("journal", database, |_| ()),
                last_id,
                failure: watch::Sender::new(None),
            }),
        })
    }

    /// Records an entry, in the order of the calls. Does not wait, and does not fail: [`Journal::failure`] tells why a write
    /// did.
    pub fn append(&self, entry: Entry) {
        // Nobody waits for the result; `failure` has it.
        drop(self.write(move |database| database.append(&entry)));
    }

    /// Reads entries, including all that were appended before this call.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(&self, query: Query) -> Result<Vec<Entry>, JournalError> {
        self.shared
            .database
            .ask(move |database| Ok(database.read(&query)?))
            .await?
    }

    /// The id of the newest entry when the journal was opened. The caller of [`Journal::append`] chooses the ids of later
    /// ones, which have to be greater.
    #[must_use]
    pub fn last_id(&self) -> i64 {
        self.shared.last_id
    }

    /// Why the last write failed; nothing while writes succeed.
    #[must_use]
    pub fn failure(&self) -> watch::Receiver<Option<JournalError>> {
        self.shared.failure.subscribe()
    }

    /// The keys of the notices that were given for this account.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn given(&self, account: &str) -> Result<Vec<String>, JournalError> {
        let account = account.to_owned();
        self.shared
            .database
            .ask(move |database| Ok(database.given(&account)?))
            .await?
    }

    /// Remembers that this notice was given, and returns whether that is new. Remembering it again is no error.
    ///
    /// # Errors
    /// When it cannot be written. The notice may then be given again after a restart.
    pub fn mark_given(
        &self,
        account: &str,
        key: &str,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<bool, JournalError>> + Send + use<> {
        let (account, key) = (account.to_owned(), key.to_owned());
        self.write(move |database| database.mark_given(&account, &key, at))
    }

    /// Forgets which notices were given for this account, because it was removed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn forget(
        &self,
        account: &str,
    ) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        let account = account.to_owned();
        self.write(move |database| database.forget(&account))
    }

    /// The pace of every client, by the key it was saved under.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load_pace(&self) -> Result<BTreeMap<String, SavedPace>, JournalError> {
        self.shared
            .database
            .ask(|database| Ok(database.load_pace()?))
            .await?
    }

    /// Saves a client's pace. When the future is done, it is on the disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_pace(
        &self,
        client: &str,
        pace: SavedPace,
    ) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        let client = client.to_owned();
        self.write(move |database| database.save_pace(&client, &pace))
    }

    /// Waits until everything that was asked for before is done, for an orderly quit.
    pub async fn flush(&self) {
        // If the thread is gone, there is nothing left to write.
        let _ = self.shared.database.call(|_| ()).await;
    }

    /// Queues a write at once, so that writes are made in the order of the calls, whether the caller waits for the future
    /// or drops it.
    fn write<T, W>(
        &self,
        write: W,
    ) -> impl Future<Output = Result<T, JournalError>> + Send + use<T, W>
    where
        T: Clone + Send + 'static,
        W: FnOnce(&mut Database) -> rusqlite::Result<T> + Send + 'static,
    {
        let shared = Arc::downgrade(&self.shared);
        let written = self.shared.database.call(move |database| {
            let outcome = write(database).map_err(JournalError::from);
            if let Some(shared) = shared.upgrade() {
                shared.report(outcome.clone().err());
            }
            outcome
        });
        async move { written.await? }
    }
}

impl SharedJournal {
    /// Logs once when writes begin to fail, and once when they succeed again.
    fn report(&self, failure: Option<JournalError>) {
        self.failure.send_if_modified(|current| {
            if *current == failure {
                return false;
            }
            match &failure {
                Some(error) => tracing::error!("{error}"),
                None => tracing::info!("the journal can be written again"),
            }
            *current = failure;
            true
        });
    }
}

#[cfg(test)]
mod tests;
