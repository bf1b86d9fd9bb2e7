//! The durable record of what happened, without secrets; also which notices have been given,
//! and the pace of each client, so that a restart neither repeats nor storms.
//!
//! The journal is history: losing it loses no account. It is written on a thread of its own.

mod database;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

use crate::worker::{BrokenOff, Worker};
use database::Database;

/// How long entries are kept.
pub const KEPT_FOR: TimeDelta = TimeDelta::days(90);

/// How many entries are kept at most.
pub const KEPT_ENTRIES: i64 = 50_000;

/// Under what notices about the keeper as a whole are remembered, for ever. An account's name cannot be empty, so
/// this is none.
pub const KEEPER: &str = "";

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When, in wall-clock time; kept to the millisecond.
    pub at: DateTime<Utc>,
    /// The account that it is about, if any.
    pub account: Option<String>,
    /// What kind of thing it is, in one word of the program's own.
    pub kind: String,
    /// The rest, for people and programs. Never a secret.
    pub detail: Value,
}

/// An event as the journal has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Counts up; no two entries ever have the same.
    pub id: i64,
    /// What happened.
    pub event: Event,
}

/// Which entries to read. They come oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only those of this account.
    pub account: Option<String>,
    /// Only those after this id, from there on. Without it, the newest.
    pub after: Option<i64>,
    /// How many at most.
    pub limit: usize,
}

/// A client's recent token requests: what pacing has to know after a restart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pace {
    /// When the requests within the window were sent; kept to the millisecond.
    pub recent: Vec<DateTime<Utc>>,
    /// The provider asked for no request before this.
    pub pause_until: Option<DateTime<Utc>>,
    /// What the provider taught about its quota.
    pub learned: Learned,
}

/// What a provider taught about its quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// What it announced.
    pub announced: Option<Rate>,
    /// The pace at which it refused, where no quota was known.
    pub met: Option<Rate>,
    /// How far the pace was cut, while it is not whole again.
    pub cut: Option<Cut>,
}

/// So many requests in such a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// This many …
    pub requests: u32,
    /// … in this time, in milliseconds.
    pub window_ms: u64,
}

/// The pace was cut.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// To this part of the whole …
    pub share: f64,
    /// … at this time.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub at: DateTime<Utc>,
}

/// A journal that could not be read was put aside and another begun. Worth telling the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the journal could not be read ({why}). It was moved to {moved_to} and a new one begun; accounts and tokens are not affected, but notices already given may come once more"
)]
pub struct Replaced {
    /// What was wrong with it.
    pub why: String,
    /// Where it is now.
    pub moved_to: PathBuf,
}

/// Why the journal could not do what it was asked. No account is affected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The journal's file cannot be opened, or a damaged one cannot be moved aside.
    #[error(
        "the journal {path} cannot be opened ({why}). Tokens are kept all the same, but what happens is only remembered until the keeper ends; check that its folder can be written and has space, and start the keeper again"
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        why: String,
    },
    /// A read or write failed.
    #[error(
        "the journal cannot be used just now ({why}). Tokens are kept all the same, but what happens is not recorded; check that there is space on the disk"
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
    shared: Arc<Shared>,
}

struct Shared {
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
    /// Opens the journal, or begins one. One that cannot be read, because it is damaged or a
    /// newer program wrote it, is moved aside. Blocks while it does so: call it at the start.
    ///
    /// # Errors
    /// When there can be no journal at this path; [`Journal::memory`] can stand in.
    pub fn open(path: &Path, now: DateTime<Utc>) -> Result<(Self, Option<Replaced>), JournalError> {
        let (database, replaced) = Database::open(path, now)?;
        Ok((Self::over(database)?, replaced))
    }

    /// A journal that is gone when the process ends.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn memory() -> Result<Self, JournalError> {
        Self::over(Database::memory()?)
    }

    fn over(database: Database) -> Result<Self, JournalError> {
        let last_id = database.last_id()?;
        Ok(Self {
            shared: Arc::new(Shared {
                database: Worker::start("journal", database, |_| ()),
                last_id,
                failure: watch::Sender::new(None),
            }),
        })
    }

    /// Records an entry, after those recorded before it. Does not wait: a failure shows in
    /// [`Journal::failure`] and stops nothing.
    pub fn append(&self, entry: Entry) {
        // Whether it is written shows in the failure; nobody waits for it.
        drop(self.write(move |database| database.append(&entry)));
    }

    /// Reads entries, those included that were appended before this was called.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(&self, query: Query) -> Result<Vec<Entry>, JournalError> {
        self.shared
            .database
            .ask(move |database| Ok(database.read(&query)?))
            .await?
    }

    /// The id of the newest entry that was there when the journal was opened. Later ones have greater ids, which
    /// whoever appends them chooses.
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

    /// Remembers that this notice was given, and tells whether that is new; to do so twice is no error.
    ///
    /// # Errors
    /// When it cannot be written: it may then be given once more after a restart.
    pub fn mark_given(
        &self,
        account: &str,
        key: &str,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<bool, JournalError>> + Send + use<> {
        let (account, key) = (account.to_owned(), key.to_owned());
        self.write(move |database| database.mark_given(&account, &key, at))
    }

    /// Forgets which notices were given for this account: it was removed, or signed in anew.
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
    pub async fn load_pace(&self) -> Result<BTreeMap<String, Pace>, JournalError> {
        self.shared
            .database
            .ask(|database| Ok(database.load_pace()?))
            .await?
    }

    /// Saves a client's pace. It is on the disk when the future is done.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_pace(
        &self,
        client: &str,
        pace: Pace,
    ) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        let client = client.to_owned();
        self.write(move |database| database.save_pace(&client, &pace))
    }

    /// Returns when all that was asked for before is done: before an orderly quit.
    pub async fn flush(&self) {
        // A thread that is gone has nothing left to write.
        let _ = self.shared.database.call(|_| ()).await;
    }

    /// Queues a write at once, so that writes are made in the order in which they were asked for,
    /// whether anybody waits for them or not.
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

impl Shared {
    /// Says so once when writing begins to fail, and once when it works again.
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
