//! From the decision to renew to the request: pace, drain, mark, send.

use tokenkeep_oauth::RefreshToken;

use super::effect::{Effect, Request};
use super::lease::LeaseNews;
use super::news::News;
use super::phase;
use super::policy::Method;
use super::record::Pending;
use super::{Account, Stage};
use crate::clock::Tick;
use crate::when::When;

impl Account {
    /// When the renewal can be taken a step further by what has not happened yet but the time.
    pub(super) fn renewal_proceeds(&self, now: Tick) -> When {
        match self.phase.stage() {
            Stage::Resting => self.decide(now).begins(),
            // Leases no longer hold it up: there were none, or their holders were told.
            Stage::Draining { .. } => self.readers.leases.plain_over(now),
            _ => When::Never,
        }
    }

    /// Takes the renewal as far as it can go at `now`.
    pub(super) fn proceed(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        match *self.phase.stage() {
            Stage::Resting => {
                let decision = self.decide(now);
                if !decision.wanted.is_now() {
                    // Whoever wanted more has gone, and the token is good for a while still.
                    self.attempts.forget_failures();
                } else if decision.begins().is_now() {
                    self.ask_pace(now, fx);
                }
            }
            // A person who joins in makes a request that was waiting more urgent.
            Stage::Asking { class } => {
                let begins = self.decide(now).begins();
                if begins.is_now() && self.urgency(now).class > class {
                    self.ask_pace(now, fx);
                }
            }
            Stage::Draining { method } if self.renewal_proceeds(now).is_now() => {
                self.mark_or_send(method, now, fx);
            }
            _ => {}
        }
    }

    fn ask_pace(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        let urgency = self.urgency(now);
        self.phase.wait_for_pace(urgency.class);
        fx.push(Effect::AskPace(urgency));
    }

    /// The pace lets one request out. What was wanted may have changed while it was waited for.
    pub(super) fn may_send(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        if !matches!(self.phase.stage(), Stage::Asking { .. }) {
            return fx.push(Effect::LeaveUnused);
        }
        self.phase.rest();
        let decision = self.decide(now);
        let Some(method) = decision.method.filter(|_| decision.begins().is_now()) else {
            return fx.push(Effect::LeaveUnused);
        };
        if self.policy.kills(method) && self.attempts.doubt().is_none() {
            self.phase.drain(method);
            self.override_leases(now, fx);
        } else {
            self.mark_or_send(method, now, fx);
        }
    }

    /// Tells those whose leases the renewal no longer waits for.
    fn override_leases(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        if self.tokens.alive(now).is_none() {
            return;
        }
        let generation = self.tokens.generation();
        let leases = self.readers.leases.override_all(generation);
        if leases.is_empty() {
            return;
        }
        fx.extend(leases.iter().map(|lease| Effect::TellHolder {
            lease: *lease,
            news: LeaseNews::Renewing,
        }));
        fx.push(Effect::Tell(News::LeasesOverridden { leases }));
    }

    /// A refresh is marked in the vault first: this proves that the vault can be written before
    /// anything is rotated. While an earlier one is unanswered its mark stands, if it could be written;
    /// other methods need none.
    fn mark_or_send(&mut self, method: Method, now: Tick, fx: &mut Vec<Effect>) {
        let unanswered = self.attempts.unanswered();
        let marked = unanswered.is_some() && self.writes.is_marked();
        if method != Method::Refresh || marked {
            return self.send(method, now, fx);
        }
        let save = self.writes.marks(Pending {
            attempt: self.attempts.next(),
            sent_at: unanswered.unwrap_or(now),
        });
        self.phase.mark();
        let record = self.durable();
        fx.push(Effect::Save { save, record });
    }

    pub(super) fn send(&mut self, method: Method, now: Tick, fx: &mut Vec<Effect>) {
        let request = match (method, self.tokens.refresh_token()) {
            (Method::Refresh, Some(token)) => Request::Refresh(RefreshToken::clone(token)),
            _ => Request::PresentAssertion,
        };
        // A replay may return the answer to the first request, whose tokens live since then.
        let unanswered = self.attempts.unanswered();
        let replayed = unanswered.filter(|_| method == Method::Refresh);
        let attempt = self.attempts.begin(now);
        self.phase.send(phase::Attempt {
            attempt,
            method,
            lives_from: replayed.unwrap_or(now),
        });
        fx.push(Effect::Tell(News::Sent { attempt, method }));
        fx.push(Effect::Send { attempt, request });
    }
}
