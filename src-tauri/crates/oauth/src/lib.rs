//! OAuth for Tokenkeep: providers, grants, requests, and what replies mean.
//!
//! - [`Provider`], [`Client`], [`preset`]: who is asked, and as whom.
//! - [`AuthorizationRequest`]: the page where a person signs in, and what its redirect says.
//! - [`TokenEndpoint`]: exchange a code, refresh, present an assertion, revoke.
//! - [`Reply`]: what the provider's answer means. Callers decide on it alone.

mod asked;
mod authorization;
mod classify;
mod fields;
mod fingerprint;
mod form;
mod http;
mod loopback;
mod past_oauth2;
mod presets;
mod problem;
mod provider;
mod redirect;
mod refusal;
mod reply;
mod retry_after;
mod secrets;
mod token_endpoint;
mod transport_error;
mod wording;

pub use authorization::{AuthorizationError, AuthorizationRequest};
pub use fingerprint::{Fingerprint, FingerprintError};
pub use http::{Http, HttpError, TIME_LIMIT};
pub use loopback::is_private;
pub use presets::{ProviderError, preset, preset_names};
pub use problem::{Problem, ProblemKind};
pub use provider::{Client, ClientAuthentication, Provider, Quota, RenewalEffect};
pub use redirect::{RedirectError, is_redirect_to};
pub use reply::{RateLimit, Reply, TokenResponse};
pub use retry_after::LONGEST as LONGEST_RETRY_AFTER;
pub use secrets::{
    AccessToken, Assertion, AuthorizationCode, ClientSecret, PkceVerifier, RefreshToken,
};
pub use token_endpoint::{Revocable, TokenEndpoint};
