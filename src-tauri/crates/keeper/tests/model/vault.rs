//! What survives a crash: the vault's items, and the keeper's database.
//!
//! Both hold wall-clock times, as the real ones do, so that a clock that is set makes them wrong.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use tokenkeep_keeper::account::{
    AttemptId, Class, End, Lapse, NoticeKey, Pending, Record, TokenSet,
};
use tokenkeep_keeper::clock::{Now, Tick};
use tokenkeep_keeper::pace::Sent;

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
                sent_at: at(set.sent_at),
                expires_at: at(set.expires_at),
                refresh_expires_at: set.refresh_expires_at.map(end),
                session_expires_at: set.session_expires_at.map(end),
                ..set
            }),
            pending: self.record.pending.map(|pending| Pending {
                sent_at: at(pending.sent_at),
                ..pending
            }),
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

    fn write_next(&mut self) {
        let Some(write) = self.writes.pop_front() else {
            return;
        };
        if self.items.len() <= write.account {
            self.items.resize_with(write.account + 1, || None);
        }
        self.items[write.account] = write.item;
    }
}

/// The database: notices given and pacing. It is written at once.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    told: Vec<Vec<Told>>,
    paces: Vec<StoredPace>,
}

#[derive(Clone, Debug)]
struct Told {
    key: NoticeKey,
    lapses: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Default)]
struct StoredPace {
    sent: Vec<(DateTime<Utc>, usize, Class)>,
    /// Until when, and when that was noted.
    pause: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Disk {
    pub(crate) fn note_told(&mut self, account: usize, key: NoticeKey, now: Now) {
        if self.told.len() <= account {
            self.told.resize_with(account + 1, Vec::new);
        }
        let lapses = match key {
            NoticeKey::LapseAhead { lapse, .. } => Some(now.wall_at(lapse.at)),
            NoticeKey::About(..) => None,
        };
        self.told[account].push(Told { key, lapses });
    }

    pub(crate) fn told(&self, account: usize, now: Now) -> Vec<NoticeKey> {
        let told = self.told.get(account).into_iter().flatten();
        told.map(|told| match (told.key, told.lapses) {
            (NoticeKey::LapseAhead { lapse, lead }, Some(at)) => NoticeKey::LapseAhead {
                lapse: Lapse {
                    at: now.tick_at(at),
                    ..lapse
                },
                lead,
            },
            (key, _) => key,
        })
        .collect()
    }

    pub(crate) fn note_pace(
        &mut self,
        client: usize,
        sent: &[Sent<usize>],
        pause_until: Option<Tick>,
        now: Now,
    ) {
        if self.paces.len() <= client {
            self.paces.resize_with(client + 1, StoredPace::default);
        }
        self.paces[client] = StoredPace {
            sent: sent
                .iter()
                .map(|sent| (now.wall_at(sent.at), sent.account, sent.class))
                .collect(),
            pause: pause_until.map(|until| (now.wall_at(until), now.wall)),
        };
    }

    /// What a new keeper begins with. What lies in the future was written before the clock was set
    /// back: it counts from now.
    pub(crate) fn pace(&self, client: usize, now: Now) -> (Vec<Sent<usize>>, Option<Tick>) {
        let Some(stored) = self.paces.get(client) else {
            return (Vec::new(), None);
        };
        let sent = stored.sent.iter().map(|(at, account, class)| Sent {
            at: now.tick_at(*at).min(now.tick),
            account: *account,
            class: *class,
        });
        let pause = stored.pause.map(|(until, noted)| {
            let ahead = now.tick_at(noted).since(now.tick);
            now.tick_at(until) - ahead
        });
        (sent.collect(), pause)
    }

    /// Forgets the notices given, to be noted again.
    pub(crate) fn forget_told(&mut self) {
        self.told.clear();
    }
}
