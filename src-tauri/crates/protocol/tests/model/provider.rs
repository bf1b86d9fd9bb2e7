//! A model of an authorization server, written from what practice/README.md says of RingCentral and from
//! nothing else.
//!
//! It is the ground truth of a simulation: what it says of a token's life is so, whatever the keeper
//! believes. It knows real time only; the keeper's wall clock means nothing to it.

mod behaviour;
mod quota;
mod sessions;

use std::collections::HashMap;
use tokenkeep_oauth::{Revocable, TokenResponse};
use tokenkeep_protocol::account::Request;
use tokenkeep_protocol::clock::Tick;

pub(crate) use behaviour::Behaviour;
use quota::{Counted, Meters};
pub(crate) use sessions::REPLAY_UNUSED;
use sessions::Session;

/// Every secret that the model issues holds this word, so that a leak is found by searching for it.
pub(crate) const PLANTED: &str = "PLANTED";

/// On whose behalf something was done to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The keeper.
    Us,
    /// Another program, the user, an administrator.
    Others,
    /// The provider, because too many sessions were opened.
    Eviction,
    /// The provider, because the session's time was up.
    SessionTimeout,
    /// The provider, because the keeper sent a used refresh token again.
    Reuse,
}

/// An access token as the provider knows it.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) session: usize,
    pub(crate) issued_at: Tick,
    pub(crate) issued_to: By,
    pub(crate) dies_at: Tick,
    pub(crate) killed: Option<(Tick, By)>,
    pub(crate) first_used: Option<(Tick, By)>,
}

impl Access {
    /// Whether an API accepts it.
    pub(crate) fn lives(&self, now: Tick) -> bool {
        self.killed.is_none() && now < self.dies_at
    }
}

/// Why a refresh token was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    SessionEnded(By),
    Expired,
    /// Used before, and the window is over because the next access token was used by whom.
    Used(By),
    /// Used before by whom, and the window is over because nobody asked again in time, or there is
    /// none.
    WindowOver(By),
    /// Used before the one before, last by whom.
    Outdated(By),
    /// The assertion is not good.
    Assertion,
    /// Nobody ever issued it.
    Unknown,
}

/// What the server answers.
#[derive(Debug)]
pub(crate) enum Response {
    Tokens(TokenResponse),
    InvalidGrant(Denied),
    /// More requests than the quota allows.
    TooMany,
}

/// The server.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) behaviour: Behaviour,
    sessions: Vec<Session>,
    /// Those that last, by client and user, the oldest first.
    open: HashMap<(usize, usize), Vec<usize>>,
    refreshes: HashMap<String, usize>,
    accesses: HashMap<String, Access>,
    meters: Meters,
    /// While assertions are refused.
    pub(crate) assertions_refused: bool,
    issued: u64,
}

