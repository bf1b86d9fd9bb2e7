//! Reads the journal, and opens it.

use super::Keeper;
use super::api::JournalQuery;
use super::error::{ErrorKind, KeeperError};
use super::news::{JournalLine, What};
use crate::clock;
use crate::home::Home;
use crate::journal::{self, Journal, JournalError};

impl Keeper {
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
        let entries = self.inner.shared.announcer.journal().read(query).await;
        let entries = entries
            .map_err(|error| KeeperError::new(ErrorKind::StorageUnavailable, error.to_string()))?;
        Ok(entries.into_iter().map(line).collect())
    }

    /// Whether this is the first time ever that the notice `key` is given about the keeper as a whole. Remembers it. If it
    /// cannot be remembered, returns false, so that the notice is not repeated at every start.
    pub async fn is_first_time(&self, key: &str) -> bool {
        let journal = &self.inner.shared.announcer.journal();
        journal
            .mark_given(journal::KEEPER, key, clock::now().wall)
            .await
            .unwrap_or(false)
    }
}

/// Opens the journal, or one in memory if there can be none on the disk. No account depends on it.
pub(super) fn open_journal(home: &Home) -> Result<(Journal, Vec<String>), JournalError> {
    let (journal, problem) = match Journal::open(&home.journal_file(), clock::now().wall) {
        Ok((journal, replaced)) => (journal, replaced.map(|replaced| replaced.to_string())),
        Err(error) => (Journal::memory()?, Some(error.to_string())),
    };
    let problems: Vec<String> = problem.into_iter().collect();
    for problem in &problems {
        tracing::error!("{problem}");
    }
    Ok((journal, problems))
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
        message: message
            .and_then(|message| message.as_str().map(str::to_owned))
            .unwrap_or_default(),
        what: What::read(entry.event.kind, detail),
    }
}
