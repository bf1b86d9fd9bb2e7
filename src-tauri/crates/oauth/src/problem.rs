//! Problems: a kind for the program, a message for a person.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::printable::printable;

/// Something that went wrong at the provider or on the way there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Problem {
    /// Which problem it is.
    pub kind: ProblemKind,
    /// What happened and what to do about it. It holds no secret, and no text of a reply except
    /// OAuth error names and a provider's error codes.
    pub message: String,
}

impl Problem {
    /// A problem of this kind. A provider may have said part of the message, so it is made harmless.
    pub fn new(kind: ProblemKind, message: impl AsRef<str>) -> Self {
        Self {
            kind,
            message: printable(message.as_ref()).into_owned(),
        }
    }
}

/// Which problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemKind {
    /// The code, refresh token or assertion is no longer valid: a person must sign in again.
    InvalidGrant,
    /// The person's account at the provider is locked or disabled, or needs another step.
    AccountRefused,
    /// The person or the provider denied access on the sign-in page.
    AccessDenied,

    /// The client id or secret is wrong, or the client is disabled.
    InvalidClient,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// The provider does not offer this grant, or not to this client.
    UnsupportedGrantType,
    /// The requested scope is unknown or not allowed.
    InvalidScope,
    /// The redirect URI is not registered for the client.
    RedirectMismatch,
    /// The provider does not accept this kind of assertion.
    AssertionRefused,
    /// The provider did not understand the request.
    InvalidRequest,
    /// Secrets would go to the endpoint in the clear, so nothing was sent.
    InsecureEndpoint,
    /// The provider has no such endpoint, or its address cannot be used.
    NoSuchEndpoint,

    /// Too many requests.
    Throttled,
    /// The provider is temporarily out of service.
    Unavailable,

    /// The provider's name was not found.
    Dns,
    /// No connection to the provider or the proxy.
    Connect,
    /// Connecting took too long.
    ConnectTimeout,
    /// The provider's certificate is not trusted, or TLS failed.
    Tls,
    /// This process or this machine has too many files open to connect to anybody.
    TooManyOpenFiles,

    /// The request was sent, but no reply came in time.
    Timeout,
    /// The connection broke after the request may have been sent.
    ConnectionLost,
    /// The provider, or a server in front of it, failed (5xx, 408).
    ServerError,
    /// The same request is already in progress.
    DuplicateRequest,
    /// The reply was not JSON: a captive portal's page, a proxy's page.
    NotJson,
    /// The reply was empty.
    EmptyBody,
    /// The reply was longer than any token response.
    TooLong,
    /// The reply was a redirect, which is not followed.
    Redirected,
    /// The reply was JSON but not what RFC 6749 describes.
    Malformed,
    /// The tokens are of a type that Tokenkeep cannot use.
    UnknownTokenType,
    /// The provider reported an error that Tokenkeep does not know.
    UnknownError,
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
