//! Tells the journal, which records it, and all other listeners what happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokenkeep_oauth::{Problem, printable};
use tokenkeep_protocol::account::{News, Notice, NoticeKey};
use tokenkeep_protocol::clock::Now;
use tokio::sync::broadcast;

use super::durable;
use super::happening::{Happening, Listener};
use super::news::{JournalLine, JournalNews, What};
use super::words;
use crate::config::AccountName;
use crate::journal::{self, Journal};

/// How many happenings a slow listener can lag behind before it misses some.
const BACKLOG: usize = 1024;

/// Tells listeners what happens. Clones tell the same listeners.
#[derive(Clone, Debug)]
pub(super) struct Announcer {
    journal: Journal,
    listeners: broadcast::Sender<Happening>,
    /// The number of the journal's last line. Lines are numbered here, so that listeners need not wait for the disk.
    last_line: Arc<AtomicI64>,
}

impl Announcer {
    pub(super) fn new(journal: Journal) -> Self {
        let (listeners, _) = broadcast::channel(BACKLOG);
        let last_line = Arc::new(AtomicI64::new(journal.last_id()));
        Self {
            journal,
            listeners,
            last_line,
        }
    }

    /// The journal, which is one of the listeners.
    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Everything that happens from now on.
    pub(super) fn listen(&self) -> Listener {
        Listener::new(self.listeners.subscribe())
    }

    /// Tells what happened to an account.
    pub(super) fn news(&self, name: &AccountName, news: &News, now: Now) {
        let what = JournalNews::from(news);
        let message = words::news(news);
        let line = self.line(name, what, message, now);
        tracing::info!(account = %name, kind = line.kind(), "{}", line.message);
        self.record(line);
    }

    /// Tells the user, and remembers that they were told.
    pub(super) fn notify(&self, name: &AccountName, notice: &Notice, now: Now) {
        let view = words::notice(name, notice, now);
        tracing::warn!(account = %name, kind = ?view.kind, "{}: {}", view.title, view.body);
        let what = JournalNews::Notice { notice: view.kind };
        let message = format!("{}. {}", view.title, view.body);
        self.record(self.line(name, what, message, now));
        self.remember(name, notice.key, now);
        self.tell(Happening::Notice(view));
    }

    /// Makes the journal remember that a notice was given.
    pub(super) fn remember(&self, name: &AccountName, key: NoticeKey, now: Now) {
        let key = durable::key_text(key, now);
        // If this fails, the notice may be given again after a restart.
        drop(self.journal.mark_given(name.as_str(), &key, now.wall));
    }

    /// Whether anybody but the journal listens.
    pub(super) fn is_heard(&self) -> bool {
        self.listeners.receiver_count() > 0
    }

    /// Tells listeners other than the journal.
    pub(super) fn tell(&self, happening: Happening) {
        // It is no error if nobody listens.
        let _ = self.listeners.send(happening);
    }

    /// Tells that the session of an account, which was removed, may live on. What is about the account itself is forgotten
    /// with it, so this is about the keeper.
    pub(super) fn session_left(&self, name: &AccountName, problem: &Problem, now: Now) {
        let what = JournalNews::SessionLeft {
            problem: problem.kind,
        };
        let notice = words::session_left(name, problem);
        tracing::warn!(account = %name, "{}: {}", notice.title, notice.body);
        let message = format!("{}. {}", notice.title, notice.body);
        self.record(JournalLine {
            account: None,
            ..self.line(name, what, message, now)
        });
        self.tell(Happening::Notice(notice));
    }

    fn line(
        &self,
        name: &AccountName,
        what: JournalNews,
        message: String,
        now: Now,
    ) -> JournalLine {
        JournalLine {
            id: self.last_line.fetch_add(1, Ordering::Relaxed) + 1,
            at: now.wall,
            account: Some(name.to_string()),
            message: printable(&message).into_owned(),
            what: What::Known(what),
        }
    }

    fn record(&self, line: JournalLine) {
        let (kind, mut detail) = line.what.parts();
        detail["message"] = line.message.clone().into();
        self.journal.append(journal::Entry {
            id: line.id,
            event: journal::Occurrence {
                at: line.at,
                account: line.account.clone(),
                kind,
                detail,
            },
        });
        self.tell(Happening::News(line));
    }
}
