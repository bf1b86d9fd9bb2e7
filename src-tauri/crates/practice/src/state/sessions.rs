//! All sessions, found by either of their tokens without a search.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::session::{AccessTokenError, Presented, Session, SessionId};
use super::terms::Terms;
use crate::clients::RegisteredClient;
use crate::clock::Moment;
use crate::oauth_error::OAuthError;
use crate::users::UserId;

/// Sessions that a user may have with one client; one more ends the oldest (docs/authentication/tokens.md).
const SESSIONS_PER_USER_AND_CLIENT: usize = 5;

/// A successful refresh. Holds tokens, hence no `Debug` outside tests.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(crate) enum Refreshed {
    /// New tokens.
    Renewed(String),
    /// The answer that was given before.
    Replayed(String),
}

/// All sessions.
#[derive(Default)]
pub(crate) struct Sessions {
    next: u64,
    by_id: BTreeMap<SessionId, Session>,
    by_access_token: HashMap<String, SessionId>,
    by_refresh_token: HashMap<String, SessionId>,
    /// The oldest first.
    by_user: HashMap<(UserId, RegisteredClient), VecDeque<SessionId>>,
}

impl Sessions {
    /// Opens a session and returns the answer with its tokens. The oldest goes when there are too many.
    pub(crate) fn open(
        &mut self,
        user: UserId,
        client: RegisteredClient,
        endpoint_id: Option<String>,
        terms: Terms,
        now: Moment,
    ) -> String {
        self.forget_what_is_over(user, client, now);
        let (session, answer) =
            Session::open(SessionId(self.next), user, client, endpoint_id, terms, now);
        self.next += 1;
        self.index(&session);
        let theirs = self.by_user.entry((user, client)).or_default();
        theirs.push_back(session.id);
        let oldest = (theirs.len() > SESSIONS_PER_USER_AND_CLIENT).then(|| theirs[0]);
        self.by_id.insert(session.id, session);
        if let Some(oldest) = oldest {
            self.end(oldest);
        }
        answer
    }

    /// Presents a refresh token: renews the session, or repeats the first answer within the replay window.
    pub(crate) fn refresh(
        &mut self,
        client: RegisteredClient,
        refresh_token: &str,
        terms: Terms,
        now: Moment,
    ) -> Result<Refreshed, OAuthError> {
        let id = *self
            .by_refresh_token
            .get(refresh_token)
            .ok_or(OAuthError::RefreshTokenNotFound)?;
        let session = self
            .by_id
            .get(&id)
            .filter(|session| session.client == client);
        match session.map_or(Presented::NotFound, |session| {
            session.present(refresh_token, now)
        }) {
            Presented::Current => Ok(Refreshed::Renewed(self.renew(id, terms, now))),
            Presented::Replay(answer) => Ok(Refreshed::Replayed(answer.to_owned())),
            Presented::Expired => Err(OAuthError::RefreshTokenExpired),
            Presented::NotFound => Err(OAuthError::RefreshTokenNotFound),
        }
    }

    /// A call of the resource: whose token it is.
    pub(crate) fn call(
        &mut self,
        access_token: &str,
        now: Moment,
    ) -> Result<UserId, AccessTokenError> {
        if !access_token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        {
            return Err(AccessTokenError::Unparsable);
        }
        let id = self
            .by_access_token
            .get(access_token)
            .ok_or(AccessTokenError::NotFound)?;
        let session = self.by_id.get_mut(id).ok_or(AccessTokenError::NotFound)?;
        session.call(access_token, now)?;
        Ok(session.user)
    }

    /// The session that a token of either kind belongs to.
    pub(crate) fn of_token(&self, token: &str) -> Option<&Session> {
        let id = self
            .by_access_token
            .get(token)
            .or_else(|| self.by_refresh_token.get(token))?;
        self.by_id.get(id)
    }

    /// Ends a session with every token of it. Says whether it was there.
    pub(crate) fn end(&mut self, id: SessionId) -> bool {
        let Some(session) = self.by_id.remove(&id) else {
            return false;
        };
        self.unindex(&session);
        let key = (session.user, session.client);
        if let Some(theirs) = self.by_user.get_mut(&key) {
            theirs.retain(|other| *other != id);
            if theirs.is_empty() {
                self.by_user.remove(&key);
            }
        }
        true
    }

    /// Ends all sessions of a user and says how many there were.
    pub(crate) fn end_all_of(&mut self, user: UserId) -> usize {
        let theirs: Vec<SessionId> = RegisteredClient::ALL
            .iter()
            .filter_map(|client| self.by_user.get(&(user, *client)))
            .flatten()
            .copied()
            .collect();
        theirs.iter().filter(|id| self.end(**id)).count()
    }

    /// The sessions that are not over, the newest first.
    pub(crate) fn living(&self, now: Moment) -> impl Iterator<Item = &Session> {
        self.by_id
            .values()
            .rev()
            .filter(move |session| !session.is_over(now))
    }

    fn renew(&mut self, id: SessionId, terms: Terms, now: Moment) -> String {
        let Some(mut session) = self.by_id.remove(&id) else {
            return String::new();
        };
        self.unindex(&session);
        let answer = session.renew(terms, now);
        self.index(&session);
        self.by_id.insert(id, session);
        answer
    }

    fn forget_what_is_over(&mut self, user: UserId, client: RegisteredClient, now: Moment) {
        let over: Vec<SessionId> = self
            .by_user
            .get(&(user, client))
            .into_iter()
            .flatten()
            .copied()
            .filter(|id| {
                self.by_id
                    .get(id)
                    .is_none_or(|session| session.is_over(now))
            })
            .collect();
        for id in over {
            self.end(id);
        }
    }

    fn index(&mut self, session: &Session) {
        self.by_access_token.extend(
            session
                .access_tokens()
                .map(|token| (token.to_owned(), session.id)),
        );
        self.by_refresh_token.extend(
            session
                .refresh_tokens()
                .map(|token| (token.to_owned(), session.id)),
        );
    }

    fn unindex(&mut self, session: &Session) {
        for token in session.access_tokens() {
            self.by_access_token.remove(token);
        }
        for token in session.refresh_tokens() {
            self.by_refresh_token.remove(token);
        }
    }
}

#[cfg(test)]
#[path = "sessions_tests.rs"]
mod tests;
