//! An account's provider and client, and the requests to the provider.

use std::collections::BTreeSet;
use std::sync::Arc;

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokenkeep_oauth::{
    Assertion, AuthorizationCode, AuthorizationRequest, Client, ClientSecret, Problem, ProblemKind,
    Provider, ProviderError, Quota, Reply, Revocable, RevocationRequest, TokenRequest, preset,
};
use url::Url;

use crate::config::{self, AccountName, Config, Grant, REQUESTS_PER_MINUTE};
use crate::http::{self, HttpClient};
use crate::vault::{Binding, Credentials};
use tokenkeep_protocol::account::{AssertionPolicy, Policy, Request};
use tokenkeep_protocol::clock::Now;

/// An account's configuration, checked, without its secrets.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) name: AccountName,
    pub(super) grant: Grant,
    pub(super) client_id: String,
    pub(super) redirect_uri: Option<Url>,
    pub(super) provider: Provider,
}

impl Spec {
    /// Checks an account's configuration.
    ///
    /// # Errors
    /// If it cannot be used: the wrong field, and what is wrong with it, in whole sentences.
    pub(super) fn read(
        name: &AccountName,
        account: &config::AccountEntry,
        config: &Config,
    ) -> Result<Self, (&'static str, String)> {
        let url = |field, text: &Option<String>| {
            let url = text.as_deref().map(Url::parse).transpose();
            url.map_err(|error| (field, format!("This is no URL ({error}).")))
        };
        let server = url("server", &account.server)?;
        let mut provider = preset(&account.provider, server).map_err(|error| {
            let field = match &error {
                ProviderError::Unknown { .. } => "provider",
                ProviderError::Server { .. } => "server",
            };
            (field, error.to_string())
        })?;
        let settings = config.settings();
        provider.quota = quota(
            provider.quota,
            settings.of_provider(&account.provider, &REQUESTS_PER_MINUTE),
        );
        Ok(Self {
            name: name.clone(),
            grant: account.grant,
            client_id: account.client_id.clone(),
            redirect_uri: url("redirect_uri", &account.redirect_uri)?,
            provider,
        })
    }

    /// A key that is the same for all accounts of one client at one provider, which share a quota.
    pub(super) fn client_key(&self) -> String {
        format!(
            "{} {} {}",
            self.provider.name, self.provider.base, self.client_id
        )
    }

    /// The client and the servers that the account's secrets go to.
    pub(super) fn binding(&self) -> Binding {
        let provider = &self.provider;
        let endpoints = [
            Some(&provider.token_endpoint),
            provider.revocation_endpoint.as_ref(),
            // A person types a password there.
            Some(&provider.authorization_endpoint),
        ];
        let origins: BTreeSet<String> = endpoints
            .into_iter()
            .flatten()
            .map(|endpoint| endpoint.origin().ascii_serialization())
            .collect();
        Binding {
            client_id: self.client_id.clone(),
            origins: origins.into_iter().collect(),
        }
    }

    /// The policy of the account's state machine.
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
            replay_window: self.provider.replay_window,
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
    /// Sends a renewal.
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

    /// Exchanges the authorization code of a sign-in for tokens.
    pub(super) async fn exchange(
        &self,
        code: &AuthorizationCode,
        authorization: &AuthorizationRequest,
    ) -> Reply {
        let client = self.spec.client(&self.credentials);
        let request = TokenRequest::exchange(&self.spec.provider, &client, code, authorization);
        self.http.request_tokens(request).await
    }

    /// Ends a session. Best effort: RingCentral advises to ignore errors of a revocation and not to repeat it
    /// (ringcentral-api-docs, docs/basics/errors.md).
    ///
    /// # Errors
    /// Where the provider did not confirm it.
    pub(super) async fn revoke(&self, token: Revocable) -> Result<(), Problem> {
        let provider = &self.spec.provider;
        let client = self.spec.client(&self.credentials);
        let request = RevocationRequest::new(provider, &client, &token);
        let revoked = self.http.revoke(request).await;
        revoked.inspect_err(|problem| {
            tracing::info!(account = %self.spec.name, %problem, "a session was not ended");
        })
    }

    fn no_assertion(&self) -> Problem {
        Problem::new(
            ProblemKind::InvalidGrant,
            format!(
                "The keychain holds no JWT credential for {0}, so there is nothing to sign in with. \
                 Remove the account with `tokenkeep remove {0}`, and add it again.",
                self.spec.name
            ),
        )
    }
}

/// The preset's quota with the number of requests that a person set.
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

/// A seed for jitter, which is the same for an account at every start and differs between accounts.
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
