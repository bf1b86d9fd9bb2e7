//! What went wrong, for a program to tell apart and for a person to read.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that went wrong at the provider or on the way there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Problem {
    /// Which problem it is.
    pub kind: ProblemKind,
    /// What happened and what to do about it. Never holds a secret, nor any text of a reply
    /// beyond an OAuth error name and a provider's error code.
    pub message: String,
}

impl Problem {
    /// A problem in words.
    pub fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }
}

/// Which problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemKind {
    /// The code, refresh token or assertion is not good any more: a person must sign in again.
    InvalidGrant,
    /// The person's account at the provider is locked, disabled, or asks for something more.
    AccountRefused,
    /// The person, or the provider on its own account, said no on the sign-in page.
    AccessDenied,

    /// The client id or secret is wrong, or the client is switched off.
    InvalidClient,
    /// The client may not do this.
    UnauthorizedClient,
    /// The provider does not offer this grant, or not to this client.
    UnsupportedGrantType,
    /// The scope that was asked for is unknown or too much.
    InvalidScope,
    /// The redirect URI is not one that is registered for the client.
    RedirectMismatch,
    /// The assertion is of a kind that the provider does not take.
    AssertionRefused,
    /// The provider did not understand the request.
    InvalidRequest,
    /// The endpoint would be spoken to in the clear, so nothing was sent.
    InsecureEndpoint,
    /// The provider offers no such endpoint.
    NoSuchEndpoint,

    /// Too many requests.
    Throttled,
    /// The provider says that it is out of service for a while.
    Unavailable,

    /// The provider's name was not found.
    Dns,
    /// No connection to the provider, or to the proxy before it.
    Connect,
    /// The connection took too long to make.
    ConnectTimeout,
    /// No trust in the provider's certificate, or no common TLS.
    Tls,

    /// The request was sent and no answer came in time.
    Timeout,
    /// The connection broke off after the request may have been sent.
    ConnectionLost,
    /// The provider, or something before it, failed inside (5xx, 408).
    ServerError,
    /// The provider is at work on the same request already.
    DuplicateRequest,
    /// The answer was not JSON: a sign-in page of the network, a proxy's page.
    NotJson,
    /// The answer was empty.
    EmptyBody,
    /// The answer was longer than any token response.
    TooLong,
    /// The answer sent the request elsewhere, which is not followed.
    Redirected,
    /// The answer was JSON but not what RFC 6749 describes.
    Malformed,
    /// The tokens that came are of a type that Tokenkeep does not know how to use.
    UnknownTokenType,
    /// The provider refused for a reason that Tokenkeep does not know.
    UnknownError,
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
