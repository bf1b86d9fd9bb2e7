//! A model of an authorization server, written from what practice/README.md says of RingCentral and from
//! nothing else.
//!
//! It is the ground truth of a simulation: what it says of a token's life is so, whatever the keeper
//! believes. It knows real time only; the keeper's wall clock means nothing to it.

mod behaviour;
mod quota;

use std::collections::HashMap;
use std::time::Duration;

use tokenkeep_oauth::{AccessToken, RefreshToken, Revocable, TokenResponse};
use tokenkeep_protocol::account::Request;
use tokenkeep_protocol::clock::Tick;

pub(crate) use behaviour::Behaviour;
use quota::{Counted, Meters};

/// A used refresh token brings the same answer again for this long after the new access token was
/// first used …
const REPLAY_USED: Duration = Duration::from_secs(10);

/// … or for this long while it is unused.
pub(crate) const REPLAY_UNUSED: Duration = Duration::from_secs(3600);

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

#[derive(Debug)]
struct Session {
    user: usize,
    client: usize,
    refresh: Option<String>,
    refresh_dies_at: Option<Tick>,
    access: String,
    /// All access tokens that may live still.
    accesses: Vec<String>,
    previous: Option<Previous>,
    ends_at: Option<Tick>,
    ended: Option<By>,
}

#[derive(Debug)]
struct Previous {
    refresh: String,
    answer: TokenResponse,
    at: Tick,
    by: By,
}

/// WaitedFor a refresh token was not accepted.
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

    /// Opens a session; the oldest goes where there are too many.
    pub(crate) fn open(&mut self, client: usize, user: usize, by: By, now: Tick) -> TokenResponse {
        let most = self.behaviour.sessions;
        while self.open_sessions(client, user) >= most {
            let oldest = self.open[&(client, user)][0];
            self.end(oldest, By::Eviction, now);
        }
        let session = self.sessions.len();
        let ends_at = self.behaviour.session_lifetime.map(|life| now + life);
        self.sessions.push(Session {
            user,
            client,
            refresh: None,
            refresh_dies_at: None,
            access: String::new(),
            accesses: Vec::new(),
            previous: None,
            ends_at,
            ended: None,
        });
        self.open.entry((client, user)).or_default().push(session);
        let refresh = self.behaviour.issues_refresh;
        self.issue(session, refresh, by, now)
    }

    fn issue(&mut self, session: usize, refresh: bool, to: By, now: Tick) -> TokenResponse {
        self.issued += 1;
        let access = format!("{PLANTED}-access-{}", self.issued);
        let of = &mut self.sessions[session];
        let ends_at = of.ends_at.unwrap_or(Tick::from_millis(i64::MAX));
        let dies_at = (now + self.behaviour.lifetime).min(ends_at);
        of.access.clone_from(&access);
        let accesses = &self.accesses;
        of.accesses
            .retain(|old| accesses.get(old).is_some_and(|old| old.lives(now)));
        of.accesses.push(access.clone());
        if refresh {
            let token = format!("{PLANTED}-refresh-{}", self.issued);
            of.refresh_dies_at = self.behaviour.refresh_lifetime.map(|life| now + life);
            self.refreshes.insert(token.clone(), session);
            of.refresh = Some(token);
        }
        let session_ends = of.ends_at.filter(|_| self.behaviour.names_session);
        self.accesses.insert(
            access.clone(),
            Access {
                session,
                issued_at: now,
                issued_to: to,
                dies_at,
                killed: None,
                first_used: None,
            },
        );
        TokenResponse {
            access_token: AccessToken::new(access),
            refresh_token: refresh
                .then(|| of.refresh.clone().map(RefreshToken::new))
                .flatten(),
            expires_in: self.behaviour.names_lifetime.then(|| now.until(dies_at)),
            refresh_token_expires_in: refresh.then_some(self.behaviour.refresh_lifetime).flatten(),
            session_expires_in: session_ends.map(|at| now.until(at)),
            scope: None,
            owner_id: None,
            endpoint_id: None,
            rate_limit: None,
        }
    }

    fn refresh(&mut self, token: &str, by: By, now: Tick) -> Response {
        let Some(&session) = self.refreshes.get(token) else {
            return Response::InvalidGrant(Denied::Unknown);
        };
        self.end_overdue(session, now);
        let of = &self.sessions[session];
        if let Some(by) = of.ended {
            return Response::InvalidGrant(Denied::SessionEnded(by));
        }
        if of.refresh.as_deref() == Some(token) {
            if of.refresh_dies_at.is_some_and(|at| at <= now) {
                return Response::InvalidGrant(Denied::Expired);
            }
            return Response::Tokens(self.rotate(session, token, by, now));
        }
        let denied = match &of.previous {
            Some(previous) if previous.refresh == token => {
                if !self.behaviour.replays || now.since(previous.at) > REPLAY_UNUSED {
                    Denied::WindowOver(previous.by)
                } else {
                    match self.accesses[previous.answer.access_token.expose()].first_used {
                        Some((at, by)) if now.since(at) > REPLAY_USED => Denied::Used(by),
                        // The same answer again, verbatim: `expires_in` counts from the first time.
                        _ => return Response::Tokens(previous.answer.clone()),
                    }
                }
            }
            previous => {
                Denied::Outdated(previous.as_ref().map_or(By::Others, |previous| previous.by))
            }
        };
        if self.behaviour.reuse_ends_session {
            let by = if by == By::Us { By::Reuse } else { by };
            self.end(session, by, now);
        }
        Response::InvalidGrant(denied)
    }

    fn rotate(&mut self, session: usize, token: &str, by: By, now: Tick) -> TokenResponse {
        if self.behaviour.kills {
            let old = self.sessions[session].access.clone();
            self.kill(&old, by, now);
        }
        let answer = self.issue(session, self.behaviour.rotates, by, now);
        if self.behaviour.rotates {
            self.sessions[session].previous = Some(Previous {
                refresh: token.to_owned(),
                answer: answer.clone(),
                at: now,
                by,
            });
            return answer;
        }
        TokenResponse {
            refresh_token: self
                .behaviour
                .repeats_refresh
                .then(|| RefreshToken::new(token)),
            ..answer
        }
    }

    fn kill(&mut self, access: &str, by: By, now: Tick) {
        if let Some(access) = self.accesses.get_mut(access) {
            access.killed.get_or_insert((now, by));
        }
    }

    fn end_overdue(&mut self, session: usize, now: Tick) {
        if self.sessions[session].ends_at.is_some_and(|at| at <= now) {
            self.end(session, By::SessionTimeout, now);
        }
    }

    /// Ends a whole session.
    pub(crate) fn end(&mut self, session: usize, by: By, now: Tick) {
        let of = &mut self.sessions[session];
        if of.ended.is_some() {
            return;
        }
        of.ended = Some(by);
        if let Some(open) = self.open.get_mut(&(of.client, of.user)) {
            open.retain(|other| *other != session);
        }
        for access in std::mem::take(&mut of.accesses) {
            self.kill(&access, by, now);
        }
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
