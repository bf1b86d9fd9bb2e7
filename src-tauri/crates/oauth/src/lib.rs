//! OAuth for Tokenkeep: providers, grants, requests, and what replies mean.
//!
//! This crate does no I/O. It builds requests and reads replies as values; the caller's HTTP client
//! carries them.
//!
//! - [`Provider`], [`Client`], [`preset`]: an authorization server, and an app's registration there.
//! - [`AuthorizationRequest`]: the page where a person signs in, and its redirect.
//! - [`TokenRequest`]: exchanges a code, refreshes, or presents an assertion.
//! - [`RevocationRequest`]: ends a session.
//! - [`RawReply`], [`TransportError`]: what the HTTP client brings back.
//! - [`Reply`]: what that means. Callers decide on this alone.

mod authorization;
mod classify;
mod error_description;
mod error_message;
mod error_response;
mod fingerprint;
mod form_request;
mod http_request;
mod json;
mod loopback;
mod oauth2_request;
mod presets;
mod printable;
mod problem;
mod provider;
mod raw_reply;
mod redirect;
mod reply;
mod request_context;
mod retry_after;
mod revocation;
mod secrets;
mod token_request;
mod transport_error;

pub use authorization::{AuthorizationError, AuthorizationRequest};
pub use fingerprint::{Fingerprint, FingerprintError};
pub use http_request::{HttpRequest, RequestBody};
pub use loopback::{is_loopback, may_carry_secrets};
pub use presets::{Preset, ProviderError, preset};
pub use printable::{acts, printable};
pub use problem::{Problem, ProblemKind};
pub use provider::{Client, ClientAuthentication, Provider, Quota, RenewalEffect};
pub use raw_reply::RawReply;
pub use redirect::{RedirectError, is_redirect_to};
pub use reply::{RateLimit, Reply, TokenResponse};
pub use retry_after::LONGEST as LONGEST_RETRY_AFTER;
pub use revocation::{Revocable, RevocationRequest};
pub use secrets::{
    AccessToken, Assertion, AuthorizationCode, ClientSecret, PkceVerifier, RefreshToken,
};
pub use token_request::TokenRequest;
pub use transport_error::TransportError;
