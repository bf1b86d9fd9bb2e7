//! OAuth for Tokenkeep: providers, grants, requests, and what replies mean.
//!
//! - [`Provider`], [`Client`], [`preset`]: who is asked, and as whom.
//! - [`AuthorizationRequest`]: the page where a person signs in, and what its redirect says.
//! - [`TokenEndpoint`]: exchange a code, refresh, present an assertion, revoke.
//! - [`Reply`]: what the provider's answer means. Callers decide on it alone.

mod authorization;
mod fingerprint;
mod http;
mod loopback;
mod presets;
mod problem;
mod provider;
mod reply;
mod secrets;
mod token_endpoint;

pub use authorization::{AuthorizationError, AuthorizationRequest, RedirectError};
pub use fingerprint::{Fingerprint, FingerprintError};
pub use http::{Http, HttpError, TIME_LIMIT};
pub use presets::{ProviderError, preset, preset_names};
pub use problem::{Problem, ProblemKind};
pub use provider::{Client, ClientAuthentication, Provider, Quota, RenewalEffect};
pub use reply::{RateLimit, Reply, TokenResponse};
pub use secrets::{
    AccessToken, Assertion, AuthorizationCode, ClientSecret, PkceVerifier, RefreshToken,
};
pub use token_endpoint::{Revocable, TokenEndpoint};
