//! What becomes of a request on its way to the provider and back.

use std::time::Duration;

use rand::RngExt as _;
use tokenkeep_oauth::{Problem, ProblemKind, Reply};
use tokenkeep_protocol::account::{AttemptId, Request};
use tokenkeep_protocol::clock::Tick;

use super::provider::{Denied, Response};
use super::world::{Happening, World};

/// How long a token request may take.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What is in store for one request.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// No connection comes about.
    NotSent { after: Duration },
    /// It is sent, and neither it nor an answer arrives anywhere.
    Lost { after: Duration },
    /// Something before the provider answers in its place: a captive portal's page.
    Intercepted { after: Duration, kind: ProblemKind },
    /// It arrives, perhaps after its sender gave up.
    Arrives { after: Duration, then: Then },
}

/// What is in store for one that arrives.
#[derive(Clone, Debug)]
pub(crate) enum Then {
    /// It is answered.
    Answered { after: Duration },
    /// It is carried out, and the answer is lost.
    AnswerLost { after: Duration },
    /// Something in between answers instead: a 500, a page of HTML.
    Spoilt {
        carried_out: bool,
        kind: ProblemKind,
    },
    /// It is refused before it is looked at: 429, or 503 with the provider's own code where `maintenance`.
    Throttled {
        retry_after: Duration,
        maintenance: bool,
    },
    /// A gateway answers with 503, perhaps after the provider has acted.
    Unavailable {
        carried_out: bool,
        retry_after: Option<Duration>,
    },
    /// The client is switched off, or its user is locked.
    ClientRefused(ProblemKind),
}

/// A request on its way.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub(crate) id: u64,
    pub(crate) life: u32,
    pub(crate) account: usize,
    /// `None` is the exchange of a code.
    pub(crate) errand: Option<(AttemptId, Request)>,
    pub(crate) sent_at: Tick,
    pub(crate) then: Then,
}

/// What comes back to the keeper.
#[derive(Debug)]
pub(crate) struct Return {
    pub(crate) flight: u64,
    pub(crate) life: u32,
    pub(crate) account: usize,
    pub(crate) attempt: Option<AttemptId>,
    pub(crate) sent_at: Tick,
    pub(crate) reply: Reply,
    pub(crate) denied: Option<Denied>,
}

fn problem(kind: ProblemKind) -> Problem {
    Problem::new(kind, "The model says so.")
}

impl World {
    /// Sends a request off to what the faults have in store for it.
    pub(crate) fn send(&mut self, account: usize, errand: Option<(AttemptId, Request)>) -> u64 {
        // The exchange of a code ails of neither.
        let refresh = errand.as_ref();
        let refresh = refresh.map(|(_, request)| matches!(request, Request::Refresh(_)));
        let fate = self.draw_fate(refresh);
        self.flights += 1;
        let (id, sent_at, life) = (self.flights, self.now, self.life);
        self.note(|| format!("account {account}: flight {id} has {fate:?} in store"));
        let attempt = errand.as_ref().map(|(attempt, _)| *attempt);
        let back = |reply| {
            Happening::Returns(Return {
                flight: id,
                life,
                account,
                attempt,
                sent_at,
                reply,
                denied: None,
            })
        };
        let gave_up = || back(Reply::outcome_unknown(problem(ProblemKind::Timeout)));
        match fate {
            Fate::NotSent { after } => {
                let reply = Reply::NotSent(problem(ProblemKind::Connect));
                self.at(sent_at + after, back(reply));
            }
            Fate::Lost { after } => self.at(sent_at + after.min(TIME_LIMIT), gave_up()),
            Fate::Intercepted { after, kind } => {
                let reply = Reply::outcome_unknown(problem(kind));
                self.at(sent_at + after, back(reply));
            }
            Fate::Arrives { after, then } => {
                if after >= TIME_LIMIT {
                    self.at(sent_at + TIME_LIMIT, gave_up());
                }
                if let Some((_, Request::Refresh(token))) = &errand {
                    let token = token.expose().to_owned();
                    self.travelling.insert(id, (account, token));
                }
                let flight = Flight {
                    id,
                    life,
                    account,
                    errand,
                    sent_at,
                    then,
                };
                self.at(sent_at + after, Happening::Arrives(flight));
            }
        }
        id
    }

