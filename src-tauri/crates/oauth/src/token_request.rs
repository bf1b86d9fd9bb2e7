//! Requests to the token endpoint (RFC 6749 section 3.2), and what their replies mean.

use oauth2::basic::BasicClient;
use oauth2::{AuthType, ClientId, EndpointNotSet, EndpointSet, RedirectUrl, TokenUrl};

use crate::authorization::AuthorizationRequest;
use crate::classify::classify;
use crate::form_request;
use crate::http_request::{HttpRequest, sendable};
use crate::oauth2_request::{capture, captured};
use crate::problem::Problem;
use crate::provider::{Client, ClientAuthentication, Provider};
use crate::raw_reply::RawReply;
use crate::reply::Reply;
use crate::request_context::{Purpose, RequestContext};
use crate::secrets::{Assertion, AuthorizationCode, RefreshToken};
use crate::transport_error::TransportError;

/// RFC 7523 section 2.1.
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// A request for tokens. An HTTP client sends [`Self::http`] once, and [`Self::read`] says what the
/// result means.
#[derive(Debug)]
pub struct TokenRequest<'a> {
    http: HttpRequest,
    context: RequestContext<'a>,
}

impl<'a> TokenRequest<'a> {
    /// Exchanges the code that a sign-in brought (RFC 6749 section 4.1.3, RFC 7636).
    ///
    /// # Errors
    /// Where no request can be made, or it would go out in the clear: the account is misconfigured.
    pub fn exchange(
        provider: &'a Provider,
        client: &'a Client,
        code: &AuthorizationCode,
        authorization: &AuthorizationRequest,
    ) -> Result<Self, Problem> {
        let redirect_uri = RedirectUrl::from_url(authorization.redirect_uri().clone());
        let verifier = authorization.verifier().expose().to_owned();
        let request = oauth2_client(provider, client)
            .set_redirect_uri(redirect_uri)
            .exchange_code(oauth2::AuthorizationCode::new(code.expose().to_owned()))
            .set_pkce_verifier(oauth2::PkceCodeVerifier::new(verifier))
            .request(&capture);
        Self::new(Purpose::Exchange, provider, client, captured(request))
    }

    /// Renews with a refresh token (RFC 6749 section 6).
    ///
    /// # Errors
    /// As [`Self::exchange`].
    pub fn refresh(
        provider: &'a Provider,
        client: &'a Client,
        token: &RefreshToken,
    ) -> Result<Self, Problem> {
        let token = oauth2::RefreshToken::new(token.expose().to_owned());
        let request = oauth2_client(provider, client)
            .exchange_refresh_token(&token)
            .request(&capture);
        Self::new(Purpose::Refresh, provider, client, captured(request))
    }

    /// Presents an assertion (RFC 7523 section 2.1), which opens a new session.
    ///
    /// # Errors
    /// As [`Self::exchange`].
    pub fn present(
        provider: &'a Provider,
        client: &'a Client,
        assertion: &Assertion,
    ) -> Result<Self, Problem> {
        // A JWT is often pasted with a line break behind it.
        let parameters = [
            ("grant_type", JWT_BEARER),
            ("assertion", assertion.expose().trim()),
        ];
        let authentication = provider.client_authentication;
        let request = form_request::post(
            &provider.token_endpoint,
            authentication,
            client,
            &parameters,
        );
        Self::new(Purpose::Present, provider, client, request.ok())
    }

    fn new(
        purpose: Purpose,
        provider: &'a Provider,
        client: &'a Client,
        built: Option<http::Request<Vec<u8>>>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            http: sendable(&provider.token_endpoint, built)?,
            context: RequestContext {
                purpose,
                provider,
                client,
            },
        })
    }

    /// The request to send.
    pub fn http(&self) -> &HttpRequest {
        &self.http
    }

    /// What the reply means, or its absence.
    pub fn read(&self, reply: Result<RawReply, TransportError>) -> Reply {
        match reply {
            Ok(raw) => classify(&raw, &self.context),
            Err(error) => error.meaning(&self.context),
        }
    }
}

/// The client as `oauth2` knows it.
fn oauth2_client(
    provider: &Provider,
    client: &Client,
) -> BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet> {
    let basic = BasicClient::new(ClientId::new(client.id.clone()))
        .set_token_uri(TokenUrl::from_url(provider.token_endpoint.clone()))
        .set_auth_type(match provider.client_authentication {
            ClientAuthentication::Basic => AuthType::BasicAuth,
            ClientAuthentication::Body => AuthType::RequestBody,
        });
    match &client.secret {
        Some(secret) => {
            basic.set_client_secret(oauth2::ClientSecret::new(secret.expose().to_owned()))
        }
        None => basic,
    }
}

#[cfg(test)]
mod tests;
