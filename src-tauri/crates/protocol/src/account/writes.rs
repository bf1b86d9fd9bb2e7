//! The writes to the vault: which are out, which failed and are tried again, and what the vault was told of a refresh.

use super::ids::SaveId;
use super::record::Pending;
use super::schedule;
use crate::clock::Tick;
use crate::when::When;

/// The writes to the vault.
#[derive(Debug, Default)]
pub(super) struct Writes {
    last: u64,
    /// How many were not answered yet.
    unanswered: u32,
    /// What the vault was last told of a refresh on its way.
    mark: Option<Pending>,
    /// The write of that mark that is out.
    marking: Option<SaveId>,
    /// Of the set that was received and is not current yet.
    arrival: Option<Write>,
    /// Of the current set, which is served though the vault does not hold it.
    unsaved: Option<Write>,
    /// The clock was set: the vault holds times of before until a write from this one on succeeds.
    stale: Option<(SaveId, Write)>,
    trouble: Option<Trouble>,
}

/// A write that is tried until it succeeds.
#[derive(Debug)]
struct Write {
    /// The write that is out; none while a failed one is waited out.
    save: Option<SaveId>,
    retry_at: Tick,
    failures: u32,
}

/// The vault could not be read, or could not mark a refresh.
#[derive(Debug)]
struct Trouble {
    message: String,
    failed_at: Tick,
    retry_at: Tick,
    failures: u32,
}

/// What a finished write was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// The mark of a refresh; it succeeded or not.
    Mark,
    /// The set that was received is in the vault.
    Arrival,
    /// The current set, which was unsaved, is in the vault.
    Unsaved,
    /// Nothing that anything waits for, or a write that failed and is tried again.
    Nothing,
}

impl Writes {
    /// What the vault holds of a refresh on its way was read from it.
    pub(super) fn restored(&mut self, mark: Option<Pending>) {
        self.mark = mark;
        self.trouble = None;
    }

    /// Names the next write, which is out from now on.
    pub(super) fn begin(&mut self) -> SaveId {
        self.last += 1;
        self.unanswered += 1;
        SaveId(self.last)
    }

    /// A write finished.
    pub(super) fn finished(&mut self, save: SaveId, ok: bool, now: Tick, seed: u64) -> Written {
        self.unanswered = self.unanswered.saturating_sub(1);
        self.stale_finished(save, ok, now, seed);
        if self.marking == Some(save) {
            self.marking = None;
            return Written::Mark;
        }
        let waiting = [
            (&mut self.arrival, Written::Arrival),
            (&mut self.unsaved, Written::Unsaved),
        ];
        for (slot, about) in waiting {
            let Some(write) = slot.as_mut().filter(|write| write.save == Some(save)) else {
                continue;
            };
            if ok {
                *slot = None;
                return about;
            }
            write.failed(now, seed);
            return Written::Nothing;
        }
        Written::Nothing
    }

    /// Whatever was written since the clock was set holds the right times.
    fn stale_finished(&mut self, save: SaveId, ok: bool, now: Tick, seed: u64) {
        let Some((_, write)) = self.stale.as_mut().filter(|(since, _)| *since <= save) else {
            return;
        };
        if ok {
            self.stale = None;
        } else if write.save == Some(save) {
            write.failed(now, seed);
        }
    }

    /// A refresh is about to go out, and the vault is to know of it by this write.
    pub(super) fn marks(&mut self, pending: Pending) -> SaveId {
        self.mark = Some(pending);
        let save = self.begin();
        self.marking = Some(save);
        save
    }

    pub(super) fn mark(&self) -> Option<Pending> {
        self.mark
    }

    /// Whether the vault is known to hold the mark.
    pub(super) fn is_marked(&self) -> bool {
        self.mark.is_some() && self.trouble.is_none()
    }

    /// There is no refresh on its way; whether the vault thinks that there is.
    pub(super) fn take_mark(&mut self) -> bool {
        self.mark.take().is_some()
    }

    /// A set was received, which is to be in the vault before anybody gets it.
    pub(super) fn arrived(&mut self) -> SaveId {
        let save = self.begin();
        self.arrival = Some(Write::under_way(save));
        save
    }

