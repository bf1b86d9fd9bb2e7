//! One session: its current tokens, the refresh token before them, and when each of them stops working.

use std::time::Duration;

use serde::Serialize;

use super::terms::Terms;
use crate::clients::RegisteredClient;
use crate::clock::Moment;
use crate::opaque;
use crate::users::UserId;

/// How long the previous refresh token can be replayed once the new access token has been used
/// (docs/authentication/refresh-tokens.md).
pub(crate) const REPLAY_AFTER_USE: Duration = Duration::from_secs(10);
/// How long it can be replayed while the new access token is unused (the same page).
pub(crate) const REPLAY_WHILE_UNUSED: Duration = Duration::from_secs(60 * 60);
/// How long a replaced access token is called corrupted; after that it is not found (the same page).
pub(crate) const CORRUPTED_FOR: Duration = Duration::from_secs(10);

/// Names a session, without giving anything away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub(crate) struct SessionId(pub(crate) u64);

/// Why the resource refuses an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessTokenError {
    /// OAU-128: its life is over.
    Expired,
    /// OAU-129: it was replaced a moment ago.
    Corrupted,
    /// OAU-149: it is no token.
    Unparsable,
    /// OAU-213: never issued, replaced a while ago, or its session has ended.
    NotFound,
}

/// What presenting a refresh token comes to. Holds tokens, hence no `Debug` outside tests.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(crate) enum Presented<'a> {
    /// It is the current one: renew.
    Current,
    /// It is the previous one, within its window: the first answer again.
    Replay(&'a str),
    Expired,
    NotFound,
}

struct AccessToken {
    value: String,
    life: Duration,
    expires_at: Moment,
    first_used_at: Option<Moment>,
}

struct RefreshToken {
    value: String,
    expires_at: Moment,
}

/// The refresh token that the current tokens were obtained with.
struct Previous {
    token: RefreshToken,
    used_at: Moment,
    answer: String,
}

/// An access token that was replaced.
struct ReplacedToken {
    value: String,
    at: Moment,
}

/// A session of one user with one client.
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) client: RegisteredClient,
    /// Names the app instance; echoed in every answer.
    pub(crate) endpoint_id: String,
    /// How often it has been renewed.
    pub(crate) renewals: u64,
    access: AccessToken,
    refresh: Option<RefreshToken>,
    previous: Option<Previous>,
    replaced: Vec<ReplacedToken>,
}

/// The successful answer of the token endpoint (RFC 6749, section 5.1, with RingCentral's additions).
#[derive(Serialize)]
struct IssuedTokens<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_expires_in: Option<u64>,
    scope: &'static str,
    owner_id: String,
    endpoint_id: &'a str,
}

/// What the practice apps are allowed to do.
const SCOPE: &str = "ReadAccounts ReadCallLog";

impl Session {
    /// A new session and the answer that hands out its tokens.
    pub(crate) fn open(
        id: SessionId,
        user: UserId,
        client: RegisteredClient,
        endpoint_id: Option<String>,
        terms: Terms,
        now: Moment,
    ) -> (Self, String) {
        let session = Self {
            id,
            user,
            client,
            endpoint_id: endpoint_id.unwrap_or_else(opaque::id),
            renewals: 0,
            access: AccessToken::new(terms, now),
            refresh: RefreshToken::new(terms, now),
            previous: None,
            replaced: Vec::new(),
        };
        let answer = session.answer(terms, session.refresh.is_some());
        (session, answer)
    }

