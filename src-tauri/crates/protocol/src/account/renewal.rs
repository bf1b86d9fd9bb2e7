//! From the wish for a renewal to the request: pace, drain, mark, send.

use tokenkeep_oauth::RefreshToken;

use super::event::{AttemptId, Class, Effect, Entry, Method, Pending, Request, Urgency};
use super::reader::Newer;
use super::schedule::{self, LEAST_GAP};
use super::{Account, Need, Phase};
use crate::clock::Tick;

impl Account {
    /// Takes the renewal as far as it can go at `now`.
    pub(super) fn progress(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        match self.phase {
            Phase::Resting => {
                if self.doubt.is_none() && !self.is_wanted(now) {
                    // Whoever wanted more has gone, and the token is good for a while still.
                    self.failing = None;
                }
                if let Some(urgency) = self.wants_renewal(now) {
                    self.ask_pace(urgency, fx);
                }
            }
            Phase::Asking { class } => {
                // A person who joins in makes a request that was waiting more urgent.
                if let Some(urgency) = self
                    .wants_renewal(now)
                    .filter(|urgency| urgency.class > class)
                {
                    self.ask_pace(urgency, fx);
                }
            }
            Phase::Draining { method } if self.is_drained(now) => {
                self.mark_or_send(method, now, fx)
            }
            _ => {}
        }
    }

    fn ask_pace(&mut self, urgency: Urgency, fx: &mut Vec<Effect>) {
        self.phase = Phase::Asking {
            class: urgency.class,
        };
        fx.push(Effect::AskPace(urgency));
    }

    /// The pace lets one request out. What was wanted may have changed while it was waited for.
    pub(super) fn may_send(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        if !matches!(self.phase, Phase::Asking { .. }) {
            return fx.push(Effect::LeaveUnused);
        }
        self.phase = Phase::Resting;
        let (Some(_), Some(method)) = (self.wants_renewal(now), self.next_method(now)) else {
            return fx.push(Effect::LeaveUnused);
        };
        if self.kills(method) && self.doubt.is_none() {
            self.phase = Phase::Draining { method };
            self.tell_holders(now, fx);
        } else {
            self.mark_or_send(method, now, fx);
        }
    }

    /// Whether a renewal is wanted at `now`, and how urgently.
    fn wants_renewal(&self, now: Tick) -> Option<Urgency> {
        if self.quitting {
            return None;
        }
        let method = self.next_method(now)?;
        let person = self.person_waits();
        let held_back = match &self.need {
            Some(Need::SignIn(_)) => true,
            Some(Need::Edit { retry_at, .. }) => now < *retry_at && !person,
            None => false,
        };
        if held_back || self.not_before().is_some_and(|at| now < at) {
            return None;
        }
        let dies_at = self.held.as_ref().map_or(now, |held| held.expires_at);
        let rested = person || self.retry_at().is_none_or(|at| at <= now);
        if self.doubt.is_some() {
            // Nobody is served until it is known, so the token is as good as dead.
            return rested.then_some(Urgency {
                dies_at: now,
                class: Class::Doubt,
            });
        }
        let gap = self.last_attempt.is_some_and(|last| now < last + LEAST_GAP);
        let vault_rests = self.vault_retry_at().is_some_and(|at| now < at);
        let waits = !rested || (gap && !person) || (vault_rests && !self.is_nearly_dead(now));
        let deferred = self.kills(method) && (self.is_leased(now) || self.awaits_holders(now));
        if waits || !self.is_wanted(now) || deferred {
            return None;
        }
        let class = if person {
            Class::Person
        } else {
            Class::Background
        };
        Some(Urgency { dies_at, class })
    }

    /// Whether there is a reason to renew, whatever stands in the way.
    fn is_wanted(&self, now: Tick) -> bool {
        let due = |held| schedule::due(held, self.policy.seed) <= now;
        self.held.as_ref().is_none_or(due) || self.is_asked_for(now)
    }

    /// Whether there is a reason to renew that does not lie in the schedule.
    fn is_asked_for(&self, now: Tick) -> bool {
        let session_over = self.refresh_rejected || self.refused == Some(self.generation);
        session_over
            || self
                .readers
                .iter()
                .any(|waiting| self.wants_more(waiting, now))
    }

    /// By what the next set is obtained; none where only a person can obtain it.
    pub(super) fn next_method(&self, now: Tick) -> Option<Method> {
        let sign_in = self
            .readers
            .iter()
            .any(|w| matches!(w.reader.want.newer, Some(Newer::SignIn)));
        let by_assertion = self.policy.assertion.map(|_| Method::Assertion);
        if sign_in && by_assertion.is_some() {
            return by_assertion;
        }
        let refreshable = self.held.as_ref().is_some_and(|held| {
            // Clocks err: without an assertion even a refresh token past its end is worth a try.
            held.has_live_refresh_token(now)
                || (by_assertion.is_none() && held.refresh_token.is_some())
        });
        if self.doubt.is_some() || (refreshable && !self.refresh_rejected) {
            return Some(Method::Refresh);
        }
        by_assertion
    }

    /// Whether a person waits for an attempt that was not made yet since they asked.
    fn person_waits(&self) -> bool {
        self.readers.iter().any(|waiting| {
            matches!(
                waiting.reader.want.newer,
                Some(Newer::Asked | Newer::SignIn)
            ) && self.last_attempt.is_none_or(|last| last < waiting.asked_at)
        })
    }