    /// The set that was received becomes the current one, saved or not.
    pub(super) fn adopted(&mut self) {
        self.unsaved = self.arrival.take();
        self.mark = None;
        self.trouble = None;
    }

    /// The vault holds the current set, by a write that was not about it; whether that is news.
    pub(super) fn all_saved(&mut self) -> bool {
        self.trouble = None;
        self.unsaved.take().is_some()
    }

    /// Whether the current set is served though the vault does not hold it.
    pub(super) fn is_unsaved(&self) -> bool {
        self.unsaved.is_some()
    }

    /// What is durable is written again by one write, because the clock was set that its times are in.
    pub(super) fn rewritten(&mut self) -> SaveId {
        let save = self.begin();
        self.stale = Some((save, Write::under_way(save)));
        if self.marking.is_some() {
            self.marking = Some(save);
        }
        for write in [&mut self.arrival, &mut self.unsaved].into_iter().flatten() {
            write.save = Some(save);
        }
        save
    }

    /// When a failed write is to be tried again.
    pub(super) fn retry(&self, now: Tick) -> When {
        let stale = self.stale.as_ref().map(|(_, write)| write);
        let all = [self.arrival.as_ref(), self.unsaved.as_ref(), stale];
        let retries = all.into_iter().flatten().map(|write| write.retry(now));
        retries.min().unwrap_or(When::Never)
    }

    /// Whatever is to be tried again now is in this one write.
    pub(super) fn retried(&mut self, now: Tick) -> SaveId {
        let save = self.begin();
        let stale = self.stale.as_mut().map(|(_, write)| write);
        let all = [self.arrival.as_mut(), self.unsaved.as_mut(), stale];
        for write in all.into_iter().flatten() {
            if write.retry(now).is_now() {
                write.save = Some(save);
            }
        }
        save
    }

    /// The vault could not be read, or could not mark a refresh.
    pub(super) fn failed(&mut self, message: String, now: Tick, seed: u64) {
        let failures = self.failures() + 1;
        self.trouble = Some(Trouble {
            message,
            failed_at: now,
            retry_at: now + schedule::save_back_off(failures, seed),
            failures,
        });
    }

    /// How often in a row the vault could not be read, or could not mark a refresh.
    pub(super) fn failures(&self) -> u32 {
        self.trouble.as_ref().map_or(0, |trouble| trouble.failures)
    }

    /// What the vault said when it failed.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble
            .as_ref()
            .map(|trouble| trouble.message.as_str())
    }

    /// When the vault is asked again that failed. With a reader waiting it is sooner.
    pub(super) fn rested(&self, readers_wait: bool, now: Tick) -> When {
        let retry_at = self.trouble.as_ref().map(|trouble| {
            let soon = trouble.failed_at + schedule::VAULT_WITH_READERS;
            if readers_wait {
                trouble.retry_at.min(soon)
            } else {
                trouble.retry_at
            }
        });
        When::after(retry_at, now)
    }

    /// The vault may be in reach again.
    pub(super) fn retry_now(&mut self, now: Tick) {
        if let Some(trouble) = &mut self.trouble {
            trouble.retry_at = now;
        }
    }

    /// Whether nothing is under way that a quitting keeper should wait for.
    pub(super) fn are_settled(&self) -> bool {
        self.unanswered == 0 && self.unsaved.is_none()
    }

    /// The account is gone: nothing is written any more.
    pub(super) fn forget(&mut self) {
        self.arrival = None;
        self.unsaved = None;
        self.stale = None;
    }
}

impl Write {
    fn under_way(save: SaveId) -> Self {
        Self {
            save: Some(save),
            retry_at: Tick::from_millis(i64::MIN),
            failures: 0,
        }
    }

    fn failed(&mut self, now: Tick, seed: u64) {
        self.failures += 1;
        self.save = None;
        self.retry_at = now + schedule::save_back_off(self.failures, seed);
    }

    /// When it is to be tried again.
    fn retry(&self, now: Tick) -> When {
        When::only_if(self.save.is_none()).and(When::from(self.retry_at, now))
    }
}
