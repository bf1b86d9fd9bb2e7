//! The keeper's database: what of notices and pacing survives a crash. It is written at once.
//!
//! It holds wall-clock times, as the real one does, so that a clock that is set makes them wrong.

use chrono::{DateTime, Utc};
use tokenkeep_protocol::account::{Lapse, NoticeKey};
use tokenkeep_protocol::clock::Now;
use tokenkeep_protocol::pace::{Class, Cut, Learned, Remembered, Sent};

/// The database.
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
    learned: Learned,
    cut_at: Option<DateTime<Utc>>,
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

    pub(crate) fn note_pace(&mut self, client: usize, pace: Remembered<usize>, now: Now) {
        if self.paces.len() <= client {
            self.paces.resize_with(client + 1, StoredPace::default);
        }
        let sent = pace.sent.iter();
        self.paces[client] = StoredPace {
            sent: sent
                .map(|sent| (now.wall_at(sent.at), sent.account, sent.class))
                .collect(),
            pause: pace.pause_until.map(|until| (now.wall_at(until), now.wall)),
            cut_at: pace.learned.cut.map(|cut| now.wall_at(cut.at)),
            learned: pace.learned,
        };
    }

    /// What a new keeper begins with. What lies in the future was written before the clock was set
    /// back: it counts from now.
    pub(crate) fn pace(&self, client: usize, now: Now) -> Remembered<usize> {
        let Some(stored) = self.paces.get(client) else {
            return Remembered::default();
        };
        let sent = stored.sent.iter().map(|(at, account, class)| Sent {
            at: now.tick_at(*at).min(now.tick),
            account: *account,
            class: *class,
            used: true,
        });
        let pause = stored.pause.map(|(until, noted)| {
            let ahead = now.tick_at(noted).since(now.tick);
            now.tick_at(until) - ahead
        });
        let cut = stored.learned.cut.zip(stored.cut_at).map(|(cut, at)| Cut {
            at: now.tick_at(at).min(now.tick),
            ..cut
        });
        Remembered {
            sent: sent.collect(),
            pause_until: pause,
            learned: Learned {
                cut,
                ..stored.learned
            },
        }
    }

    /// Forgets the notices given, to be noted again.
    pub(crate) fn forget_told(&mut self) {
        self.told.clear();
    }
}
