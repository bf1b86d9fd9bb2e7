//! What replies of the token endpoint do to the account.

use tokenkeep_oauth::{Problem, ProblemKind, Reply, TokenResponse};

use super::event::{AttemptId, Effect, Entry, Method};
use super::notice::{Notice, NoticeKey, Topic};
use super::schedule::{self, MENDED_RETRY, PLAIN_LEASE};
use super::{
    Account, Arrival, Doubt, Failing, Need, Phase, Retiring, Revocable, TokenSet, Unsaved, Write,
};
use crate::clock::Tick;

impl Account {
    pub(super) fn answered(
        &mut self,
        attempt: AttemptId,
        reply: Reply,
        now: Tick,
        fx: &mut Vec<Effect>,
    ) {
        let Phase::Sending {
            attempt: own,
            method,
            lives_from,
        } = self.phase
        else {
            return self.answered_late(attempt, reply, now, fx);
        };
        if own != attempt {
            return self.answered_late(attempt, reply, now, fx);
        }
        self.phase = Phase::Resting;
        match reply {
            Reply::Tokens(response) => self.received(*response, method, lives_from, now, fx),
            Reply::Rejected(problem) if problem.kind == ProblemKind::InvalidGrant => {
                self.rejected(attempt, method, problem, now, fx);
            }
            // A locked user, a wrong secret: someone has to mend it, and then the same tokens are
            // good again.
            Reply::Rejected(problem) | Reply::Misconfigured(problem) => {
                self.failed(attempt, problem.clone(), None, now, fx);
                self.need = Some(Need::Edit {
                    problem,
                    retry_at: now + MENDED_RETRY,
                });
            }
            Reply::Throttled {
                retry_after,
                problem,
            } => {
                self.failed(attempt, problem, Some(now + retry_after), now, fx);
            }
            Reply::NotSent(problem) => self.failed(attempt, problem, None, now, fx),
            Reply::OutcomeUnknown(problem) => {
                if method == Method::Refresh {
                    self.unanswered = Some(lives_from);
                }
                if self.kills(method) && method == Method::Refresh {
                    self.doubted(attempt, problem, now, fx);
                } else {
                    self.failed(attempt, problem, None, now, fx);
                }
            }
        }
    }

