//! The attempts to renew: which are out, how they failed, and what only a person can mend.

use tokenkeep_oauth::{Problem, ProblemKind};

use super::ids::AttemptId;
use super::record::Pending;
use super::schedule::{self, LEAST_GAP, MENDED_RETRY};
use crate::clock::Tick;
use crate::when::When;

/// The attempts to renew.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    last: u64,
    last_at: Option<Tick>,
    /// Attempts that are no longer the account's own and were not answered yet.
    strays: Vec<AttemptId>,
    /// When the first refresh was sent that nobody knows the outcome of: the next one may return the
    /// answer to it.
    unanswered: Option<Tick>,
    /// A refresh went out that kills the current token, and nobody knows whether it did.
    doubt: Option<Problem>,
    failing: Option<Failing>,
    need: Option<Need>,
}

/// Attempts that failed in a row.
#[derive(Debug)]
struct Failing {
    count: u32,
    problem: Problem,
    last: Tick,
    retry_at: Tick,
    /// The provider asked to be left alone until then.
    not_before: Option<Tick>,
}

/// Only a person can mend it.
#[derive(Debug)]
pub(super) enum Need {
    /// By signing in.
    SignIn(Problem),
    /// By editing the account, here or at the provider; it is tried again at times, in case that happened there.
    Edit {
        /// What is wrong.
        problem: Problem,
        retry_at: Tick,
    },
}

impl Attempts {
    /// A refresh was on its way when the last run ended.
    pub(super) fn resume(&mut self, pending: Pending) {
        self.last = pending.attempt.0;
        self.unanswered = Some(pending.sent_at);
    }

    /// The run was cut off in the middle of a refresh that kills.
    pub(super) fn doubt_interrupted(&mut self) -> Problem {
        let problem = interrupted();
        self.doubt = Some(problem.clone());
        problem
    }

    /// The name of the next attempt.
    pub(super) fn next(&self) -> AttemptId {
        AttemptId(self.last + 1)
    }

    /// The next attempt goes out.
    pub(super) fn begin(&mut self, now: Tick) -> AttemptId {
        let attempt = self.next();
        self.last = attempt.0;
        self.last_at = Some(now);
        // Whether the set-up is still called wrong is being found out.
        self.forget_wrong_set_up();
        attempt
    }

    /// When the last attempt went out.
    pub(super) fn last_at(&self) -> Option<Tick> {
        self.last_at
    }

    /// The attempt is no longer the account's own.
    pub(super) fn abandon(&mut self, attempt: AttemptId) {
        self.strays.push(attempt);
    }

    /// An attempt was answered that was no longer the account's own.
    pub(super) fn stray_answered(&mut self, attempt: AttemptId) {
        self.strays.retain(|stray| *stray != attempt);
    }

    /// Whether every attempt that was abandoned has been answered.
    pub(super) fn are_answered(&self) -> bool {
        self.strays.is_empty()
    }

    /// When the first refresh was sent that nobody knows the outcome of.
    pub(super) fn unanswered(&self) -> Option<Tick> {
        self.unanswered
    }

    /// Nobody knows the outcome of a refresh whose tokens, if it brought any, live from then on.
    pub(super) fn not_answered(&mut self, lives_from: Tick) {
        self.unanswered = Some(lives_from);
    }

    /// Why it is not known whether the current token lives.
    pub(super) fn doubt(&self) -> Option<&Problem> {
        self.doubt.as_ref()
    }

    /// Nobody knows whether the last attempt killed the current token.
    pub(super) fn doubted(
        &mut self,
        problem: Problem,
        not_before: Option<Tick>,
        now: Tick,
        seed: u64,
    ) {
        if self.doubt.is_none() {
            self.failing = None;
        }
        self.doubt = Some(problem.clone());
        self.failed(problem, not_before, now, seed);
    }

