//! The attempts to renew: which are out, how they failed, and what only a person can mend.

use std::time::Duration;

use tokenkeep_oauth::{Problem, ProblemKind};

use super::ids::AttemptId;
use super::record::{Pending, Verdict, VerdictKind};
use super::schedule::{self, LEAST_GAP, MENDED_RETRY};
use crate::clock::Tick;
use crate::when::When;

/// How many assertions of unknown outcome may be presented in doubt within [`OPEN_SESSIONS_PER`]: each may have opened
/// a session, and a provider that keeps few evicts the oldest, which may be somebody else's.
const OPEN_SESSIONS: usize = 2;
const OPEN_SESSIONS_PER: Duration = Duration::from_secs(3600);

/// The attempts to renew.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    last: u64,
    last_at: Option<Tick>,
    /// Attempts that are no longer the account's own and were not answered yet.
    strays: Vec<AttemptId>,
    /// A refresh went out, and nobody knows its outcome: the next one may return the answer to it.
    unanswered: Option<Unanswered>,
    /// A refresh went out that kills the current token, and nobody knows whether it did.
    doubt: Option<Problem>,
    /// The provider calls the set-up wrong when it is asked for a refresh: something else may do.
    refresh_is_unfit: bool,
    failing: Option<Failing>,
    /// The provider's last refusal of a refresh token or an assertion, until a set comes.
    rejection: Option<Rejection>,
    /// Whether the assertion was refused: it is not presented again by itself.
    assertion_rejected: bool,
    wrong_set_up: Option<WrongSetUp>,
    /// When assertions were presented of late that may have opened a session that nobody knows of.
    open_sessions: Vec<Tick>,
}

/// A refresh whose outcome nobody knows.
#[derive(Debug)]
struct Unanswered {
    /// When it was sent first.
    since: Tick,
    /// How many replays came to nothing.
    replays: u32,
}

/// The provider refused what the account renews with.
#[derive(Debug)]
struct Rejection {
    problem: Problem,
    at: Tick,
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

/// A person has to edit the account, here or at the provider. It is tried again at times, in case that happened there.
#[derive(Debug)]
pub(super) struct WrongSetUp {
    /// What is wrong.
    pub(super) problem: Problem,
    pub(super) retry_at: Tick,
    at: Tick,
}

impl Attempts {
    /// A refresh was on its way when the last run ended.
    pub(super) fn resume(&mut self, pending: Pending) {
        self.last = pending.attempt.0;
        self.unanswered = Some(Unanswered {
            since: pending.sent_at,
            replays: 0,
        });
    }

    /// The run was cut off in the middle of a refresh that kills.
    pub(super) fn doubt_interrupted(&mut self) -> Problem {
        let problem = interrupted();
        self.doubt = Some(problem.clone());
        problem
    }

    /// What the provider said last that only a person can mend was read from the vault. `assertion`: the account has
    /// one.
    pub(super) fn restore(&mut self, verdict: Option<Verdict>, assertion: bool, now: Tick) {
        let Some(Verdict { kind, problem, at }) = verdict else {
            return;
        };
        let at = at.min(now);
        match kind {
            VerdictKind::SignInNeeded => {
                self.rejection = Some(Rejection { problem, at });
                self.assertion_rejected = assertion;
            }
            // It may have been mended since: it is tried at once.
            VerdictKind::Misconfigured => {
                self.wrong_set_up = Some(WrongSetUp {
                    problem,
                    retry_at: now,
                    at,
                });
            }
        }
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
        self.unanswered.as_ref().map(|refresh| refresh.since)
    }

    /// Nobody knows the outcome of a refresh whose tokens, if it brought any, live from then on.
    pub(super) fn not_answered(&mut self, lives_from: Tick) {
        let replays = self
            .unanswered
            .take()
            .map_or(0, |refresh| refresh.replays + 1);
        self.unanswered = Some(Unanswered {
            since: lives_from,
            replays,
        });
    }

