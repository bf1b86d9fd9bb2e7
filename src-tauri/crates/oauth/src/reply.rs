//! What a reply of the token endpoint means.

use std::time::Duration;

use crate::problem::Problem;
use crate::secrets::{AccessToken, RefreshToken};

/// What came of a request to the token endpoint. Whoever sent it decides on this alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The next token set.
    Tokens(Box<TokenResponse>),
    /// A person must act: sign in again, or see to the account at the provider. Nothing was
    /// renewed.
    Rejected(Problem),
    /// The account must be edited: client id, secret, redirect URI, grant. Nothing was renewed.
    Misconfigured(Problem),
    /// Nothing was renewed, and nothing more may be sent for a while.
    Throttled {
        /// For how long, counted from this reply.
        retry_after: Duration,
        /// What the provider said.
        problem: Problem,
    },
    /// The request never reached the provider. Nothing was renewed.
    NotSent(Problem),
    /// The provider may have renewed the tokens or may not.
    OutcomeUnknown(Problem),
}

impl Reply {
    /// What went wrong, unless tokens came.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Reply::Tokens(_) => None,
            Reply::Rejected(problem)
            | Reply::Misconfigured(problem)
            | Reply::Throttled { problem, .. }
            | Reply::NotSent(problem)
            | Reply::OutcomeUnknown(problem) => Some(problem),
        }
    }
}

/// A token set as it was received (RFC 6749 section 5.1 and RingCentral's additions).
///
/// All lives count from the moment when the request was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token. Where none comes with a refresh, the one that was sent stays good.
    pub refresh_token: Option<RefreshToken>,
    /// How long the access token lives.
    pub expires_in: Option<Duration>,
    /// How long the refresh token lives (RingCentral).
    pub refresh_token_expires_in: Option<Duration>,
    /// How long the session lives, whatever is renewed in it (RingCentral).
    pub session_expires_in: Option<Duration>,
    /// What the access token is good for, where the provider says it.
    pub scope: Option<String>,
    /// Who signed in (RingCentral: the extension's id).
    pub owner_id: Option<String>,
    /// Which instance of the client this is (RingCentral).
    pub endpoint_id: Option<String>,
    /// What is left of the quota, as the reply's headers say.
    pub rate_limit: Option<RateLimit>,
}

/// What `X-Rate-Limit-*` headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests a window has.
    pub limit: u32,
    /// How many are left of it.
    pub remaining: u32,
    /// How long a window is.
    pub window: Duration,
}