    /// What presenting this refresh token comes to. Decides only; [`Session::renew`] renews.
    pub(crate) fn present(&self, refresh_token: &str, now: Moment) -> Presented<'_> {
        if let Some(current) = self
            .refresh
            .as_ref()
            .filter(|current| current.value == refresh_token)
        {
            return if now < current.expires_at {
                Presented::Current
            } else {
                Presented::Expired
            };
        }
        match self
            .previous
            .as_ref()
            .filter(|previous| previous.token.value == refresh_token)
        {
            Some(previous) if now >= previous.token.expires_at => Presented::Expired,
            Some(previous) if now < self.replay_ends_at(previous) => {
                Presented::Replay(&previous.answer)
            }
            _ => Presented::NotFound,
        }
    }

    /// The replay window ends 60 min after the renewal, or 10 s after first use of what it brought. A use after those
    /// 60 min does not open it again.
    fn replay_ends_at(&self, previous: &Previous) -> Moment {
        let while_unused = previous.used_at + REPLAY_WHILE_UNUSED;
        match self.access.first_used_at {
            Some(used_at) if used_at < while_unused => used_at + REPLAY_AFTER_USE,
            _ => while_unused,
        }
    }

    /// Replaces the tokens and answers with the new ones. The access token so far dies at once.
    ///
    /// Where the terms bring no new refresh token the current one stays (RFC 6749, section 6).
    pub(crate) fn renew(&mut self, terms: Terms, now: Moment) -> String {
        let access = std::mem::replace(&mut self.access, AccessToken::new(terms, now));
        self.replaced
            .retain(|replaced| now < replaced.at + CORRUPTED_FOR);
        self.replaced.push(ReplacedToken {
            value: access.value,
            at: now,
        });
        self.renewals += 1;
        let next = RefreshToken::new(terms, now);
        let brought_refresh_token = next.is_some();
        let used = next.and_then(|next| self.refresh.replace(next));
        let answer = self.answer(terms, brought_refresh_token);
        self.previous = used.map(|token| Previous {
            token,
            used_at: now,
            answer: answer.clone(),
        });
        answer
    }

    /// A call of the resource with this access token.
    pub(crate) fn call(&mut self, access_token: &str, now: Moment) -> Result<(), AccessTokenError> {
        if self.access.value == access_token {
            if now >= self.access.expires_at {
                return Err(AccessTokenError::Expired);
            }
            self.access.first_used_at.get_or_insert(now);
            return Ok(());
        }
        let replaced = self
            .replaced
            .iter()
            .find(|replaced| replaced.value == access_token);
        match replaced {
            Some(replaced) if now < replaced.at + CORRUPTED_FOR => Err(AccessTokenError::Corrupted),
            _ => Err(AccessTokenError::NotFound),
        }
    }

    /// Whether nothing of it works any more and nothing can be renewed.
    pub(crate) fn is_over(&self, now: Moment) -> bool {
        now >= self.access.expires_at
            && self
                .refresh
                .as_ref()
                .is_none_or(|refresh| now >= refresh.expires_at)
    }

    /// How long the access token lives in all.
    pub(crate) fn access_life(&self) -> Duration {
        self.access.life
    }

    /// How long the access token still lives.
    pub(crate) fn access_left(&self, now: Moment) -> Duration {
        self.access.expires_at.saturating_sub(now)
    }

    /// How long the refresh token still lives, if there is one.
    pub(crate) fn refresh_left(&self, now: Moment) -> Option<Duration> {
        self.refresh
            .as_ref()
            .map(|refresh| refresh.expires_at.saturating_sub(now))
    }

    /// Every access token that may still be told apart from an unknown one.
    pub(crate) fn access_tokens(&self) -> impl Iterator<Item = &str> {
        self.replaced
            .iter()
            .map(|replaced| replaced.value.as_str())
            .chain([self.access.value.as_str()])
    }

    /// Every refresh token that may still be answered.
    pub(crate) fn refresh_tokens(&self) -> impl Iterator<Item = &str> {
        self.previous
            .iter()
            .map(|previous| &previous.token)
            .chain(&self.refresh)
            .map(|token| token.value.as_str())
    }

    fn answer(&self, terms: Terms, with_refresh_token: bool) -> String {
        let answer = IssuedTokens {
            access_token: &self.access.value,
            token_type: "bearer",
            expires_in: terms.access.as_secs(),
            refresh_token: self
                .refresh
                .as_ref()
                .filter(|_| with_refresh_token)
                .map(|token| token.value.as_str()),
            refresh_token_expires_in: terms.refresh.map(|life| life.as_secs()),
            scope: SCOPE,
            owner_id: self.user.owner_id().to_string(),
            endpoint_id: &self.endpoint_id,
        };
        #[expect(
            clippy::expect_used,
            reason = "the answer holds nothing that JSON cannot say"
        )]
        serde_json::to_string(&answer).expect("serialises")
    }
}

impl AccessToken {
    fn new(terms: Terms, now: Moment) -> Self {
        Self {
            value: opaque::secret(),
            life: terms.access,
            expires_at: now + terms.access,
            first_used_at: None,
        }
    }
}

impl RefreshToken {
    fn new(terms: Terms, now: Moment) -> Option<Self> {
        terms.refresh.map(|life| Self {
            value: opaque::secret(),
            expires_at: now + life,
        })
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