    /// Why it is not known whether the current token lives.
    pub(super) fn doubt(&self) -> Option<&Problem> {
        self.doubt.as_ref()
    }

    /// How many replays of the refresh of unknown outcome came to nothing.
    pub(super) fn replays(&self) -> u32 {
        self.unanswered
            .as_ref()
            .map_or(0, |refresh| refresh.replays)
    }

    /// The provider calls the set-up wrong when it is asked for a refresh.
    pub(super) fn refresh_is_unfit(&mut self) {
        self.refresh_is_unfit = true;
    }

    /// Whether a refresh is of no use while there is another way.
    pub(super) fn is_refresh_unfit(&self) -> bool {
        self.refresh_is_unfit
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

    fn back_off(&self, failures: u32, seed: u64, readers_wait: bool) -> Duration {
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

    /// The provider refused what the account renews with: the assertion, if it was presented.
    pub(super) fn rejected(&mut self, problem: Problem, assertion: bool, now: Tick) {
        self.rejection = Some(Rejection { problem, at: now });
        self.assertion_rejected |= assertion;
    }

    /// Why the provider refused what the account renews with.
    pub(super) fn rejection(&self) -> Option<&Problem> {
        self.rejection.as_ref().map(|rejection| &rejection.problem)
    }

    /// Whether the provider refused the assertion.
    pub(super) fn assertion_rejected(&self) -> bool {
        self.assertion_rejected
    }

    /// A person has to edit the account, here or at the provider.
    pub(super) fn set_up_is_wrong(&mut self, problem: Problem, now: Tick) {
        self.wrong_set_up = Some(WrongSetUp {
            problem,
            retry_at: now + MENDED_RETRY,
            at: now,
        });
    }

    /// What is wrong with the account's set-up.
    pub(super) fn wrong_set_up(&self) -> Option<&WrongSetUp> {
        self.wrong_set_up.as_ref()
    }

    /// The set-up may be right now.
    pub(super) fn forget_wrong_set_up(&mut self) {
        self.wrong_set_up = None;
    }

    /// The account was edited: what the provider said of it before no longer counts. Tells whether there was anything.
    pub(super) fn edited(&mut self) -> bool {
        let assertion = std::mem::take(&mut self.assertion_rejected);
        self.refresh_is_unfit = false;
        self.wrong_set_up.take().is_some() || assertion
    }

    /// What the provider said last that only a person can mend, if `sign_in_needed` or the set-up is wrong.
    pub(super) fn verdict(&self, sign_in_needed: bool) -> Option<Verdict> {
        let wrong = self.wrong_set_up.as_ref().map(|wrong| Verdict {
            kind: VerdictKind::Misconfigured,
            problem: wrong.problem.clone(),
            at: wrong.at,
        });
        let rejection = self.rejection.as_ref().filter(|_| sign_in_needed);
        let rejection = rejection.map(|rejection| Verdict {
            kind: VerdictKind::SignInNeeded,
            problem: rejection.problem.clone(),
            at: rejection.at,
        });
        wrong.or(rejection)
    }

    /// An assertion was presented, and it may have opened a session that nobody knows of.
    pub(super) fn may_have_opened(&mut self, now: Tick) {
        self.open_sessions
            .retain(|at| now < *at + OPEN_SESSIONS_PER);
        self.open_sessions.push(now);
    }

    /// Whether another assertion may be presented though it may open one session too many.
    pub(super) fn may_open(&self, now: Tick) -> bool {
        let recent = self.open_sessions.iter();
        recent.filter(|at| now < **at + OPEN_SESSIONS_PER).count() < OPEN_SESSIONS
    }

    /// A set came, whatever was wrong before.
    pub(super) fn succeeded(&mut self) {
        self.unanswered = None;
        self.doubt = None;
        self.failing = None;
        self.refresh_is_unfit = false;
        self.rejection = None;
        self.assertion_rejected = false;
        self.wrong_set_up = None;
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
        self.rejection = None;
        self.wrong_set_up = None;
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
