//! What the vault is told, and what becomes of it: marks, received sets, and writes that failed.

use super::effect::Effect;
use super::ids::SaveId;
use super::news::News;
use super::policy::Method;
use super::record::{Record, VaultFailure};
use super::schedule::UNSAVED_HOLD;
use super::writes::Written;
use super::{Account, Stage};
use crate::clock::Tick;
use crate::when::When;

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
        if let Err(failure) = &result {
            let message = failure.message.clone();
            fx.push(Effect::Tell(News::VaultFailed { message }));
        }
        let ok = result.is_ok();
        match self.writes.finished(save, ok, now, self.policy.seed) {
            Written::Mark if matches!(self.phase.stage(), Stage::Marking) => {
                self.phase.rest();
                match result {
                    Ok(()) => self.marked(now, fx),
                    Err(failure) => self.not_marked(failure, now, fx),
                }
            }
            Written::Arrival => self.adopt(now, fx),
            Written::Unsaved => {
                self.writes.all_saved();
                self.tell_saved_late(fx);
            }
            Written::Mark | Written::Nothing => {}
        }
    }

    /// The vault holds the mark, and whatever else is durable.
    fn marked(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        if self.writes.all_saved() {
            self.tell_saved_late(fx);
        }
        if !self.quitting {
            self.send(Method::Refresh, now, fx);
        } else if self.attempts.unanswered().is_none() {
            self.unmark(fx);
        }
    }

    fn not_marked(&mut self, failure: VaultFailure, now: Tick, fx: &mut Vec<Effect>) {
        self.writes.failed(failure.message, now, self.policy.seed);
        let urgent = self.attempts.doubt().is_some() || self.nearly_dead(now).is_now();
        if urgent && !self.quitting {
            // Whatever is written next bears the mark.
            return self.send(Method::Refresh, now, fx);
        }
        if self.attempts.unanswered().is_none() {
            self.writes.take_mark();
        }
        fx.push(Effect::LeaveUnused);
    }

    /// The refresh did not happen, for certain: after a crash it need not be replayed.
    pub(super) fn unmark(&mut self, fx: &mut Vec<Effect>) {
        if self.writes.take_mark() {
            let save = self.writes.begin();
            let record = self.durable();
            fx.push(Effect::Save { save, record });
        }
    }

    fn tell_saved_late(&self, fx: &mut Vec<Effect>) {
        let generation = self.tokens.generation();
        fx.push(Effect::Tell(News::SavedLate { generation }));
    }

    /// When something is to be done about the writes.
    pub(super) fn writes_due(&self, now: Tick) -> When {
        self.writes.retry(now).or(self.hold_over(now))
    }

    /// When a received set was held back long enough for the vault to take it.
    fn hold_over(&self, now: Tick) -> When {
        match self.phase.stage() {
            Stage::Saving(arrival) => When::from(arrival.received_at + UNSAVED_HOLD, now),
            _ => When::Never,
        }
    }

    /// Serves unsaved what was held back long enough, and tries failed writes again.
    pub(super) fn retry_writes(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        if self.hold_over(now).is_now() {
            self.adopt(now, fx);
        }
        if self.writes.retry(now).is_now() {
            let save = self.writes.retried(now);
            let record = self.durable();
            fx.push(Effect::Save { save, record });
        }
    }

    /// Writes what is durable again, until the vault takes it: the wall clock was set that its times are in, or
    /// something is known now of the current set.
    pub(super) fn write_again(&mut self, fx: &mut Vec<Effect>) {
        if self.phase.is_unknown() {
            return;
        }
        let save = self.writes.rewritten();
        let record = self.durable();
        fx.push(Effect::Save { save, record });
    }

    /// What the vault should hold now: the set that was received last.
    pub(super) fn durable(&self) -> Record {
        match self.phase.stage() {
            Stage::Saving(arrival) => Record {
                generation: self.tokens.generation() + 1,
                tokens: Some(arrival.set.clone()),
                ..Record::default()
            },
            _ => Record {
                pending: self.writes.mark(),
                verdict: self
                    .attempts
                    .verdict(self.known_method(self.settled_at).is_none()),
                ..self.tokens.record()
            },
        }
    }
}
