//! The journal's tables in SQLite.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    Entry, JournalError, KEEPER, KEPT_DAYS, KEPT_ENTRIES, KEPT_NOTICES, Occurrence, Query,
    ReplacedJournal, SavedPace,
};

/// The steps from an empty database to the current tables. `user_version` counts the steps that were taken. Add steps, but
/// never change released ones.
pub(super) const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE entries (
        id      INTEGER PRIMARY KEY AUTOINCREMENT,
        at      INTEGER NOT NULL, -- milliseconds since 1970, as everywhere here
        account TEXT,
        kind    TEXT NOT NULL,
        detail  TEXT NOT NULL     -- JSON
    ) STRICT;
    CREATE INDEX entries_by_account ON entries (account, id);
    CREATE INDEX entries_by_time ON entries (at);
    CREATE TABLE notices (
        account TEXT NOT NULL,
        key     TEXT NOT NULL,
        at      INTEGER NOT NULL,
        PRIMARY KEY (account, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE pace (
        client      TEXT PRIMARY KEY,
        recent      TEXT NOT NULL, -- JSON array of times
        pause_until INTEGER
    ) STRICT, WITHOUT ROWID;
",
    "ALTER TABLE pace ADD COLUMN learned TEXT NOT NULL DEFAULT '{}'; -- JSON object",
];

/// Old entries are deleted each time so many have been added.
const PRUNE_EVERY: i64 = 500;

const MILLISECONDS_A_DAY: i64 = 24 * 60 * 60 * 1000;

/// How long to wait for another program that has the file open, such as a backup.
const BUSY_LIMIT: Duration = Duration::from_secs(5);

pub(super) struct Database {
    pub(super) connection: Connection,
}

/// Why a file cannot be used as the journal.
enum Unfit {
    /// It is damaged.
    Unreadable(String),
    /// A newer program wrote it, in this form.
    Newer(u32),
    /// It may be intact, but cannot be opened.
    Unusable(rusqlite::Error),
}

impl From<rusqlite::Error> for Unfit {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => Self::Unreadable(error.to_string()),
            _ => Self::Unusable(error),
        }
    }
}

impl Database {
    /// Opens the journal at this path. One that cannot be read is moved aside.
    pub(super) fn open(
        path: &Path,
        now: DateTime<Utc>,
    ) -> Result<(Self, Option<ReplacedJournal>), JournalError> {
        let unusable = |why: String| JournalError::Unusable {
            path: path.to_path_buf(),
            why,
        };
        make_private(path).map_err(|error| unusable(error.to_string()))?;
        let (mut database, replaced) = match Self::open_sound(path) {
            Ok(database) => (database, None),
            Err(Unfit::Unusable(error)) => return Err(unusable(error.to_string())),
            Err(Unfit::Newer(form)) => return Err(newer(path, form)),
            Err(Unfit::Unreadable(why)) => {
                let moved_to =
                    move_aside(path, now).map_err(|error| unusable(format!("{why}; {error}")))?;
                make_private(path).map_err(|error| unusable(error.to_string()))?;
                let database = Self::open_sound(path).map_err(|unfit| match unfit {
                    Unfit::Unreadable(why) => unusable(why),
                    Unfit::Unusable(error) => unusable(error.to_string()),
                    Unfit::Newer(form) => newer(path, form),
                })?;
                (database, Some(ReplacedJournal { why, moved_to }))
            }
        };
        if let Err(error) = database.prune() {
            // The disk may be full. The journal can be read all the same, and perhaps written later.
            tracing::warn!(%error, "old entries of the journal could not be removed");
        }
        Ok((database, replaced))
    }

