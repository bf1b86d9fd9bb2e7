//! Sessions: how they are opened, renewed and ended.

use std::time::Duration;

use tokenkeep_oauth::{AccessToken, RefreshToken, TokenResponse};
use tokenkeep_protocol::clock::Tick;

use super::{Access, By, Denied, PLANTED, Provider, Response};

/// A used refresh token brings the same answer again for this long after the new access token was
/// first used …
const REPLAY_USED: Duration = Duration::from_secs(10);

/// … or for this long while it is unused.
pub(crate) const REPLAY_UNUSED: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub(super) struct Session {
    pub(super) user: usize,
    pub(super) client: usize,
    pub(super) refresh: Option<String>,
    pub(super) refresh_dies_at: Option<Tick>,
    pub(super) access: String,
    /// All access tokens that may live still.
    pub(super) accesses: Vec<String>,
    pub(super) previous: Option<Previous>,
    pub(super) ends_at: Option<Tick>,
    pub(super) ended: Option<By>,
}

#[derive(Debug)]
pub(super) struct Previous {
    pub(super) refresh: String,
    pub(super) answer: TokenResponse,
    pub(super) at: Tick,
    pub(super) by: By,
}

impl Provider {
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

    pub(super) fn refresh(&mut self, token: &str, by: By, now: Tick) -> Response {
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

    pub(super) fn end_overdue(&mut self, session: usize, now: Tick) {
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
}
