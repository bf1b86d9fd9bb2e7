//! Requests to the revocation endpoint (RFC 7009): they end a session.

use crate::classify::classify;
use crate::form_request;
use crate::http_request::{HttpRequest, sendable};
use crate::json::is_json;
use crate::problem::{Problem, ProblemKind};
use crate::provider::{Client, Provider};
use crate::raw_reply::RawReply;
use crate::reply::Reply;
use crate::request_context::{Purpose, RequestContext};
use crate::secrets::{AccessToken, RefreshToken};
use crate::transport_error::TransportError;

/// A token whose session is to end.
#[derive(Debug, Clone)]
pub enum Revocable {
    /// The session's refresh token.
    Refresh(RefreshToken),
    /// The session's access token.
    Access(AccessToken),
}

/// A request to end a session. It is best effort and must not be repeated (RingCentral,
/// docs/basics/errors.md).
#[derive(Debug)]
pub struct RevocationRequest<'a> {
    http: HttpRequest,
    context: RequestContext<'a>,
}

impl<'a> RevocationRequest<'a> {
    /// A request to revoke a token (RFC 7009 section 2.1).
    ///
    /// # Errors
    /// Where the provider has no such endpoint, no request can be made, or it would go out in the clear.
    pub fn new(
        provider: &'a Provider,
        client: &'a Client,
        token: &Revocable,
    ) -> Result<Self, Problem> {
        let Some(endpoint) = &provider.revocation_endpoint else {
            return Err(no_endpoint(provider));
        };
        let (token, hint) = match token {
            Revocable::Refresh(token) => (token.expose(), "refresh_token"),
            Revocable::Access(token) => (token.expose(), "access_token"),
        };
        let parameters = [("token", token), ("token_type_hint", hint)];
        let authentication = provider.client_authentication;
        let request = form_request::post(endpoint, authentication, client, &parameters);
        Ok(Self {
            http: sendable(endpoint, request.ok())?,
            context: RequestContext {
                purpose: Purpose::Revoke,
                provider,
                client,
            },
        })
    }

    /// The request to send.
    pub fn http(&self) -> &HttpRequest {
        &self.http
    }

    /// Whether the session was ended.
    ///
    /// # Errors
    /// Where the provider did not confirm that the session was ended.
    pub fn read(&self, reply: Result<RawReply, TransportError>) -> Result<(), Problem> {
        let reply = match reply {
            // RFC 7009 section 2.2: 200, and the body says nothing. A page of HTML is another's.
            Ok(raw) if raw.status.is_success() && (raw.body.is_empty() || is_json(&raw.body)) => {
                return Ok(());
            }
            Ok(raw) => classify(&raw, &self.context),
            Err(error) => error.meaning(&self.context),
        };
        Err(unconfirmed(self.context.provider, &reply))
    }
}

fn no_endpoint(provider: &Provider) -> Problem {
    let title = &provider.title;
    Problem::new(
        ProblemKind::NoSuchEndpoint,
        format!(
            "{title} offers no way to end a session from here. It ends by itself, or on the provider's own pages."
        ),
    )
}

fn unconfirmed(provider: &Provider, reply: &Reply) -> Problem {
    let title = &provider.title;
    let kind = reply
        .problem()
        .map_or(ProblemKind::Malformed, |problem| problem.kind);
    Problem::new(
        kind,
        format!(
            "{title} did not confirm that the session was ended ({kind}). It may live on until it expires; end it on the provider's own pages if that matters."
        ),
    )
}