    /// A request is at the provider.
    pub(crate) fn arrived(&mut self, flight: Flight) {
        let Flight {
            id,
            life,
            account,
            errand,
            sent_at,
            then,
        } = flight;
        self.travelling.remove(&id);
        let now = self.now;
        let late = life != self.life || now >= sent_at + TIME_LIMIT;
        let latency = Duration::from_millis(self.rng.random_range(5..300));
        let mut denied = None;
        let (reply, after) = match then {
            Then::Answered { after } => (
                self.carry_out(account, errand.as_ref(), late, &mut denied),
                after,
            ),
            Then::AnswerLost { after } => {
                self.carry_out(account, errand.as_ref(), late, &mut None);
                let problem = problem(ProblemKind::ConnectionLost);
                (Reply::outcome_unknown(problem), after)
            }
            Then::Spoilt { carried_out, kind } => {
                if carried_out {
                    self.carry_out(account, errand.as_ref(), late, &mut None);
                }
                (Reply::outcome_unknown(problem(kind)), latency)
            }
            Then::Throttled {
                retry_after,
                maintenance,
            } => {
                let kind = if maintenance {
                    ProblemKind::Unavailable
                } else {
                    ProblemKind::Throttled
                };
                let problem = problem(kind);
                let reply = Reply::Throttled {
                    retry_after,
                    problem,
                };
                (reply, latency)
            }
            Then::Unavailable {
                carried_out,
                retry_after,
            } => {
                if carried_out {
                    self.carry_out(account, errand.as_ref(), late, &mut None);
                }
                let problem = problem(ProblemKind::Unavailable);
                let reply = Reply::OutcomeUnknown {
                    problem,
                    retry_after,
                };
                (reply, latency)
            }
            Then::ClientRefused(ProblemKind::AccountRefused) => {
                let problem = problem(ProblemKind::AccountRefused);
                (Reply::Rejected(problem), latency)
            }
            Then::ClientRefused(kind) => (Reply::Misconfigured(problem(kind)), latency),
        };
        let limit = sent_at + TIME_LIMIT;
        if now >= limit {
            return;
        }
        let (reply, at) = if now + after > limit {
            let reply = Reply::outcome_unknown(problem(ProblemKind::Timeout));
            (reply, limit)
        } else {
            (reply, now + after)
        };
        let back = Return {
            flight: id,
            life,
            account,
            attempt: errand.map(|(attempt, _)| attempt),
            sent_at,
            reply,
            denied,
        };
        self.at(at, Happening::Returns(back));
    }

    fn carry_out(
        &mut self,
        account: usize,
        errand: Option<&(AttemptId, Request)>,
        late: bool,
        denied: &mut Option<Denied>,
    ) -> Reply {
        let (spec, now) = (self.specs[account], self.now);
        let response = match errand {
            Some((_, request)) => {
                let ended = spec.assertion_ends.is_some_and(|at| at <= now);
                let (client, user) = (spec.client, spec.user);
                let response = self.provider.respond(client, user, request, ended, now);
                if late && let Request::Refresh(token) = request {
                    self.provider.excuse_reuse(token.expose());
                }
                response
            }
            None => self.provider.exchange(spec.client, spec.user, now),
        };
        self.note(|| format!("account {account}: the provider answers {response:?}"));
        match response {
            Response::Tokens(tokens) => Reply::Tokens(Box::new(tokens)),
            Response::InvalidGrant(why) => {
                *denied = Some(why);
                Reply::Rejected(problem(ProblemKind::InvalidGrant))
            }
            // Without `Retry-After` a minute is waited, too.
            Response::TooMany => Reply::Throttled {
                retry_after: Duration::from_secs(60),
                problem: problem(ProblemKind::Throttled),
            },
        }
    }
}