    /// Whether an explicit lease still defers a killing renewal.
    pub(super) fn is_leased(&self, now: Tick) -> bool {
        self.leases.holds(self.generation) && !self.is_nearly_dead(now)
    }

    /// Whether a killing renewal that is merely due gives those who held leases in the last run a moment
    /// to take them up again.
    fn awaits_holders(&self, now: Tick) -> bool {
        let may_return = self.holders_return_until.is_some_and(|until| now < until);
        may_return && !self.is_asked_for(now) && !self.is_nearly_dead(now)
    }

    /// Whether the last safe moment has come, or there is no token to protect.
    pub(super) fn is_nearly_dead(&self, now: Tick) -> bool {
        self.held
            .as_ref()
            .is_none_or(|held| now >= self.last_safe(held))
    }

    fn last_safe(&self, held: &super::TokenSet) -> Tick {
        schedule::last_safe(held, self.policy.seed, self.policy.request_time_limit)
    }

    fn is_drained(&self, now: Tick) -> bool {
        !self.leases.plain_lasts(now) && !self.is_leased(now)
    }

    /// Tells those whose leases the renewal no longer waits for.
    fn tell_holders(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        if !self.held.as_ref().is_some_and(|held| held.lives(now)) {
            return;
        }
        let leases = self.leases.tell(self.generation);
        if !leases.is_empty() {
            fx.push(Effect::Journal(Entry::LeasesOverridden { leases }));
        }
    }

    /// When the back-off after the last failure ends. With a reader waiting it is shorter.
    pub(super) fn retry_at(&self) -> Option<Tick> {
        let failing = self.failing.as_ref()?;
        if self.readers.is_empty() {
            return Some(failing.retry_at);
        }
        let (count, seed) = (failing.count, self.policy.seed);
        let wait = if self.doubt.is_some() {
            schedule::replay_back_off(count, seed, true)
        } else {
            schedule::back_off(count, seed, true)
        };
        Some(failing.retry_at.min(failing.last + wait))
    }

    /// When the keychain is tried again that failed. With a reader waiting it is sooner.
    pub(super) fn vault_retry_at(&self) -> Option<Tick> {
        let trouble = self.vault_problem.as_ref()?;
        if self.readers.is_empty() {
            return Some(trouble.retry_at);
        }
        let soon = trouble.failed_at + schedule::VAULT_WITH_READERS;
        Some(trouble.retry_at.min(soon))
    }

    pub(super) fn not_before(&self) -> Option<Tick> {
        self.failing.as_ref().and_then(|failing| failing.not_before)
    }

    /// The moments at which a wish for a renewal may arise or ripen.
    pub(super) fn renewal_moments(&self, at: &mut impl FnMut(Option<Tick>)) {
        at(self.retry_at());
        at(self.not_before());
        at(self.last_attempt.map(|last| last + LEAST_GAP));
        at(self.vault_retry_at());
        if let Some(Need::Edit { retry_at, .. }) = &self.need {
            at(Some(*retry_at));
        }
        if let Some(held) = &self.held {
            at(Some(schedule::due(held, self.policy.seed)));
            at(Some(held.expires_at));
            at(held.refresh_expires_at.map(|end| end.at));
            at(self.holders_return_until);
            let held_up = self.leases.holds(self.generation)
                || self.vault_problem.is_some()
                || self.holders_return_until > Some(self.settled_at);
            at(held_up.then(|| self.last_safe(held)));
        }
    }

    /// A refresh is marked in the vault first: this proves that the vault can be written before
    /// anything is rotated. While an earlier one is unanswered its mark stands, if it could be written; other
    /// methods need none.
    fn mark_or_send(&mut self, method: Method, now: Tick, fx: &mut Vec<Effect>) {
        let written = self.pending.is_some() && self.vault_problem.is_none();
        let marked = self.unanswered.is_some() && written;
        if method != Method::Refresh || marked {
            self.send(method, now, fx);
            return;
        }
        self.pending = Some(Pending {
            attempt: AttemptId(self.next_attempt),
            sent_at: self.unanswered.unwrap_or(now),
        });
        let save = self.save(self.record(), fx);
        self.phase = Phase::Marking { save };
    }

    pub(super) fn send(&mut self, method: Method, now: Tick, fx: &mut Vec<Effect>) {
        let attempt = AttemptId(self.next_attempt);
        self.next_attempt += 1;
        let request = match (method, self.refresh_token()) {
            (Method::Refresh, Some(token)) => Request::Refresh(RefreshToken::clone(token)),
            _ => Request::PresentAssertion,
        };
        // A replay may return the answer to the first request, whose tokens live since then.
        let replayed = self.unanswered.filter(|_| method == Method::Refresh);
        let lives_from = replayed.unwrap_or(now);
        self.last_attempt = Some(now);
        // Whether the set-up is still called wrong is being found out.
        if matches!(self.need, Some(Need::Edit { .. })) {
            self.need = None;
        }
        self.phase = Phase::Sending {
            attempt,
            method,
            lives_from,
        };
        fx.push(Effect::Journal(Entry::Sent { attempt, method }));
        fx.push(Effect::Send { attempt, request });
    }
}