    pub(super) fn memory() -> rusqlite::Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        migrate(&mut connection, 0)?;
        Ok(Self { connection })
    }

    fn open_sound(path: &Path) -> Result<Self, Unfit> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_LIMIT)?;
        // Before anything that might write.
        let taken: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if taken > latest() {
            return Err(Unfit::Newer(taken));
        }
        // In kibibytes (negative). Only the last lines are read again, and the pages of the check below should not stay
        // in memory for weeks.
        connection.pragma_update(None, "cache_size", -256)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // So that a recorded notice or pause survives a power cut.
        connection.pragma_update(None, "synchronous", "FULL")?;
        let found: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
        if found != "ok" {
            return Err(Unfit::Unreadable(found));
        }
        migrate(&mut connection, taken)?;
        Ok(Self { connection })
    }

    pub(super) fn last_id(&self) -> rusqlite::Result<i64> {
        self.connection.query_row(
            // What it remembers outlasts the entries.
            "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'entries'",
            [],
            |row| row.get(0),
        )
    }

    pub(super) fn append(&mut self, entry: &Entry) -> rusqlite::Result<()> {
        let Entry { id, event } = entry;
        self.connection.execute(
            "INSERT INTO entries (id, at, account, kind, detail) VALUES (?, ?, ?, ?, ?)",
            params![
                id,
                event.at.timestamp_millis(),
                event.account,
                event.kind,
                event.detail.to_string()
            ],
        )?;
        if id % PRUNE_EVERY == 0 {
            self.prune()?;
        }
        Ok(())
    }

    /// Deletes what is too much. Its age counts from what was recorded, because the clock may be wrong just now.
    pub(super) fn prune(&mut self) -> rusqlite::Result<()> {
        self.connection.execute(
            "DELETE FROM entries WHERE id <= (SELECT max(id) FROM entries) - ?",
            [KEPT_ENTRIES],
        )?;
        let last_day_to_go: Option<i64> = self
            .connection
            .query_row(
                "SELECT DISTINCT at / ?1 AS day FROM entries ORDER BY day DESC LIMIT 1 OFFSET ?2",
                [MILLISECONDS_A_DAY, KEPT_DAYS],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(day) = last_day_to_go {
            let before = (day + 1) * MILLISECONDS_A_DAY;
            self.connection
                .execute("DELETE FROM entries WHERE at < ?", [before])?;
            // Notices of an account so old are about lapses that have passed.
            self.connection.execute(
                "DELETE FROM notices WHERE at < ? AND account <> ?",
                params![before, KEEPER],
            )?;
        }
        self.connection.execute(
            "DELETE FROM notices WHERE account <> ?1 AND at <
             (SELECT at FROM notices WHERE account <> ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)",
            params![KEEPER, KEPT_NOTICES - 1],
        )?;
        Ok(())
    }

    pub(super) fn read(&self, query: &Query) -> rusqlite::Result<Vec<Entry>> {
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let order = if query.after.is_some() { "ASC" } else { "DESC" };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT id, at, account, kind, detail FROM entries
             WHERE id > ?1 AND (?2 IS NULL OR account = ?2) ORDER BY id {order} LIMIT ?3"
        ))?;
        let mut entries = statement
            .query_map(
                params![query.after.unwrap_or(0), query.account, limit],
                entry,
            )?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        if query.after.is_none() {
            entries.reverse();
        }
        Ok(entries)
    }

    pub(super) fn given(&self, account: &str) -> rusqlite::Result<Vec<String>> {
        self.connection
            .prepare_cached("SELECT key FROM notices WHERE account = ? ORDER BY at, key")?
            .query_map([account], |row| row.get(0))?
            .collect()
    }

    pub(super) fn mark_given(
        &mut self,
        account: &str,
        key: &str,
        at: DateTime<Utc>,
    ) -> rusqlite::Result<bool> {
        let added = self.connection.execute(
            "INSERT INTO notices (account, key, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            params![account, key, at.timestamp_millis()],
        )?;
        Ok(added > 0)
    }

    pub(super) fn forget(&mut self, account: &str) -> rusqlite::Result<()> {
        self.connection
            .execute("DELETE FROM notices WHERE account = ?", [account])?;
        Ok(())
    }

    pub(super) fn load_pace(&self) -> rusqlite::Result<BTreeMap<String, SavedPace>> {
        self.connection
            .prepare_cached("SELECT client, recent, pause_until, learned FROM pace")?
            .query_map([], |row| {
                let recent: Vec<i64> = json(row, 1)?;
                let recent = recent
                    .into_iter()
                    .map(|at| time(1, at))
                    .collect::<Result<_, _>>()?;
                let pause_until = row
                    .get::<_, Option<i64>>(2)?
                    .map(|at| time(2, at))
                    .transpose()?;
                Ok((
                    row.get(0)?,
                    SavedPace {
                        recent,
                        pause_until,
                        learned: json(row, 3)?,
                    },
                ))
            })?
            .collect()
    }

    pub(super) fn save_pace(&mut self, client: &str, pace: &SavedPace) -> rusqlite::Result<()> {
        let recent: serde_json::Value =
            pace.recent.iter().map(DateTime::timestamp_millis).collect();
        self.connection.execute(
            "INSERT OR REPLACE INTO pace (client, recent, pause_until, learned) VALUES (?, ?, ?, ?)",
            params![
                client,
                recent.to_string(),
                pace.pause_until.map(|at| at.timestamp_millis()),
                serde_json::to_string(&pace.learned).unwrap_or_else(|_| "{}".to_owned())
            ],
        )?;
        Ok(())
    }
}

fn newer(path: &Path, form: u32) -> JournalError {
    JournalError::Newer {
        path: path.to_path_buf(),
        form,
    }
}

/// How many steps there are.
fn latest() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

fn migrate(connection: &mut Connection, taken: u32) -> rusqlite::Result<()> {
    for (number, step) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > taken) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        event: Occurrence {
            at: time(1, row.get(1)?)?,
            account: row.get(2)?,
            kind: row.get(3)?,
            detail: json(row, 4)?,
        },
    })
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}

fn time(column: usize, milliseconds: i64) -> rusqlite::Result<DateTime<Utc>> {
    DateTime::from_timestamp_millis(milliseconds).ok_or(rusqlite::Error::IntegralValueOutOfRange(
        column,
        milliseconds,
    ))
}

/// Creates the file readable for this user only, because it says what happens to the user's accounts. SQLite gives the
/// files beside the database the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Moves the database, and the files beside it, which a new database must not find.
fn move_aside(path: &Path, now: DateTime<Utc>) -> std::io::Result<PathBuf> {
    let suffixed = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let aside = format!(".damaged-{}", now.format("%Y%m%dT%H%M%S%3fZ"));
    for beside in ["-wal", "-shm"] {
        match std::fs::rename(suffixed(beside), suffixed(&format!("{aside}{beside}"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let moved_to = suffixed(&aside);
    std::fs::rename(path, &moved_to)?;
    Ok(moved_to)
}
