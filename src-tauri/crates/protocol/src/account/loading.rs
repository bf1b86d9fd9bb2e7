//! Reading the record from the vault, and taking up where the last run of the keeper ended.

use super::effect::Effect;
use super::news::News;
use super::phase::Load;
use super::policy::Method;
use super::record::{Pending, Record, VaultFailure};
use super::{Account, Stage};
use crate::clock::Tick;
use crate::when::When;

impl Account {
    /// When the record is to be read.
    pub(super) fn load_due(&self, now: Tick) -> When {
        match self.phase.stage() {
            Stage::Loading(Load::Wanted) => When::Now,
            // Whoever waits makes it sooner.
            Stage::Loading(Load::Failed) => self.writes.rested(self.readers.wait(), now),
            _ => When::Never,
        }
    }

    /// Has the record read, where it is not known yet.
    pub(super) fn load(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        if self.load_due(now).is_now() {
            self.phase.load(Load::Asked);
            fx.push(Effect::Load);
        }
    }

    pub(super) fn loaded(
        &mut self,
        result: Result<Record, VaultFailure>,
        now: Tick,
        fx: &mut Vec<Effect>,
    ) {
        if !matches!(self.phase.stage(), Stage::Loading(_)) {
            return;
        }
        let failure = match result {
            Ok(record) => return self.restore(record, now, fx),
            Err(failure) => failure,
        };
        if self.writes.failures() == 0 {
            let message = failure.message.clone();
            fx.push(Effect::Tell(News::VaultFailed { message }));
        }
        self.phase.load(if failure.lasting {
            Load::Hopeless
        } else {
            Load::Failed
        });
        self.writes.failed(failure.message, now, self.policy.seed);
    }

    /// Takes up where the last run of the keeper ended.
    fn restore(&mut self, record: Record, now: Tick, fx: &mut Vec<Effect>) {
        let generation = record.generation;
        let pending = record.pending.map(|pending| Pending {
            sent_at: pending.sent_at.min(now),
            ..pending
        });
        let assertion = self.policy.assertion.is_some();
        self.attempts
            .restore(record.verdict.clone(), assertion, now);
        self.tokens.restore(record, now);
        self.writes.restored(pending);
        self.phase.rest();
        self.told.prune(generation, now);
        // Only now is it known which token those who came early want replaced.
        for reader in self.readers.take_all() {
            self.ask(reader, now, fx);
        }
        if let Some(set) = self.tokens.current() {
            self.readers.leases.restored(now, set.expires_at);
        }
        if let Some(pending) = pending {
            self.resume(pending, fx);
        }
    }

    /// A refresh was on its way when the last run ended.
    fn resume(&mut self, pending: Pending, fx: &mut Vec<Effect>) {
        self.attempts.resume(pending);
        if self.policy.kills(Method::Refresh) && self.tokens.refresh_token().is_some() {
            let problem = self.attempts.doubt_interrupted();
            fx.push(Effect::Tell(News::InDoubt {
                attempt: pending.attempt,
                problem,
            }));
        }
    }
}