    /// The last attempt left everything as it was, or as doubtful as it was.
    pub(super) fn failed(
        &mut self,
        problem: Problem,
        not_before: Option<Tick>,
        now: Tick,
        seed: u64,
    ) {
        let count = self.failures().saturating_add(1);
        self.failing = Some(Failing {
            count,
            problem,
            last: now,
            retry_at: now + self.back_off(count, seed, false),
            not_before,
        });
    }

    fn back_off(&self, failures: u32, seed: u64, readers_wait: bool) -> std::time::Duration {
        if self.doubt.is_some() {
            schedule::replay_back_off(failures, seed, readers_wait)
        } else {
            schedule::back_off(failures, seed, readers_wait)
        }
    }

    /// How many attempts failed in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failing.as_ref().map_or(0, |failing| failing.count)
    }

    /// Why the last attempt failed.
    pub(super) fn failure(&self) -> Option<&Problem> {
        self.failing.as_ref().map(|failing| &failing.problem)
    }

    /// Nobody wants a renewal any more, so that it is of no interest that they failed.
    pub(super) fn forget_failures(&mut self) {
        self.failing = None;
    }

    /// The refresh token was refused for good; whether it had been in doubt if the current token lives.
    pub(super) fn refresh_rejected(&mut self) -> bool {
        self.unanswered = None;
        self.failing = None;
        self.doubt.take().is_some()
    }

    /// What comes next is another request, not a repetition: it need not keep its distance.
    pub(super) fn begin_afresh(&mut self) {
        self.last_at = None;
    }

    /// A person has to sign in.
    pub(super) fn need_sign_in(&mut self, problem: Problem) {
        self.need = Some(Need::SignIn(problem));
    }

    /// A person has to edit the account, here or at the provider.
    pub(super) fn need_edit(&mut self, problem: Problem, now: Tick) {
        self.need = Some(Need::Edit {
            problem,
            retry_at: now + MENDED_RETRY,
        });
    }

    /// What only a person can mend.
    pub(super) fn need(&self) -> Option<&Need> {
        self.need.as_ref()
    }

    /// A person does something about it, so that another try is worth its while.
    pub(super) fn forget_need(&mut self) {
        self.need = None;
    }

    /// The set-up may be right now.
    pub(super) fn forget_wrong_set_up(&mut self) {
        if matches!(self.need, Some(Need::Edit { .. })) {
            self.need = None;
        }
    }

    /// A set came, whatever was wrong before.
    pub(super) fn succeeded(&mut self) {
        self.unanswered = None;
        self.doubt = None;
        self.failing = None;
        self.need = None;
    }

    /// What failed for want of a network is worth another try.
    pub(super) fn retry_now(&mut self, now: Tick) {
        if let Some(failing) = &mut self.failing {
            failing.retry_at = now;
        }
    }

    /// When the back-off after the last failure ends. With a reader waiting it is shorter.
    pub(super) fn retry_at(&self, readers_wait: bool, seed: u64) -> Option<Tick> {
        let failing = self.failing.as_ref()?;
        if !readers_wait {
            return Some(failing.retry_at);
        }
        let wait = self.back_off(failing.count, seed, true);
        Some(failing.retry_at.min(failing.last + wait))
    }

    /// Until when the provider asked to be left alone.
    pub(super) fn not_before(&self) -> Option<Tick> {
        self.failing.as_ref().and_then(|failing| failing.not_before)
    }

    /// When the next attempt keeps its distance from the last one.
    pub(super) fn gap_over(&self, now: Tick) -> When {
        When::after(self.last_at.map(|last| last + LEAST_GAP), now)
    }

    /// The account is gone.
    pub(super) fn forget(&mut self) {
        self.doubt = None;
        self.need = None;
    }
}

/// The doubt that a crash leaves behind.
fn interrupted() -> Problem {
    Problem::new(
        ProblemKind::ConnectionLost,
        "Tokenkeep was interrupted while it renewed this token, so the provider may have replaced it. \
         The renewal is being repeated; nothing is lost.",
    )
}
