//! The requests that tokens are obtained, renewed and ended with.

use oauth2::basic::BasicClient;
use oauth2::{AuthType, ClientId, EndpointNotSet, EndpointSet, RedirectUrl, TokenUrl};
use url::Url;

use crate::asked::{Asked, Purpose};
use crate::authorization::AuthorizationRequest;
use crate::classify::classify;
use crate::fields::is_json;
use crate::form;
use crate::http::Http;
use crate::past_oauth2::{Outcome, PastOauth2, outcome};
use crate::problem::{Problem, ProblemKind};
use crate::provider::{Client, ClientAuthentication, Provider};
use crate::reply::Reply;
use crate::secrets::{AccessToken, Assertion, AuthorizationCode, RefreshToken};
use crate::transport_error::TransportError;

/// RFC 7523 section 2.1.
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

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
        let client = self
            .oauth2()
            .set_redirect_uri(RedirectUrl::from_url(request.redirect_uri().clone()));
        let answer = client
            .exchange_code(oauth2::AuthorizationCode::new(code.expose().to_owned()))
            .set_pkce_verifier(oauth2::PkceCodeVerifier::new(
                request.verifier().expose().to_owned(),
            ))
            .request_async(&PastOauth2(self.http))
            .await;
        self.read(outcome(answer), Purpose::Exchange)
    }

    /// Renews with a refresh token (RFC 6749 section 6).
    pub async fn refresh(&self, token: &RefreshToken) -> Reply {
        let token = oauth2::RefreshToken::new(token.expose().to_owned());
        let answer = self
            .oauth2()
            .exchange_refresh_token(&token)
            .request_async(&PastOauth2(self.http))
            .await;
        self.read(outcome(answer), Purpose::Refresh)
    }

    /// Presents an assertion (RFC 7523 section 2.1), which opens a new session.
    pub async fn present(&self, assertion: &Assertion) -> Reply {
        // A JWT is often pasted with a line break behind it.
        let parameters = [
            ("grant_type", JWT_BEARER),
            ("assertion", assertion.expose().trim()),
        ];
        self.read(
            self.post(&self.provider.token_endpoint, &parameters).await,
            Purpose::Present,
        )
    }

    /// Ends the session of a token (RFC 7009). Best effort, and not to be repeated (RingCentral,
    /// docs/basics/errors.md).
    ///
    /// # Errors
    /// Where the provider has no such endpoint, or did not confirm it.
    pub async fn revoke(&self, token: impl Into<Revocable<'_>>) -> Result<(), Problem> {
        let Some(endpoint) = &self.provider.revocation_endpoint else {
            let title = &self.provider.title;
            let message = format!(
                "{title} offers no way to end a session from here. It ends by itself, or on the provider's own pages."
            );
            return Err(Problem::new(ProblemKind::NoSuchEndpoint, message));
        };
        let (token, hint) = match token.into() {
            Revocable::Access(token) => (token.expose(), "access_token"),
            Revocable::Refresh(token) => (token.expose(), "refresh_token"),
        };
        let parameters = [("token", token), ("token_type_hint", hint)];
        match self.post(endpoint, &parameters).await {
            // RFC 7009 section 2.2: 200, and the body says nothing. A page of HTML is another's.
            Ok(raw) if raw.status.is_success() && (raw.body.is_empty() || is_json(&raw.body)) => {
                Ok(())
            }
            outcome => Err(self.unrevoked(self.read(outcome, Purpose::Revoke))),
        }
    }

    fn unrevoked(&self, reply: Reply) -> Problem {
        let title = &self.provider.title;
        let kind = reply
            .problem()
            .map_or(ProblemKind::Malformed, |problem| problem.kind);
        let why = reply
            .problem()
            .map(|problem| problem.kind.to_string())
            .unwrap_or_default();
        Problem::new(
            kind,
            format!(
                "{title} did not confirm that the session was ended ({why}). It may live on until it expires; end it on the provider's own pages if that matters."
            ),
        )
    }

    async fn post(&self, endpoint: &Url, parameters: &[(&str, &str)]) -> Outcome {
        let authentication = self.provider.client_authentication;
        let request = form::post(endpoint, authentication, self.client, parameters)
            .map_err(|_| TransportError::Insecure)?;
        self.http.send(request).await
    }

    fn read(&self, outcome: Outcome, purpose: Purpose) -> Reply {
        let asked = Asked {
            purpose,
            provider: self.provider,
            client: self.client,
        };
        match outcome {
            Ok(raw) => classify(&raw, &asked),
            Err(error) => error.meaning(&asked),
        }
    }

    fn oauth2(
        &self,
    ) -> BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>
    {
        let client = BasicClient::new(ClientId::new(self.client.id.clone()))
            .set_token_uri(TokenUrl::from_url(self.provider.token_endpoint.clone()))
            .set_auth_type(match self.provider.client_authentication {
                ClientAuthentication::Basic => AuthType::BasicAuth,
                ClientAuthentication::Body => AuthType::RequestBody,
            });
        match &self.client.secret {
            Some(secret) => {
                client.set_client_secret(oauth2::ClientSecret::new(secret.expose().to_owned()))
            }
            None => client,
        }
    }
}
