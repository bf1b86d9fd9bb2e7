//! Providers and clients.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::secrets::ClientSecret;

/// An authorization server: its endpoints, its behaviour, its quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name in configuration files and on the command line, such as `ringcentral`.
    pub name: String,
    /// Its name in sentences, such as `RingCentral`.
    pub title: String,
    /// The base URL of its endpoints and its API.
    pub base: Url,
    /// Its issuer identifier, as in `iss` (RFC 9207), where that is known.
    pub issuer: Option<String>,
    /// The authorization endpoint, where a person signs in (RFC 6749 section 3.1).
    pub authorization_endpoint: Url,
    /// The token endpoint (RFC 6749 section 3.2).
    pub token_endpoint: Url,
    /// The revocation endpoint (RFC 7009), where it has one.
    pub revocation_endpoint: Option<Url>,
    /// How a client with a secret authenticates. One without sends its id alone.
    pub client_authentication: ClientAuthentication,
    /// What refreshing does to the current access token.
    pub refresh: RenewalEffect,
    /// What presenting an assertion does to the current access token.
    pub assertion: RenewalEffect,
    /// How long a used refresh token, sent again, brings the same reply, as long as the access token
    /// of that reply has not been used.
    pub replay_window: Option<Duration>,
    /// How many token requests it accepts from one client.
    pub quota: Option<Quota>,
    /// What to do when it sends no refresh token: the text of a notice.
    pub no_refresh_token_advice: String,
    /// The developer console, for clients and assertions.
    pub console_url: Option<Url>,
}

/// How a client sends its secret to the token endpoint (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// In an `Authorization: Basic` header; id and secret are form-encoded first.
    Basic,
    /// As `client_id` and `client_secret` in the body.
    Body,
}

/// What a renewal does to the current access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewalEffect {
    /// The provider revokes it.
    KillsPrevious,
    /// It lives on until it expires.
    KillsNothing,
}

/// How many token requests a provider accepts from one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// This many requests …
    pub requests: u32,
    /// … in this time. One more brings 429 …
    pub window: Duration,
    /// … for this long, restarted by every further request.
    pub penalty: Duration,
}

/// An app registration at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its client id, which is no secret.
    pub id: String,
    /// Its secret; a public client has none.
    pub secret: Option<ClientSecret>,
    /// Where the provider sends the browser after a sign-in, exactly as registered there.
    pub redirect_uri: Option<Url>,
}
