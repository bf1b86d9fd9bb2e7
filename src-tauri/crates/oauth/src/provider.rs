//! Providers and clients: who is asked for tokens, and as whom.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::secrets::ClientSecret;

/// An authorization server: its endpoints, its quirks, its quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The name it has in configuration files and on the command line, such as `ringcentral`.
    pub name: String,
    /// The name it has in sentences, such as `RingCentral`.
    pub title: String,
    /// What its endpoints, and its API, are under.
    pub base: Url,
    /// What it calls itself in `iss` (RFC 9207), where that is known.
    pub issuer: Option<String>,
    /// Where a person signs in (RFC 6749 section 3.1).
    pub authorization_endpoint: Url,
    /// Where tokens come from (RFC 6749 section 3.2).
    pub token_endpoint: Url,
    /// Where a session is ended (RFC 7009), if anywhere.
    pub revocation_endpoint: Option<Url>,
    /// How a client that has a secret shows it. One without a secret just names itself.
    pub client_authentication: ClientAuthentication,
    /// What refreshing does to the current access token.
    pub refresh: RenewalEffect,
    /// What presenting an assertion does to the current access token.
    pub assertion: RenewalEffect,
    /// For how long a used refresh token can be presented again and brings the same answer,
    /// provided that the access token of that answer was not used yet.
    pub replay_window: Option<Duration>,
    /// How many token requests it takes from one client.
    pub quota: Option<Quota>,
    /// What to do where no refresh token came, in words for a notice.
    pub no_refresh_token_advice: String,
    /// Where a developer edits clients and mints assertions.
    pub console_url: Option<Url>,
}

/// How a client shows its secret to the token endpoint (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// In an `Authorization: Basic` header, id and secret form-encoded first.
    Basic,
    /// As `client_id` and `client_secret` in the request's body.
    Body,
}

/// What a renewal by some method does to the account's current access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewalEffect {
    /// The current access token is dead as soon as the provider answers.
    KillsPrevious,
    /// The current access token lives on to its own end.
    KillsNothing,
}

/// How many token requests a provider takes from one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// This many requests …
    pub requests: u32,
    /// … in this time. One more brings 429 …
    pub window: Duration,
    /// … for this long, begun anew by every further request.
    pub penalty: Duration,
}

/// An app registration at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its client id, which is no secret.
    pub id: String,
    /// Its secret. A public client has none.
    pub secret: Option<ClientSecret>,
    /// Where the provider sends a person after signing in, exactly as registered there.
    pub redirect_uri: Option<Url>,
}
