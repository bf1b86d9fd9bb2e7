//! What replies of the token endpoint do to the account.

use tokenkeep_oauth::{Problem, ProblemKind, Reply, Revocable, TokenResponse};

use super::effect::Effect;
use super::ids::AttemptId;
use super::news::News;
use super::phase::{Arrival, Attempt};
use super::policy::Method;
use super::{Account, Stage, TokenSet};
use crate::clock::Tick;

impl Account {
    pub(super) fn answered(
        &mut self,
        attempt: AttemptId,
        reply: Reply,
        now: Tick,
        fx: &mut Vec<Effect>,
    ) {
        let own = self.phase.request();
        let Some(request) = own.filter(|request| request.attempt == attempt) else {
            return self.answered_late(attempt, reply, now, fx);
        };
        self.phase.rest();
        match reply {
            Reply::Tokens(response) => {
                self.received(*response, request.method, request.lives_from, now, fx);
            }
            Reply::Rejected(problem) if problem.kind == ProblemKind::InvalidGrant => {
                self.rejected(request, problem, now, fx);
            }
            // A locked user, a wrong secret: someone has to mend it, and then the same tokens are
            // good again.
            Reply::Rejected(problem) | Reply::Misconfigured(problem) => {
                self.failed(attempt, problem.clone(), None, now, fx);
                self.set_up_is_wrong(request.method, problem, now, fx);
            }
            Reply::Throttled {
                retry_after,
                problem,
            } => {
                self.failed(attempt, problem, Some(now + retry_after), now, fx);
            }
            Reply::NotSent(problem) => self.failed(attempt, problem, None, now, fx),
            Reply::OutcomeUnknown {
                problem,
                retry_after,
            } => {
                let not_before = retry_after.map(|wait| now + wait);
                self.not_answered(request, problem, not_before, now, fx);
            }
        }
    }

    /// The provider calls the account's set-up wrong, perhaps for this method alone.
    fn set_up_is_wrong(
        &mut self,
        method: Method,
        problem: Problem,
        now: Tick,
        fx: &mut Vec<Effect>,
    ) {
        if method == Method::Refresh {
            self.attempts.refresh_is_unfit();
            if self.known_method(now) == Some(Method::Assertion) {
                return self.attempts.begin_afresh();
            }
        }
        self.attempts.set_up_is_wrong(problem, now);
        self.write_again(fx);
    }

    /// An answer to an attempt that is no longer the account's own: its session is ended.
    fn answered_late(&mut self, attempt: AttemptId, reply: Reply, now: Tick, fx: &mut Vec<Effect>) {
        self.attempts.stray_answered(attempt);
        if let Reply::Tokens(response) = reply {
            fx.push(Effect::Tell(News::LateAnswer { attempt }));
            self.let_go(&TokenSet::received(*response, now, None), now, fx);
        }
    }

    /// A person signed in: whatever was under way no longer matters.
    pub(super) fn signed_in(
        &mut self,
        response: TokenResponse,
        sent_at: Tick,
        now: Tick,
        fx: &mut Vec<Effect>,
    ) {
        if matches!(self.phase.stage(), Stage::Removed) {
            return self.let_go(&TokenSet::received(response, sent_at, None), now, fx);
        }
        self.abandon_attempt();
        let rotated = match self.phase.stage() {
            Stage::Sending(request) => self.policy.kills(request.method),
            Stage::Saving(arrival) => self.policy.kills(arrival.method),
            _ => false,
        };
        if rotated {
            // Killed, or about to be, by what is abandoned.
            self.tokens.die(now);
        }
        if let Stage::Saving(arrival) = self.phase.rest() {
            self.let_go(&arrival.set, now, fx);
        }
        self.received(response, Method::Code, sent_at, now, fx);
    }