impl Provider {
    pub(crate) fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            sessions: Vec::new(),
            open: HashMap::new(),
            refreshes: HashMap::new(),
            accesses: HashMap::new(),
            meters: Meters::default(),
            assertions_refused: false,
            issued: 0,
        }
    }

    /// Answers a token request of the keeper. `assertion_ended`: the account's assertion is past its
    /// `exp`.
    pub(crate) fn respond(
        &mut self,
        client: usize,
        user: usize,
        request: &Request,
        assertion_ended: bool,
        now: Tick,
    ) -> Response {
        if self.is_over_quota(client, user, now) {
            return Response::TooMany;
        }
        let response = match request {
            Request::PresentAssertion if self.assertions_refused || assertion_ended => {
                Response::InvalidGrant(Denied::Assertion)
            }
            Request::PresentAssertion => Response::Tokens(self.open(client, user, By::Us, now)),
            Request::Refresh(token) => self.refresh(token.expose(), By::Us, now),
        };
        self.with_headers(response, client, user)
    }

    /// Answers the exchange of a good authorization code.
    pub(crate) fn exchange(&mut self, client: usize, user: usize, now: Tick) -> Response {
        if self.is_over_quota(client, user, now) {
            return Response::TooMany;
        }
        let response = Response::Tokens(self.open(client, user, By::Us, now));
        self.with_headers(response, client, user)
    }

    fn counted(&self, client: usize, user: usize) -> Counted {
        (client, self.behaviour.quota_per_user.then_some(user))
    }

    fn is_over_quota(&mut self, client: usize, user: usize, now: Tick) -> bool {
        let counted = self.counted(client, user);
        let quota = self.behaviour.quota.as_ref();
        quota.is_some_and(|quota| self.meters.is_over(counted, quota, now))
    }

    fn with_headers(&self, response: Response, client: usize, user: usize) -> Response {
        let quota = self.behaviour.quota.as_ref();
        match (response, quota.filter(|_| self.behaviour.announces_quota)) {
            (Response::Tokens(tokens), Some(quota)) => Response::Tokens(TokenResponse {
                rate_limit: Some(self.meters.headers(self.counted(client, user), quota)),
                ..tokens
            }),
            (response, _) => response,
        }
    }

    /// Another program uses the same client and counts against the same quota.
    pub(crate) fn others_request(&mut self, client: usize, user: usize, now: Tick) -> bool {
        !self.is_over_quota(client, user, now)
    }

    /// Ends the session of a token, as the keeper asks.
    pub(crate) fn revoke(&mut self, token: &Revocable, now: Tick) {
        if let Some(session) = self.session_of(token) {
            self.end(session, By::Us, now);
        }
    }

    /// This refresh token came after its sender had given it up: nobody could help what it did.
    pub(crate) fn excuse_reuse(&mut self, refresh: &str) {
        if let Some(&session) = self.refreshes.get(refresh) {
            let ended = &mut self.sessions[session].ended;
            *ended = ended.map(|by| if by == By::Reuse { By::Others } else { by });
        }
    }

    /// The session of a token, if it was ever issued.
    pub(crate) fn session_of(&self, token: &Revocable) -> Option<usize> {
        match token {
            Revocable::Refresh(token) => self.refreshes.get(token.expose()).copied(),
            Revocable::Access(token) => self.access(token.expose()).map(|access| access.session),
        }
    }

    /// Whether a session has ended.
    pub(crate) fn has_ended(&self, session: usize) -> bool {
        self.sessions[session].ended.is_some()
    }

    /// How many sessions of a user last.
    pub(crate) fn open_sessions(&self, client: usize, user: usize) -> usize {
        self.open.get(&(client, user)).map_or(0, Vec::len)
    }

    /// Whether a refresh with this token would be answered with tokens.
    pub(crate) fn accepts(&self, refresh: &str, now: Tick) -> bool {
        let Some(&session) = self.refreshes.get(refresh) else {
            return false;
        };
        let of = &self.sessions[session];
        let current = of.refresh.as_deref() == Some(refresh);
        let lasts = of.ended.is_none() && of.ends_at.is_none_or(|at| now < at);
        lasts && current && of.refresh_dies_at.is_none_or(|at| now < at)
    }

    /// Another program that has this refresh token renews its session and uses what it gets: its next
    /// refresh token, where it got one.
    pub(crate) fn refreshed_by_others(&mut self, refresh: &str, now: Tick) -> Option<String> {
        match self.refresh(refresh, By::Others, now) {
            Response::Tokens(answer) => {
                self.used(answer.access_token.expose(), By::Others, now);
                let next = answer.refresh_token.as_ref();
                Some(next.map_or(refresh, |token| token.expose()).to_owned())
            }
            Response::InvalidGrant(_) | Response::TooMany => None,
        }
    }

    /// An API was called with this token: whether it was accepted.
    pub(crate) fn used(&mut self, access: &str, by: By, now: Tick) -> bool {
        let alive = self.is_alive(access, now);
        if let Some(access) = self.accesses.get_mut(access).filter(|_| alive) {
            access.first_used.get_or_insert((now, by));
        }
        alive
    }

    /// What is known of an access token.
    pub(crate) fn access(&self, access: &str) -> Option<&Access> {
        self.accesses.get(access)
    }

    /// Whether an API accepts this token.
    pub(crate) fn is_alive(&self, access: &str, now: Tick) -> bool {
        self.access(access).is_some_and(|access| access.lives(now))
    }

    /// Whether a refresh with this token, if it arrived now, would kill that access token.
    pub(crate) fn would_kill(&self, refresh: &str, access: &str) -> bool {
        let Some(&session) = self.refreshes.get(refresh) else {
            return false;
        };
        let of = &self.sessions[session];
        let current = of.refresh.as_deref() == Some(refresh) && of.access == access;
        self.behaviour.kills && of.ended.is_none() && current
    }
}