    /// An answer to an attempt that is no longer the account's own: its session is ended.
    fn answered_late(&mut self, attempt: AttemptId, reply: Reply, now: Tick, fx: &mut Vec<Effect>) {
        self.strays.retain(|stray| *stray != attempt);
        if let Reply::Tokens(response) = reply {
            fx.push(Effect::Journal(Entry::LateAnswer { attempt }));
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
        if matches!(self.phase, Phase::Removed) {
            return self.let_go(&TokenSet::received(response, sent_at, None), now, fx);
        }
        self.abandon_attempt();
        let rotated = match &self.phase {
            Phase::Sending { method, .. } => self.kills(*method),
            Phase::Saving(arrival) => self.kills(arrival.method),
            _ => false,
        };
        if let Some(held) = self.held.as_mut().filter(|_| rotated) {
            // Killed, or about to be, by what is abandoned: nobody gets it any more.
            held.expires_at = held.expires_at.min(now);
        }
        if let Phase::Saving(arrival) = std::mem::replace(&mut self.phase, Phase::Resting) {
            self.let_go(&arrival.set, now, fx);
        }
        self.need = None;
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
        let prior = self.held.as_ref().filter(|_| method == Method::Refresh);
        let set = TokenSet::received(response, lives_from, prior);
        let write = Write::new(now);
        self.phase = Phase::Saving(Box::new(Arrival {
            set,
            method,
            received_at: now,
            write,
        }));
        self.first_save_of_arrival(fx);
    }

    /// The set that was received becomes the current one, whether it is `saved` or the vault has been
    /// waited for long enough.
    pub(super) fn adopt(&mut self, saved: bool, now: Tick, fx: &mut Vec<Effect>) {
        let Phase::Saving(arrival) = std::mem::replace(&mut self.phase, Phase::Resting) else {
            return;
        };
        let Arrival {
            set, method, write, ..
        } = *arrival;
        self.replace(set, method, now);
        self.unsaved = (!saved).then_some(Unsaved { write });
        let Some(held) = &self.held else { return };
        fx.push(Effect::Journal(Entry::Renewed {
            method,
            generation: self.generation,
            token: held.access_token.fingerprint(),
            lifetime: held.lifetime(),
            expiry_assumed: held.expiry_assumed,
            unsaved: self.unsaved.is_some(),
        }));
        self.tell_of_arrival(method, now, fx);
    }

    fn replace(&mut self, set: TokenSet, method: Method, now: Tick) {
        let old = self.held.replace(set);
        if self.kills(method) {
            self.leases.forget_plain();
        }
        // A refresh goes on with its session; anything else opened another one.
        if let Some(old) = old.filter(|_| method != Method::Refresh) {
            let token = if self.refresh_rejected {
                Revocable::Access(old.access_token)
            } else {
                Revocable::session_of(&old)
            };
            // The old token was handed out until now, whatever else is retired with its session.
            for retiring in &mut self.retiring {
                retiring.not_before = retiring.not_before.max(now + PLAIN_LEASE);
            }
            self.retiring.push(Retiring {
                token,
                generation: self.generation,
                not_before: now + PLAIN_LEASE,
            });
        }
        self.generation += 1;
        self.pending = None;
        self.doubt = None;
        self.unanswered = None;
        self.need = None;
        self.failing = None;
        self.vault_problem = None;
        self.refresh_rejected = false;
        self.refused = None;
    }

    fn tell_of_arrival(&mut self, method: Method, now: Tick, fx: &mut Vec<Effect>) {
        let trouble = [
            Topic::SignInNeeded,
            Topic::Misconfigured,
            Topic::RenewalFailing,
        ];
        let before = self.generation - 1;
        // What was told under this set's number was about one that was lost with its keeper.
        self.told.prune(before, now);
        // A replay may bring what has died meanwhile.
        let alive = self.held.as_ref().filter(|held| held.lives(now));
        let token_until = alive.map(|held| held.expires_at);
        if trouble
            .into_iter()
            .any(|topic| self.told.has(topic, before))
        {
            let key = NoticeKey::About(Topic::Recovered, self.generation);
            if self.told.is_news(key) {
                fx.push(Effect::Notify(Notice {
                    key,
                    detail: None,
                    token_until,
                }));
            }
        }
        let key = NoticeKey::About(Topic::NoRefreshToken, self.generation);
        if method == Method::Code && self.refresh_token().is_none() && self.told.is_news(key) {
            let detail = Some(self.policy.no_refresh_token_advice.clone());
            fx.push(Effect::Notify(Notice {
                key,
                detail,
                token_until,
            }));
        }
    }

    /// Only a well-formed refusal of the token endpoint itself gets here. Nothing is forgotten: the
    /// access token is served while it lives, unless it may have been rotated away.
    fn rejected(
        &mut self,
        attempt: AttemptId,
        method: Method,
        problem: Problem,
        now: Tick,
        fx: &mut Vec<Effect>,
    ) {
        fx.push(Effect::Journal(Entry::Rejected {
            attempt,
            problem: problem.clone(),
        }));
        if method != Method::Refresh {
            self.need = Some(Need::SignIn(problem));
            return;
        }
        self.refresh_rejected = true;
        self.unanswered = None;
        self.failing = None;
        if self.doubt.take().is_some()
            && let Some(held) = &mut self.held
        {
            held.expires_at = held.expires_at.min(now);
        }
        self.unmark(fx);
        if self.policy.assertion.is_some() {
            // Another request, not a repetition: it need not keep its distance.
            self.last_attempt = None;
        } else {
            self.need = Some(Need::SignIn(problem));
        }
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
        fx.push(Effect::Journal(Entry::Failed {
            attempt,
            problem: problem.clone(),
        }));
        self.count_failure(problem, not_before, now);
        if self.unanswered.is_none() {
            self.unmark(fx);
        }
    }

    fn doubted(&mut self, attempt: AttemptId, problem: Problem, now: Tick, fx: &mut Vec<Effect>) {
        fx.push(Effect::Journal(Entry::InDoubt {
            attempt,
            problem: problem.clone(),
        }));
        if self.doubt.is_none() {
            self.failing = None;
        }
        self.doubt = Some(Doubt {
            problem: problem.clone(),
        });
        self.count_failure(problem, None, now);
    }

    fn count_failure(&mut self, problem: Problem, not_before: Option<Tick>, now: Tick) {
        let count = self
            .failing
            .as_ref()
            .map_or(0, |failing| failing.count)
            .saturating_add(1);
        let wait = if self.doubt.is_some() {
            schedule::replay_back_off(count, self.policy.seed, false)
        } else {
            schedule::back_off(count, self.policy.seed, false)
        };
        self.failing = Some(Failing {
            count,
            problem,
            last: now,
            retry_at: now + wait,
            not_before,
        });
    }
}
