//! Replies of the token endpoint, by their meaning.

use std::time::Duration;

use crate::problem::Problem;
use crate::secrets::{AccessToken, RefreshToken};

/// The outcome of a token request. Callers decide on this alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The next token set.
    Tokens(Box<TokenResponse>),
    /// A person must act: sign in again, or settle something at the provider. Nothing was renewed.
    Rejected(Problem),
    /// The account must be edited: client id, secret, redirect URI, grant. Nothing was renewed.
    Misconfigured(Problem),
    /// Too many requests. Nothing was renewed, and nothing may be sent for a while.
    Throttled {
        /// How long, counted from this reply.
        retry_after: Duration,
        /// What the provider said.
        problem: Problem,
    },
    /// The request never reached the provider. Nothing was renewed.
    NotSent(Problem),
    /// The provider may or may not have renewed the tokens.
    OutcomeUnknown {
        /// What went wrong.
        problem: Problem,
        /// How long nothing may be sent, counted from this reply, where it says so.
        retry_after: Option<Duration>,
    },
}

impl Reply {
    /// The provider may or may not have renewed the tokens, and asked for no pause.
    #[must_use]
    pub fn outcome_unknown(problem: Problem) -> Self {
        Reply::OutcomeUnknown {
            problem,
            retry_after: None,
        }
    }

    /// What went wrong; none where tokens came.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Reply::Tokens(_) => None,
            Reply::Rejected(problem)
            | Reply::Misconfigured(problem)
            | Reply::Throttled { problem, .. }
            | Reply::NotSent(problem)
            | Reply::OutcomeUnknown { problem, .. } => Some(problem),
        }
    }
}

/// A successful response (RFC 6749 section 5.1, and RingCentral's additions).
///
/// All lifetimes count from the moment when the request was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token. If a refresh brings none, the one that was sent stays valid.
    pub refresh_token: Option<RefreshToken>,
    /// The lifetime of the access token.
    pub expires_in: Option<Duration>,
    /// The lifetime of the refresh token (RingCentral).
    pub refresh_token_expires_in: Option<Duration>,
    /// The lifetime of the session, which no renewal extends (RingCentral).
    pub session_expires_in: Option<Duration>,
    /// The scope of the access token, where the provider names it.
    pub scope: Option<String>,
    /// Who signed in (RingCentral: the extension's id).
    pub owner_id: Option<String>,
    /// The instance of the client (RingCentral).
    pub endpoint_id: Option<String>,
    /// What is left of the quota, by the reply's headers.
    pub rate_limit: Option<RateLimit>,
}

/// The `X-Rate-Limit-*` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests a window has.
    pub limit: u32,
    /// How many are left of it.
    pub remaining: u32,
    /// How long a window is.
    pub window: Duration,
}
