//! A model of an authorization server, written from RINGCENTRAL.md and from nothing else.
//!
//! It is the ground truth of a simulation: what it says of a token's life is so, whatever the keeper
//! believes. It knows real time only; the keeper's wall clock means nothing to it.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokenkeep_keeper::account::{Request, Revocable};
use tokenkeep_keeper::clock::Tick;
use tokenkeep_oauth::{AccessToken, Quota, RefreshToken, TokenResponse};

/// A used refresh token brings the same answer again for this long after the new access token was
/// first used …
const REPLAY_USED: Duration = Duration::from_secs(10);

/// … or for this long while it is unused.
const REPLAY_UNUSED: Duration = Duration::from_secs(3600);

/// Every secret that the model issues holds this word, so that a leak is found by searching for it.
pub(crate) const PLANTED: &str = "PLANTED";

/// How this server differs from others.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    /// How long access tokens live.
    pub(crate) lifetime: Duration,
    /// Whether an answer says so.
    pub(crate) names_lifetime: bool,
    /// Whether a refresh kills the previous access token at once.
    pub(crate) kills: bool,
    /// Whether a refresh token is for one use.
    pub(crate) rotates: bool,
    /// Whether a used refresh token can be replayed for a while.
    pub(crate) replays: bool,
    /// Whether a sign-in brings a refresh token.
    pub(crate) issues_refresh: bool,
    /// Whether a refresh brings a refresh token again (one that rotates always does).
    pub(crate) repeats_refresh: bool,
    /// How long refresh tokens live.
    pub(crate) refresh_lifetime: Option<Duration>,
    /// How long a session lives, whatever is renewed in it.
    pub(crate) session_lifetime: Option<Duration>,
    /// How many token requests a client may send.
    pub(crate) quota: Option<Quota>,
    /// How many sessions a user and client may have side by side.
    pub(crate) sessions: usize,
}

impl Behaviour {
    /// RingCentral, as documented.
    pub(crate) fn ringcentral() -> Self {
        Self {
            lifetime: Duration::from_secs(3600),
            names_lifetime: true,
            kills: true,
            rotates: true,
            replays: true,
            issues_refresh: true,
            repeats_refresh: true,
            refresh_lifetime: Some(Duration::from_secs(604_800)),
            session_lifetime: None,
            quota: Some(Quota {
                requests: 5,
                window: Duration::from_secs(60),
                penalty: Duration::from_secs(60),
            }),
            sessions: 5,
        }
    }
}

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

#[derive(Debug)]
struct Session {
    user: usize,
    client: usize,
    refresh: Option<String>,
    refresh_dies_at: Option<Tick>,
    access: String,
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

/// Why a refresh token was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    SessionEnded(By),
    Expired,
    /// Used before, and the window is over because the next access token was used by whom.
    Used(By),
    /// Used before, and the window is over because nobody asked again in time, or there is none.
    WindowOver,
    /// Used before the one before, last by whom.
    Outdated(By),
    /// The assertion is not good.
    Assertion,
}

/// What the server answers.
#[derive(Debug)]
pub(crate) enum Response {
    Tokens(TokenResponse),
    InvalidGrant(Denied),
    /// More requests than the quota allows.
    TooMany,
}

#[derive(Debug, Default)]
struct Meter {
    recent: VecDeque<Tick>,
    penalty_until: Option<Tick>,
}

/// The server.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) behaviour: Behaviour,
    sessions: Vec<Session>,
    refreshes: BTreeMap<String, usize>,
    accesses: BTreeMap<String, Access>,
    meters: BTreeMap<usize, Meter>,
    /// Until when the assertion of a user is refused.
    pub(crate) assertions_refused: bool,
    issued: u64,
}

