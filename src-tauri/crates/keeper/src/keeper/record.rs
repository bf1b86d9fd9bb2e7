//! Writes down what happens, and tells whoever listens.

use serde_json::json;
use tokio::sync::broadcast;

use super::durable;
use super::happening::Happening;
use super::words;
use crate::config::AccountName;
use crate::journal::{self, Journal};
use tokenkeep_protocol::account::{Entry, Notice, NoticeKey};
use tokenkeep_protocol::clock::Now;

/// Where what happens goes: journal and event stream.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    pub(super) journal: Journal,
    pub(super) listeners: broadcast::Sender<Happening>,
}

impl Recorder {
    /// Writes an entry of an account's heart to the journal.
    pub(super) fn record(&self, name: &AccountName, entry: &Entry, now: Now) {
        let (kind, message, mut detail) = words::entry(entry);
        tracing::info!(account = %name, kind, "{message}");
        if !detail.is_object() {
            detail = json!({});
        }
        detail["message"] = json!(message);
        self.append(name, kind, detail, now);
    }

    /// Tells the user, and remembers that they were told.
    pub(super) fn notify(&self, name: &AccountName, notice: &Notice, now: Now) {
        let view = words::notice(name, notice, now);
        tracing::warn!(account = %name, kind = view.kind, "{}: {}", view.title, view.body);
        let detail =
            json!({ "message": format!("{}. {}", view.title, view.body), "notice": view.kind });
        self.append(name, "notice", detail, now);
        self.remember(name, notice.key, now);
        self.tell(Happening::Notice(view));
    }

    /// Has the journal remember that a notice was given.
    pub(super) fn remember(&self, name: &AccountName, key: NoticeKey, now: Now) {
        let key = durable::key_text(key, now);
        // Where it cannot be remembered it may be given once more after a restart.
        drop(self.journal.mark_given(name.as_str(), &key, now.wall));
    }

    /// Whether anybody listens.
    pub(super) fn is_heard(&self) -> bool {
        self.listeners.receiver_count() > 0
    }

    /// Tells listeners.
    pub(super) fn tell(&self, happening: Happening) {
        // Nobody listening is no fault.
        let _ = self.listeners.send(happening);
    }

    fn append(&self, name: &AccountName, kind: &str, detail: serde_json::Value, now: Now) {
        self.journal.append(journal::Event {
            at: now.wall,
            account: Some(name.to_string()),
            kind: kind.to_owned(),
            detail,
        });
    }
}
