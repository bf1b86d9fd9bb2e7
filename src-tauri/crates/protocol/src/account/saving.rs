//! What the vault is told, and what becomes of it: marks, received sets, and writes that failed.

use super::event::{Effect, Entry, Method, Record, SaveId, VaultFailure};
use super::schedule;
use super::{Account, Phase, Stale, VaultTrouble, Write};
use crate::clock::Tick;

impl Account {
    /// A write to the vault finished: that of a mark, of a received set, of one served unsaved, or one
    /// that nobody waits for.
    pub(super) fn saved(
        &mut self,
        save: SaveId,
        result: Result<(), VaultFailure>,
        now: Tick,
        fx: &mut Vec<Effect>,
    ) {
        self.writing = self.writing.saturating_sub(1);
        self.note_rewritten(save, result.is_ok(), now);
        if let Err(failure) = &result {
            fx.push(Effect::Journal(Entry::VaultFailed {
                message: failure.message.clone(),
            }));
        }
        match &mut self.phase {
            Phase::Marking { save: mark } if *mark == save => self.marked(result, now, fx),
            Phase::Saving(arrival) if arrival.write.save == Some(save) => match result {
                Ok(()) => self.adopt(true, now, fx),
                Err(_) => arrival.write.failed(now, self.policy.seed),
            },
            _ => self.saved_late(save, result.is_ok(), now, fx),
        }
    }

    fn marked(&mut self, result: Result<(), VaultFailure>, now: Tick, fx: &mut Vec<Effect>) {
        self.phase = Phase::Resting;
        match result {
            Ok(()) => {
                self.vault_problem = None;
                self.note_saved(fx);
                if !self.quitting {
                    self.send(Method::Refresh, now, fx);
                } else if self.unanswered.is_none() {
                    self.unmark(fx);
                }
            }
            Err(failure) => {
                let failures = self
                    .vault_problem
                    .as_ref()
                    .map_or(0, |trouble| trouble.failures)
                    + 1;
                let retry_at = now + schedule::save_back_off(failures, self.policy.seed);
                self.vault_problem = Some(VaultTrouble {
                    message: failure.message,
                    failed_at: now,
                    retry_at,
                    failures,
                });
                let urgent = self.doubt.is_some() || self.is_nearly_dead(now);
                if urgent && !self.quitting {
                    // Whatever is written next bears the mark.
                    self.send(Method::Refresh, now, fx);
                    return;
                }
                if self.unanswered.is_none() {
                    self.pending = None;
                }
                fx.push(Effect::LeaveUnused);
            }
        }
    }

    /// The refresh did not happen, for certain: after a crash it need not be replayed.
    pub(super) fn unmark(&mut self, fx: &mut Vec<Effect>) {
        if self.pending.take().is_some() {
            self.save(self.record(), fx);
        }
    }

    fn saved_late(&mut self, save: SaveId, ok: bool, now: Tick, fx: &mut Vec<Effect>) {
        let Some(unsaved) = self
            .unsaved
            .as_mut()
            .filter(|unsaved| unsaved.write.save == Some(save))
        else {
            return;
        };
        if ok {
            self.note_saved(fx);
        } else {
            unsaved.write.failed(now, self.policy.seed);
        }
    }

    /// The vault holds the current set.
    fn note_saved(&mut self, fx: &mut Vec<Effect>) {
        if self.unsaved.take().is_some() {
            self.vault_problem = None;
            fx.push(Effect::Journal(Entry::SavedLate {
                generation: self.generation,
            }));
        }
    }

    /// Tries failed writes again, and serves unsaved what was held back long enough.
    pub(super) fn retry_writes(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        if let Phase::Saving(arrival) = &self.phase {
            let ripe = arrival.write.is_ripe(now);
            if now >= arrival.received_at + schedule::UNSAVED_HOLD {
                self.adopt(false, now, fx);
            } else if ripe {
                let save = self.save(self.durable(), fx);
                if let Phase::Saving(arrival) = &mut self.phase {
                    arrival.write.save = Some(save);
                }
            }
        }
        if self
            .unsaved
            .as_ref()
            .is_some_and(|unsaved| unsaved.write.is_ripe(now))
        {
            let save = self.save(self.durable(), fx);
            if let Some(unsaved) = &mut self.unsaved {
                unsaved.write.save = Some(save);
            }
        }
        if self
            .stale
            .as_ref()
            .is_some_and(|stale| stale.write.is_ripe(now))
        {
            let save = self.save(self.durable(), fx);
            if let Some(stale) = &mut self.stale {
                stale.write.save = Some(save);
            }
        }
    }

    /// Writes what is durable again, because the wall clock that it is written in was set.
    pub(super) fn write_again(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Loading { .. } | Phase::Removed) {
            return;
        }
        let write = self.save(self.durable(), fx);
        self.stale = Some(Stale {
            since: write,
            write: Write {
                save: Some(write),
                ..Write::new(now)
            },
        });
        if let Phase::Marking { save } = &mut self.phase {
            *save = write;
        } else if let Phase::Saving(arrival) = &mut self.phase {
            arrival.write.save = Some(write);
        } else if let Some(unsaved) = &mut self.unsaved {
            unsaved.write.save = Some(write);
        }
    }

    /// Whatever was written since the clock was set holds the right times.
    fn note_rewritten(&mut self, save: SaveId, ok: bool, now: Tick) {
        let Some(stale) = self.stale.as_mut().filter(|stale| stale.since <= save) else {
            return;
        };
        if ok {
            self.stale = None;
        } else if stale.write.save == Some(save) {
            stale.write.failed(now, self.policy.seed);
        }
    }

    pub(super) fn save(&mut self, record: Record, fx: &mut Vec<Effect>) -> SaveId {
        let save = SaveId(self.next_save);
        self.next_save += 1;
        self.writing += 1;
        fx.push(Effect::Save { save, record });
        save
    }

    /// What is current, as the vault should hold it.
    pub(super) fn record(&self) -> Record {
        Record {
            generation: self.generation,
            tokens: self.held.clone(),
            pending: self.pending,
        }
    }

    /// What the vault should hold now: the set that was received last.
    fn durable(&self) -> Record {
        match &self.phase {
            Phase::Saving(arrival) => Record {
                generation: self.generation + 1,
                tokens: Some(arrival.set.clone()),
                pending: None,
            },
            _ => self.record(),
        }
    }

    pub(super) fn first_save_of_arrival(&mut self, fx: &mut Vec<Effect>) {
        let save = self.save(self.durable(), fx);
        if let Phase::Saving(arrival) = &mut self.phase {
            arrival.write.save = Some(save);
        }
    }
}

impl Write {
    pub(super) fn new(now: Tick) -> Self {
        Self {
            save: None,
            retry_at: now,
            failures: 0,
        }
    }

    fn failed(&mut self, now: Tick, seed: u64) {
        self.failures += 1;
        self.save = None;
        self.retry_at = now + schedule::save_back_off(self.failures, seed);
    }

    fn is_ripe(&self, now: Tick) -> bool {
        self.save.is_none() && self.retry_at <= now
    }
}
