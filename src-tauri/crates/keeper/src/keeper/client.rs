//! An account's provider and client, and the requests that they make.

use std::sync::Arc;

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokenkeep_oauth::{
    Assertion, AuthorizationCode, AuthorizationRequest, Client, ClientSecret, Problem, ProblemKind,
    Provider, ProviderError, Quota, Reply, Revocable, RevocationRequest, TokenRequest, preset,
};
use url::Url;

use crate::config::{self, AccountName, Config, Grant};
use crate::http::{self, HttpClient};
use crate::vault::Credentials;
use tokenkeep_protocol::account::{AssertionPolicy, Policy, Request};
use tokenkeep_protocol::clock::Now;

/// What an account is configured to be, apart from its secrets.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) name: AccountName,
    pub(super) grant: Grant,
    pub(super) client_id: String,
    pub(super) redirect_uri: Option<Url>,
    pub(super) provider: Provider,
}

impl Spec {
    /// Makes sense of an account's configuration; where there is none, the field and what is wrong.
    pub(super) fn read(
        name: &AccountName,
        account: &config::Account,
        config: &Config,
    ) -> Result<Self, (&'static str, String)> {
        let url = |field, text: &Option<String>| {
            let url = text.as_deref().map(Url::parse).transpose();
            url.map_err(|error| (field, format!("is no URL: {error}")))
        };
        let server = url("server", &account.server)?;
        let mut provider = preset(&account.provider, server).map_err(|error| {
            let field = match &error {
                ProviderError::Unknown { .. } => "provider",
                ProviderError::Server { .. } => "server",
            };
            (field, error.to_string())
        })?;
        if let Some(own) = config.providers().get(&account.provider) {
            provider.quota = quota(provider.quota, own.requests_per_minute);
        }
        Ok(Self {
            name: name.clone(),
            grant: account.grant,
            client_id: account.client_id.clone(),
            redirect_uri: url("redirect_uri", &account.redirect_uri)?,
            provider,
        })
    }

    /// Names the client at its provider: what shares a quota.
    pub(super) fn client_key(&self) -> String {
        format!(
            "{} {} {}",
            self.provider.name, self.provider.base, self.client_id
        )
    }

    /// What the heart needs to know.
    pub(super) fn policy(&self, credentials: &Credentials, now: Now) -> Policy {
        let effect = self.provider.assertion;
        let assertion = credentials.assertion.as_ref().map_or(
            AssertionPolicy {
                effect,
                expires_at: None,
            },
            |assertion| {
                AssertionPolicy::of(&Assertion::new(assertion.expose_secret()), effect, now)
            },
        );
        Policy {
            seed: seed_of(self.name.as_str(), &self.client_id),
            refresh: self.provider.refresh,
            assertion: (self.grant == Grant::Jwt).then_some(assertion),
            request_time_limit: http::TIME_LIMIT,
            no_refresh_token_advice: self.provider.no_refresh_token_advice.clone(),
        }
    }

    fn client(&self, credentials: &Credentials) -> Client {
        Client {
            id: self.client_id.clone(),
            secret: credentials
                .client_secret
                .as_ref()
                .map(|secret| ClientSecret::new(secret.expose_secret())),
            redirect_uri: self.redirect_uri.clone(),
        }
    }

    /// Begins a sign-in by authorization code.
    pub(super) fn authorization_request(
        &self,
        credentials: &Credentials,
    ) -> Result<AuthorizationRequest, tokenkeep_oauth::AuthorizationError> {
        AuthorizationRequest::new(&self.provider, &self.client(credentials))
    }
}

/// Sends an account's requests.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pub(super) http: HttpClient,
    pub(super) spec: Arc<Spec>,
    pub(super) credentials: Credentials,
}

impl Sender {
    /// Renews.
    pub(super) async fn send(&self, request: Request) -> Reply {
        let provider = &self.spec.provider;
        let client = self.spec.client(&self.credentials);
        let request = match (request, &self.credentials.assertion) {
            (Request::Refresh(token), _) => TokenRequest::refresh(provider, &client, &token),
            (Request::PresentAssertion, Some(assertion)) => {
                let assertion = Assertion::new(assertion.expose_secret());
                TokenRequest::present(provider, &client, &assertion)
            }
            (Request::PresentAssertion, None) => Err(self.no_assertion()),
        };
        self.http.request_tokens(request).await
    }

    /// Exchanges the code that a sign-in brought.
    pub(super) async fn exchange(
        &self,
        code: &AuthorizationCode,
        authorization: &AuthorizationRequest,
    ) -> Reply {
        let client = self.spec.client(&self.credentials);
        let request = TokenRequest::exchange(&self.spec.provider, &client, code, authorization);
        self.http.request_tokens(request).await
    }

    /// Ends a session. Best effort: what goes wrong is not repeated (RingCentral,
    /// docs/basics/errors.md).
    pub(super) async fn revoke(&self, token: Revocable) {
        let provider = &self.spec.provider;
        let client = self.spec.client(&self.credentials);
        let request = RevocationRequest::new(provider, &client, &token);
        if let Err(problem) = self.http.revoke(request).await {
            tracing::info!(account = %self.spec.name, %problem, "a session was not ended");
        }
    }

    fn no_assertion(&self) -> Problem {
        Problem::new(
            ProblemKind::InvalidGrant,
            format!(
                "The keychain holds no JWT credential for {0}, so there is nothing to sign in with. \
                 Remove the account and add it again: tokenkeep remove {0}",
                self.spec.name
            ),
        )
    }
}

/// The quota that a person set, in the preset's terms.
fn quota(preset: Option<Quota>, own: Option<u32>) -> Option<Quota> {
    let minute = std::time::Duration::from_secs(60);
    let base = preset.unwrap_or(Quota {
        requests: 0,
        window: minute,
        penalty: minute,
    });
    match own {
        None => preset,
        Some(0) => None,
        Some(requests) => Some(Quota {
            requests,
            window: minute,
            ..base
        }),
    }
}

/// Draws jitter: the same for an account on every start, and different between accounts.
fn seed_of(name: &str, client_id: &str) -> u64 {
    let digest = Sha256::new()
        .chain_update(name)
        .chain_update([0])
        .chain_update(client_id)
        .finalize();
    digest
        .iter()
        .take(8)
        .fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}