impl Provider {
    pub(crate) fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            sessions: Vec::new(),
            refreshes: BTreeMap::new(),
            accesses: BTreeMap::new(),
            meters: BTreeMap::new(),
            assertions_refused: false,
            issued: 0,
        }
    }

    /// Answers a token request of the keeper.
    pub(crate) fn respond(
        &mut self,
        client: usize,
        user: usize,
        request: &Request,
        now: Tick,
    ) -> Response {
        if self.is_over_quota(client, now) {
            return Response::TooMany;
        }
        match request {
            Request::PresentAssertion if self.assertions_refused => {
                Response::InvalidGrant(Denied::Assertion)
            }
            Request::PresentAssertion => Response::Tokens(self.open(client, user, now)),
            Request::Refresh(token) => self.refresh(token.expose(), By::Us, now),
        }
    }

    /// Answers the exchange of a good authorization code.
    pub(crate) fn exchange(&mut self, client: usize, user: usize, now: Tick) -> Response {
        if self.is_over_quota(client, now) {
            return Response::TooMany;
        }
        Response::Tokens(self.open(client, user, now))
    }

    /// Each request in a penalty window begins it anew.
    fn is_over_quota(&mut self, client: usize, now: Tick) -> bool {
        let Some(quota) = self.behaviour.quota else {
            return false;
        };
        let meter = self.meters.entry(client).or_default();
        meter.recent.retain(|at| now.since(*at) < quota.window);
        let punished = meter.penalty_until.is_some_and(|until| now < until);
        if punished || meter.recent.len() >= quota.requests as usize {
            meter.penalty_until = Some(now + quota.penalty);
            return true;
        }
        meter.recent.push_back(now);
        false
    }

    fn open(&mut self, client: usize, user: usize, now: Tick) -> TokenResponse {
        let mut open: Vec<usize> = (0..self.sessions.len())
            .filter(|id| {
                let session = &self.sessions[*id];
                session.ended.is_none() && (session.client, session.user) == (client, user)
            })
            .collect();
        while open.len() >= self.behaviour.sessions {
            self.end(open.remove(0), By::Eviction, now);
        }
        let session = self.sessions.len();
        let ends_at = self.behaviour.session_lifetime.map(|life| now + life);
        self.sessions.push(Session {
            user,
            client,
            refresh: None,
            refresh_dies_at: None,
            access: String::new(),
            previous: None,
            ends_at,
            ended: None,
        });
        let refresh = self.behaviour.issues_refresh;
        self.issue(session, refresh, By::Us, now)
    }

    fn issue(&mut self, session: usize, refresh: bool, to: By, now: Tick) -> TokenResponse {
        self.issued += 1;
        let access = format!("{PLANTED}-access-{}", self.issued);
        let of = &mut self.sessions[session];
        let ends_at = of.ends_at.unwrap_or(Tick::from_millis(i64::MAX));
        let dies_at = (now + self.behaviour.lifetime).min(ends_at);
        of.access.clone_from(&access);
        if refresh {
            let token = format!("{PLANTED}-refresh-{}", self.issued);
            of.refresh_dies_at = self.behaviour.refresh_lifetime.map(|life| now + life);
            self.refreshes.insert(token.clone(), session);
            of.refresh = Some(token);
        }
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
            session_expires_in: of.ends_at.map(|at| now.until(at)),
            scope: None,
            owner_id: None,
            endpoint_id: None,
            rate_limit: None,
        }
    }

    fn refresh(&mut self, token: &str, by: By, now: Tick) -> Response {
        let Some(&session) = self.refreshes.get(token) else {
            return Response::InvalidGrant(Denied::Expired);
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
        let last_by = of
            .previous
            .as_ref()
            .map_or(By::Others, |previous| previous.by);
        let Some(previous) = of.previous.as_ref().filter(|p| p.refresh == token) else {
            return Response::InvalidGrant(Denied::Outdated(last_by));
        };
        if !self.behaviour.replays || now.since(previous.at) > REPLAY_UNUSED {
            return Response::InvalidGrant(Denied::WindowOver);
        }
        match self.accesses[previous.answer.access_token.expose()].first_used {
            Some((at, by)) if now.since(at) > REPLAY_USED => {
                Response::InvalidGrant(Denied::Used(by))
            }
            // The same answer again, verbatim: `expires_in` counts from the first time.
            _ => Response::Tokens(previous.answer.clone()),
        }
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
        for access in self.accesses.values_mut() {
            if access.session == session {
                access.killed.get_or_insert((now, by));
            }
        }
    }

    /// Ends the session of a token, as the keeper asks.
    pub(crate) fn revoke(&mut self, token: &Revocable, now: Tick) {
        if let Some(session) = self.session_of(token) {
            self.end(session, By::Us, now);
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
        let own = |session: &&Session| (session.client, session.user) == (client, user);
        self.sessions
            .iter()
            .filter(own)
            .filter(|s| s.ended.is_none())
            .count()
    }

    /// Another program renews the session that this access token belongs to.
    pub(crate) fn refreshed_by_others(&mut self, access: &str, now: Tick) {
        let Some(session) = self.access(access).map(|access| access.session) else {
            return;
        };
        if let Some(token) = self.sessions[session].refresh.clone()
            && let Response::Tokens(answer) = self.refresh(&token, By::Others, now)
        {
            self.used(answer.access_token.expose(), By::Others, now);
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
        self.access(access)
            .is_some_and(|access| access.killed.is_none() && now < access.dies_at)
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
