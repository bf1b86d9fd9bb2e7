//! What is held: the tokens as last received, with their ends on the clock.

use std::time::Duration;

use tokenkeep_oauth::{AccessToken, RefreshToken, Revocable, TokenResponse};

use super::schedule::{self, ASSUMED_LIFETIME, margin};
use crate::clock::Tick;

/// The tokens of one session as last received. Its `Debug` prints no secret.
#[derive(Clone, Debug)]
pub struct TokenSet {
    /// What readers are given.
    pub access_token: AccessToken,
    /// What the next set is obtained with, where the provider issued one.
    pub refresh_token: Option<RefreshToken>,
    /// The scope, where the provider named one.
    pub scope: Option<String>,
    /// When the access token began to live: the moment when the request was sent that brought it.
    pub issued_at: Tick,
    /// When the access token dies.
    pub expires_at: Tick,
    /// Whether `expires_at` is a guess, because the provider named no life.
    pub expiry_assumed: bool,
    /// When the refresh token dies, where known.
    pub refresh_expires_at: Option<End>,
    /// When the session ends whatever is done, where known.
    pub session_expires_at: Option<End>,
    /// Who signed in, by the provider's identifier.
    pub owner_id: Option<String>,
    /// This installation's identifier at the provider (RingCentral's `endpoint_id`).
    pub endpoint_id: Option<String>,
}

/// An end of life that a renewal may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The end.
    pub at: Tick,
    /// Whether a renewal was seen to leave it where it was.
    pub fixed: bool,
}

impl TokenSet {
    /// The set that `response` brings, to a request sent at `issued_at`. `prior` is the set it renews by
    /// its refresh token: what the provider does not send again stays as it was (RFC 6749, 5.1 and 6).
    #[must_use]
    pub fn received(response: TokenResponse, issued_at: Tick, prior: Option<&TokenSet>) -> Self {
        let elapsed = prior.map_or(Duration::ZERO, |prior| issued_at.since(prior.issued_at));
        let end = |lives: Option<Duration>, before: Option<End>| {
            lives.map(|lives| End::seen_again(issued_at + lives, before, elapsed))
        };
        let kept = |before: Option<End>| before.map(|end| End { fixed: true, ..end });
        let prior_refresh_end = prior.and_then(|prior| prior.refresh_expires_at);
        let (refresh_token, refresh_expires_at) = match response.refresh_token {
            Some(token) => (
                Some(token),
                end(response.refresh_token_expires_in, prior_refresh_end),
            ),
            None => (
                prior.and_then(|prior| prior.refresh_token.clone()),
                kept(prior_refresh_end),
            ),
        };
        Self {
            access_token: response.access_token,
            refresh_token,
            scope: response
                .scope
                .or_else(|| prior.and_then(|prior| prior.scope.clone())),
            issued_at,
            expires_at: issued_at + response.expires_in.unwrap_or(ASSUMED_LIFETIME),
            expiry_assumed: response.expires_in.is_none(),
            refresh_expires_at,
            session_expires_at: end(
                response.session_expires_in,
                prior.and_then(|prior| prior.session_expires_at),
            )
            .or(prior.and_then(|prior| prior.session_expires_at)),
            owner_id: response
                .owner_id
                .or_else(|| prior.and_then(|prior| prior.owner_id.clone())),
            endpoint_id: response
                .endpoint_id
                .or_else(|| prior.and_then(|prior| prior.endpoint_id.clone())),
        }
    }

    /// A set that was asked for later than `now` was stored before the wall clock was set back. How old
    /// it is nobody knows: it is renewed at once, and served until then.
    #[must_use]
    pub fn not_from_the_future(self, now: Tick) -> Self {
        let ahead = self.issued_at.since(now);
        if ahead.is_zero() {
            return self;
        }
        let lifetime = self.lifetime();
        let expires_at = now + margin(lifetime);
        let end = |end: End| End {
            at: end.at - ahead,
            ..end
        };
        Self {
            issued_at: expires_at - lifetime,
            expires_at,
            refresh_expires_at: self.refresh_expires_at.map(end),
            session_expires_at: self.session_expires_at.map(end),
            ..self
        }
    }

    /// The token to revoke in order to end the whole session: the one that lives longest.
    pub(super) fn revocable(&self) -> Revocable {
        match &self.refresh_token {
            Some(token) => Revocable::Refresh(token.clone()),
            None => Revocable::Access(self.access_token.clone()),
        }
    }

    /// How long the access token lives in all.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.expires_at.since(self.issued_at)
    }

    /// How long the access token still lives.
    #[must_use]
    pub fn remaining(&self, now: Tick) -> Duration {
        now.until(self.expires_at)
    }

    /// Whether the access token still lives.
    #[must_use]
    pub fn lives(&self, now: Tick) -> bool {
        now < self.expires_at
    }

    /// When the set is due for renewal: its margin before the end, and up to a tenth of that earlier, by
    /// the account's own `seed`, so that accounts signed in together do not renew together.
    #[must_use]
    pub fn due(&self, seed: u64) -> Tick {
        let margin = margin(self.lifetime());
        self.expires_at - margin - schedule::spread(margin / 10, seed)
    }

    /// The moment at which leases no longer hold a killing renewal up: what comes later might not be in
    /// time. Never before the set is due, however short it lives.
    #[must_use]
    pub fn last_safe(&self, seed: u64, request_time_limit: Duration) -> Tick {
        let ahead = schedule::ahead_of_the_end(request_time_limit);
        (self.expires_at - ahead).max(self.due(seed))
    }

    /// Whether a refresh token is held that has not outlived its announced end.
    pub(super) fn has_live_refresh_token(&self, now: Tick) -> bool {
        self.refresh_token.is_some() && self.refresh_expires_at.is_none_or(|end| now < end.at)
    }
}

impl End {
    /// An end announced again after a renewal: fixed where it did not move along with the time that
    /// went by between the two requests.
    fn seen_again(at: Tick, before: Option<End>, elapsed: Duration) -> Self {
        let fixed = before.is_some_and(|before| at.since(before.at) < elapsed / 2);
        Self { at, fixed }
    }
}
