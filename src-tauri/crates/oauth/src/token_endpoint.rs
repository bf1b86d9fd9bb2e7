//! The requests that tokens are obtained, renewed and ended with.

use crate::authorization::AuthorizationRequest;
use crate::http::Http;
use crate::problem::{Problem, ProblemKind};
use crate::provider::{Client, Provider};
use crate::reply::Reply;
use crate::secrets::{AccessToken, Assertion, AuthorizationCode, RefreshToken};

/// A provider's token endpoint, as one client speaks to it.
#[derive(Debug, Clone, Copy)]
pub struct TokenEndpoint<'a> {
    /// What the requests are sent with.
    pub http: &'a Http,
    /// Who is asked.
    pub provider: &'a Provider,
    /// Who asks.
    pub client: &'a Client,
}

/// A token whose session is to end.
#[derive(Debug, Clone, Copy)]
pub enum Revocable<'a> {
    /// By its access token.
    Access(&'a AccessToken),
    /// By its refresh token.
    Refresh(&'a RefreshToken),
}

impl<'a> From<&'a AccessToken> for Revocable<'a> {
    fn from(token: &'a AccessToken) -> Self {
        Revocable::Access(token)
    }
}

impl<'a> From<&'a RefreshToken> for Revocable<'a> {
    fn from(token: &'a RefreshToken) -> Self {
        Revocable::Refresh(token)
    }
}

impl<'a> TokenEndpoint<'a> {
    /// The token endpoint of `provider` as `client` speaks to it.
    pub fn new(http: &'a Http, provider: &'a Provider, client: &'a Client) -> Self {
        Self {
            http,
            provider,
            client,
        }
    }

    /// Exchanges the code that a sign-in brought (RFC 6749 section 4.1.3, RFC 7636).
    pub async fn exchange(
        &self,
        code: &AuthorizationCode,
        request: &AuthorizationRequest,
    ) -> Reply {
        let _ = (code, request);
        unfinished()
    }

    /// Renews with a refresh token (RFC 6749 section 6).
    pub async fn refresh(&self, token: &RefreshToken) -> Reply {
        let _ = token;
        unfinished()
    }

    /// Presents an assertion (RFC 7523 section 2.1): opens a new session.
    pub async fn present(&self, assertion: &Assertion) -> Reply {
        let _ = assertion;
        unfinished()
    }

    /// Ends the session of a token (RFC 7009). Best effort: not to be repeated.
    ///
    /// # Errors
    /// Where the provider did not confirm it.
    pub async fn revoke(&self, token: impl Into<Revocable<'_>>) -> Result<(), Problem> {
        let _ = token.into();
        Err(Problem::new(ProblemKind::NoSuchEndpoint, ""))
    }
}

fn unfinished() -> Reply {
    Reply::NotSent(Problem::new(ProblemKind::Connect, ""))
}
