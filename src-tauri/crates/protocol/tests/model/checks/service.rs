//! Whoever can be served is: every reader that got no token is accounted for by a cause that the model
//! establishes by itself, and for which no client could have done better.
//!
//! A renewal in good weather takes [`RENEWS_WITHIN`] at the most. So a reader that waited had its
//! token, or something stood in its way, so that no such time of its wait was clear. One that did not
//! wait that long had its token, unless what it asked for takes a renewal, or a renewal is seen to
//! follow at once, or something stood in the way so shortly before that the account was not mended yet.

use std::time::Duration;

use tokenkeep_protocol::account::{
    Answer, Newer, NotServed, PLAIN_LEASE, ReaderId, UNSAVED_HOLD, Want,
};
use tokenkeep_protocol::clock::Tick;

use super::super::readers::Open;
use super::super::world::{Grant, Happening, World};
use super::obstacles::{Cause, Span, longest_clear, mostly};
use super::{Checks, Invariant};

/// What a renewal takes in good weather: the least time between two attempts, drain, mark, request,
/// save, and other accounts' turns at the keychain.
const RENEWS_WITHIN: Duration = Duration::from_secs(12);

/// Without a reader waiting, a failure is waited out for two minutes and a tenth.
const MENDS_WITHIN: Duration = Duration::from_secs(135);

/// A token that lives shorter than this is dead for a part of the time, for attempts keep a distance.
const SHORT_LIVED: Duration = Duration::from_secs(25);

/// Whoever is not served a living token sees it replaced within this: drain and mark.
const REPLACED_WITHIN: Duration = Duration::from_secs(4);

/// A set that was received is saved within this.
const SAVED_WITHIN: Duration = Duration::from_secs(1);

/// A living token was not served, so that a renewal must be about to begin.
#[derive(Debug, Default)]
pub(super) struct Expected(Option<Tick>);

impl Expected {
    pub(super) fn sent(&mut self) {
        self.0 = None;
    }

    pub(super) fn received(&mut self) {
        self.0 = None;
    }
}

/// How long a reader asks its token to be valid.
pub(super) fn validity_asked(want: &Want) -> Duration {
    let lease = want
        .lease
        .as_ref()
        .filter(|term| term.fingerprint.is_none());
    let lease = lease.and_then(|term| term.length).unwrap_or_default();
    want.min_validity.max(lease)
}

impl Checks {
    pub(crate) fn answered_twice(&mut self, reader: ReaderId) {
        self.fail(
            Invariant::Service,
            format_args!("{reader:?} was answered twice"),
        );
    }

    /// All faults are over, and still the account does not do what it should.
    pub(crate) fn unwell(&mut self, account: usize, what: &str) {
        self.fail(
            Invariant::NoDeadEnds,
            format_args!("account {account}: {what}"),
        );
    }
}

impl World {
    /// A reader is answered.
    pub(crate) fn check_answer(
        &mut self,
        account: usize,
        reader: ReaderId,
        open: &Open,
        answer: &Answer,
    ) {
        let refusal = match answer {
            Ok(handout) => return self.check_handout(account, reader, open, handout),
            Err(refusal) => refusal,
        };
        let cause = self.cause_of(account, open, refusal);
        self.report.not_served(cause);
        let lost_interest = matches!(
            refusal,
            NotServed::TooLong { .. }
                | NotServed::Removed
                | NotServed::Quitting
                | NotServed::Replaced
        );
        if !lost_interest && self.is_content(account, &open.want) {
            self.expect_renewal(account);
        }
    }

    fn cause_of(&mut self, account: usize, open: &Open, refusal: &NotServed) -> Cause {
        match refusal {
            NotServed::SignInNeeded(_) => {
                let asked = matches!(open.want.newer, Some(Newer::SignIn));
                if !(asked && self.checks.accounts[account].known.assertion_rejected) {
                    self.check_sign_in_needed(account);
                }
                Cause::SignIn
            }
            NotServed::Misconfigured(_) => {
                self.check_misconfigured(account);
                Cause::Misconfigured
            }
            NotServed::TooLong { .. } => {
                self.check_too_long(account, &open.want, refusal);
                Cause::AskedTooMuch
            }
            NotServed::Replaced => Cause::Replaced,
            NotServed::Removed => Cause::Removed,
            NotServed::Quitting => Cause::KeeperGone,
            NotServed::OutOfTime(_) if self.now < open.deadline => {
                let what = "out of time before the time was up";
                self.wrong(Invariant::Service, account, what);
                Cause::Impatient
            }
            NotServed::OutOfTime(_) => self.cause_of_waiting(account, open),
        }
    }

    /// Invariant 6: only a person can mend this, and the provider itself has said so.
    pub(super) fn check_sign_in_needed(&mut self, account: usize) {
        let known = &self.checks.accounts[account].known;
        let assertion = self.specs[account].grant == Grant::Jwt && !known.assertion_rejected;
        let refresh = known.rejected.is_none() && known.current_refresh.is_some();
        let renewable = assertion || refresh;
        if renewable {
            let what = "a sign-in is demanded that nobody asked for";
            self.wrong(Invariant::NeverForget, account, what);
        }
    }

    fn check_misconfigured(&mut self, account: usize) {
        let now = self.now;
        let spans = self.obstacles_of(account, now - Duration::from_secs(1));
        let refused = |cause| matches!(cause, Cause::Misconfigured | Cause::Quota | Cause::Penalty);
        if !spans.iter().any(|span| refused(span.cause)) {
            let what = "an account is called misconfigured that nobody refused of late";
            self.wrong(Invariant::NeverForget, account, what);
        }
    }