    /// Tokens came. They are saved before anybody gets them.
    fn received(
        &mut self,
        response: TokenResponse,
        method: Method,
        lives_from: Tick,
        now: Tick,
        fx: &mut Vec<Effect>,
    ) {
        let prior = self.tokens.current().filter(|_| method == Method::Refresh);
        self.phase.save(Arrival {
            set: TokenSet::received(response, lives_from, prior),
            method,
            received_at: now,
        });
        let save = self.writes.arrived();
        let record = self.durable();
        fx.push(Effect::Save { save, record });
    }

    /// The set that was received becomes the current one: it is in the vault, or the vault has been waited for
    /// long enough.
    pub(super) fn adopt(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        let Stage::Saving(arrival) = self.phase.rest() else {
            return;
        };
        let Arrival { set, method, .. } = *arrival;
        let news = (
            set.access_token.fingerprint(),
            set.lifetime(),
            set.expiry_assumed,
        );
        self.replace(set, method, now, fx);
        let (fingerprint, lifetime, expiry_assumed) = news;
        fx.push(Effect::Tell(News::Renewed {
            method,
            generation: self.tokens.generation(),
            fingerprint,
            lifetime,
            expiry_assumed,
            unsaved: self.writes.is_unsaved(),
        }));
        self.tell_of_arrival(method, now, fx);
    }

    fn replace(&mut self, set: TokenSet, method: Method, now: Tick, fx: &mut Vec<Effect>) {
        let (before, rejected) = (self.tokens.generation(), self.tokens.refresh_rejected());
        let old = self.tokens.replace(set, now);
        // A refresh goes on with its session; anything else opened another one.
        if let Some(old) = old.filter(|_| method != Method::Refresh) {
            let token = if rejected {
                Revocable::Access(old.access_token)
            } else {
                old.revocable()
            };
            self.end_session(token, before, now);
        }
        let told = self.readers.leases.replaced(self.policy.kills(method));
        fx.extend(told.into_iter().map(Effect::tell_holder));
        self.writes.adopted();
        self.attempts.succeeded();
    }

    /// Only a well-formed refusal of the token endpoint itself gets here. Nothing is forgotten: the
    /// access token is served while it lives, unless it may have been rotated away.
    fn rejected(&mut self, request: Attempt, problem: Problem, now: Tick, fx: &mut Vec<Effect>) {
        fx.push(Effect::Tell(News::Rejected {
            attempt: request.attempt,
            problem: problem.clone(),
        }));
        let by_refresh = request.method == Method::Refresh;
        self.attempts.rejected(problem, !by_refresh, now);
        if by_refresh {
            self.tokens.reject_refresh_token();
            if self.attempts.refresh_rejected() {
                self.tokens.die(now);
            }
            self.writes.take_mark();
            if self.known_method(now).is_some() {
                self.attempts.begin_afresh();
            }
        }
        // What is over stays over across a restart.
        self.write_again(fx);
    }

    /// The request left everything as it was, or as doubtful as it was.
    fn failed(
        &mut self,
        attempt: AttemptId,
        problem: Problem,
        not_before: Option<Tick>,
        now: Tick,
        fx: &mut Vec<Effect>,
    ) {
        fx.push(Effect::Tell(News::Failed {
            attempt,
            problem: problem.clone(),
        }));
        self.attempts
            .failed(problem, not_before, now, self.policy.seed);
        if self.attempts.unanswered().is_none() {
            self.unmark(fx);
        }
    }

    /// Nobody knows what the provider made of the request.
    fn not_answered(
        &mut self,
        request: Attempt,
        problem: Problem,
        not_before: Option<Tick>,
        now: Tick,
        fx: &mut Vec<Effect>,
    ) {
        let Attempt {
            attempt,
            method,
            lives_from,
        } = request;
        if method != Method::Refresh {
            self.attempts.may_have_opened(now);
            return self.failed(attempt, problem, not_before, now, fx);
        }
        self.attempts.not_answered(lives_from);
        if !self.policy.kills(method) {
            return self.failed(attempt, problem, not_before, now, fx);
        }
        fx.push(Effect::Tell(News::InDoubt {
            attempt,
            problem: problem.clone(),
        }));
        self.attempts
            .doubted(problem, not_before, now, self.policy.seed);
    }
}
