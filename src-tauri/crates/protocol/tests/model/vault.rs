//! The keychain: what of the accounts survives a crash.
//!
//! It holds wall-clock times, as the real one does, so that a clock that is set makes them wrong.

use std::collections::VecDeque;
use std::time::Duration;

use tokenkeep_protocol::account::{AttemptId, End, Pending, Record, TokenSet, Verdict};
use tokenkeep_protocol::clock::{Now, Tick};

/// How many writes may be undone by a power cut.
const REMEMBERED: usize = 8;

/// A record as it is stored: every moment on the wall clock as it was set then.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    record: Record,
    written: Now,
}

impl Item {
    /// Converts a record on its way to the vault.
    pub(crate) fn of(record: Record, now: Now) -> Self {
        Self {
            record,
            written: now,
        }
    }

    /// Converts it back on its way from the vault.
    pub(crate) fn read(&self, now: Now) -> Record {
        let at = |tick: Tick| now.tick_at(self.written.wall_at(tick));
        let end = |end: End| End {
            at: at(end.at),
            ..end
        };
        Record {
            generation: self.record.generation,
            tokens: self.record.tokens.clone().map(|set| TokenSet {
                issued_at: at(set.issued_at),
                expires_at: at(set.expires_at),
                refresh_expires_at: set.refresh_expires_at.map(end),
                session_expires_at: set.session_expires_at.map(end),
                ..set
            }),
            pending: self.record.pending.map(|pending| Pending {
                sent_at: at(pending.sent_at),
                ..pending
            }),
            verdict: self.record.verdict.clone().map(|verdict| Verdict {
                at: at(verdict.at),
                ..verdict
            }),
            refresh_rejected: self.record.refresh_rejected,
            refused: self.record.refused.map(at),
        }
    }

    /// By how many milliseconds the wall clock was set since this was written.
    pub(crate) fn off_by(&self, now: Now) -> i64 {
        now.tick_at(self.written.wall).as_millis() - self.written.tick.as_millis()
    }

    /// The access token that it holds.
    pub(crate) fn access(&self) -> Option<&str> {
        self.record
            .tokens
            .as_ref()
            .map(|set| set.access_token.expose())
    }

    /// The refresh token that it holds.
    pub(crate) fn refresh(&self) -> Option<&str> {
        let set = self.record.tokens.as_ref()?;
        set.refresh_token.as_ref().map(|token| token.expose())
    }

    /// Whether it says that the provider refused its refresh token.
    pub(crate) fn is_refresh_rejected(&self) -> bool {
        self.record.refresh_rejected
    }

    /// Whether it says that an API refused its access token.
    pub(crate) fn is_refused(&self) -> bool {
        self.record.refused.is_some()
    }

    /// Whether it says what only a person can mend.
    pub(crate) fn has_verdict(&self) -> bool {
        self.record.verdict.is_some()
    }

    pub(crate) fn generation(&self) -> u64 {
        self.record.generation
    }

    /// The attempt that it marks as on its way.
    pub(crate) fn pending(&self) -> Option<AttemptId> {
        self.record.pending.map(|pending| pending.attempt)
    }
}

/// A write that was handed to the vault's thread.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) account: usize,
    /// `None` deletes the item.
    pub(crate) item: Option<Item>,
    pub(crate) at: Tick,
}

/// The keychain: one item an account, one call at a time.
#[derive(Debug, Default)]
pub(crate) struct Vault {
    items: Vec<Option<Item>>,
    /// Those that will take place, in order.
    writes: VecDeque<Write>,
    /// Those that took place of late, and what they replaced: a power cut may undo them.
    recent: VecDeque<(Tick, usize, Option<Item>)>,
    pub(crate) busy_until: Option<Tick>,
}

impl Vault {
    pub(crate) fn item(&self, account: usize) -> Option<&Item> {
        self.items.get(account)?.as_ref()
    }

    /// The keychain's thread will have written this by `write.at`.
    pub(crate) fn will_write(&mut self, write: Write) {
        self.writes.push_back(write);
    }

    /// When the next write takes place.
    pub(crate) fn next_write(&self) -> Option<Tick> {
        self.writes.front().map(|write| write.at)
    }

    /// Carries out what was to be written by `now`.
    pub(crate) fn write_due(&mut self, now: Tick) {
        while self.next_write().is_some_and(|at| at <= now) {
            self.write_next();
        }
    }

    /// The keeper died: the first `survive` of its calls had reached the keychain.
    pub(crate) fn crash(&mut self, survive: usize) {
        for _ in 0..survive.min(self.writes.len()) {
            self.write_next();
        }
        self.writes.clear();
        self.busy_until = None;
    }

    pub(crate) fn waiting(&self) -> usize {
        self.writes.len()
    }

    /// The power fails: what was written in the last `time` never reached the disk, although it was
    /// said to be written. The accounts whose items that changes.
    pub(crate) fn lose_recent(&mut self, time: Duration, now: Tick) -> Vec<usize> {
        let mut lost = Vec::new();
        while let Some((at, account, before)) = self.recent.pop_back() {
            if now.since(at) > time {
                self.recent.push_back((at, account, before));
                break;
            }
            self.items[account] = before;
            lost.push(account);
        }
        lost
    }

    fn write_next(&mut self) {
        let Some(write) = self.writes.pop_front() else {
            return;
        };
        if self.items.len() <= write.account {
            self.items.resize_with(write.account + 1, || None);
        }
        let before = std::mem::replace(&mut self.items[write.account], write.item);
        self.recent.push_back((write.at, write.account, before));
        if self.recent.len() > REMEMBERED {
            self.recent.pop_front();
        }
    }
}