    /// What stood in the way of a reader whose time is up.
    fn cause_of_waiting(&mut self, account: usize, open: &Open) -> Cause {
        let waited = open.deadline.since(open.asked_at);
        let spans = self.obstacles_of(account, open.asked_at - MENDS_WITHIN);
        let clear = longest_clear(&spans, open.asked_at, open.deadline);
        let in_wait = |span: &&Span| span.until > open.asked_at;
        let during: Vec<_> = spans.iter().filter(in_wait).copied().collect();
        // Nothing else that was in the way before a long sleep is remembered after it.
        let slept = |span: &Span| span.cause == Cause::Asleep && span.from < open.deadline;
        if during.iter().any(slept) {
            return Cause::Asleep;
        }
        if let Some(cause) = mostly(&during, open.asked_at, open.deadline) {
            if clear < RENEWS_WITHIN {
                return cause;
            }
        } else if waited < RENEWS_WITHIN {
            let before = spans.iter().max_by_key(|span| span.until);
            let known = &self.checks.accounts[account].known;
            let takes_a_renewal = open.want.newer.is_some()
                || !validity_asked(&open.want).is_zero()
                || self.provider.behaviour.lifetime < SHORT_LIVED
                || known.current_refresh.is_none()
                || known.is_reported()
                || self.is_dead_unawares(account)
                || self.is_content(account, &open.want)
                || self.is_being_renewed(account);
            if takes_a_renewal {
                return Cause::Impatient;
            }
            if let Some(span) = before {
                return span.cause;
            }
        }
        let client = self.specs[account].client;
        self.note_pace(client);
        let during = &during[during.len().saturating_sub(8)..];
        let what = format!(
            "a reader got nothing although the way was clear for {clear:?} of its {waited:?}: {open:?}, {during:?}"
        );
        self.wrong(Invariant::Service, account, what);
        Cause::Impatient
    }

    /// Whether the token is dead that the keeper goes by, and it cannot know: someone else ended it, or
    /// its provider names no life. That it is not handed out is looked at elsewhere.
    fn is_dead_unawares(&self, account: usize) -> bool {
        let known = &self.checks.accounts[account].known;
        let lives = |token| self.provider.is_alive(token, self.now);
        known.believed_until > Some(self.now) && !known.newest().is_some_and(lives)
    }

    /// Whether a request is out, or its answer is being saved.
    fn is_being_renewed(&self, account: usize) -> bool {
        let of = &self.checks.accounts[account];
        let is_being_saved = |received: Tick| {
            let spans = self.obstacles_of(account, received);
            let slow = spans.iter().any(|span| span.cause == Cause::Vault);
            let within = if slow { UNSAVED_HOLD } else { SAVED_WITHIN };
            self.now.since(received) <= within
        };
        let newest = of.known.newest_set();
        of.attempts.in_flight.is_some() || newest.is_some_and(|set| is_being_saved(set.at))
    }

    /// Whether the token that the keeper goes by is what the reader asks for, so that only a renewal
    /// that is about to kill it can be a reason not to hand it out.
    fn is_content(&self, account: usize, want: &Want) -> bool {
        let known = &self.checks.accounts[account].known;
        let Some(token) = known.newest() else {
            return false;
        };
        let remaining = known
            .believed_until
            .map_or(Duration::ZERO, |until| self.now.until(until));
        let lives = self.provider.is_alive(token, self.now);
        let enough = remaining >= validity_asked(want) && remaining > PLAIN_LEASE;
        let loaded = known
            .loaded_at
            .is_some_and(|at| self.now.since(at) > SAVED_WITHIN);
        let settled = loaded && !known.in_doubt && !self.is_being_renewed(account);
        let newer = want.newer.as_ref().is_some_and(|newer| match newer {
            Newer::Refused(refused) => *refused == tokenkeep_oauth::Fingerprint::of(token),
            _ => true,
        });
        // Somebody said that an API refuses it.
        lives && enough && settled && !newer && !known.is_reported()
    }

    /// A living token was not served: then it is about to be replaced.
    fn expect_renewal(&mut self, account: usize) {
        if !self.may_kill() {
            let what = "a living token was not served although no renewal kills it";
            return self.wrong(Invariant::NeverForget, account, what);
        }
        let (since, life) = (self.now, self.life);
        let expected = &mut self.checks.accounts[account].expected;
        if expected.0.is_none() {
            expected.0 = Some(since);
            let happening = Happening::Expected {
                life,
                account,
                since,
            };
            self.after(REPLACED_WITHIN, happening);
        }
    }

    /// The time is up by which a renewal must have begun.
    pub(crate) fn check_expected(&mut self, account: usize, since: Tick) {
        let expected = &mut self.checks.accounts[account].expected;
        if expected.0.take_if(|expected| *expected == since).is_none() {
            return;
        }
        let quitting = self.keeper.as_ref().is_none_or(|keeper| keeper.quitting);
        let spans = self.obstacles_of(account, since);
        let hindered = spans
            .iter()
            .any(|span| matches!(span.cause, Cause::Vault | Cause::Penalty | Cause::Asleep));
        if !hindered && !quitting && !self.checks.accounts[account].removed {
            let what = "a living token was not served, and not replaced either";
            self.wrong(Invariant::NeverForget, account, what);
        }
    }

    /// Readers wait to their own deadline and no longer.
    pub(crate) fn check_deadlines(&mut self) {
        if self.is_asleep() || self.keeper.is_none() {
            return;
        }
        let late = self.now - Duration::from_millis(1);
        if let Some((reader, open)) = self.readers.overdue(late) {
            // A reader that slept with the machine is answered as soon as it wakes.
            if open.deadline < self.asleep_until {
                return;
            }
            let what = format!("{reader:?} waits beyond its deadline: {open:?}");
            self.checks.fail(Invariant::Service, what);
        }
    }
}
