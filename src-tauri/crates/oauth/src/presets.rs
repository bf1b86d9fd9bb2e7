//! The providers that ship with the program.

use url::Url;

use crate::provider::Provider;

/// Why there is no such provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// No preset has this name.
    #[error("there is no provider called {name:?}; there are: {}", preset_names().join(", "))]
    Unknown {
        /// The name that was given.
        name: String,
    },
    /// The server's URL cannot be what endpoints are under.
    #[error("{url} cannot be the server of {provider}: {reason}")]
    Server {
        /// The URL that was given, without any password in it.
        url: String,
        /// The provider's name.
        provider: &'static str,
        /// What is wrong with it, and what would be right.
        reason: &'static str,
    },
}

/// The names that [`preset`] knows.
pub fn preset_names() -> &'static [&'static str] {
    &["ringcentral", "practice"]
}

/// The provider of this name. `server` (`RC_SERVER_URL` in RingCentral's samples) replaces the
/// base URL of its endpoints.
///
/// # Errors
/// Where there is no such preset, or where secrets must not be sent to that server.
pub fn preset(name: &str, server: Option<Url>) -> Result<Provider, ProviderError> {
    let _ = server;
    Err(ProviderError::Unknown {
        name: name.to_owned(),
    })
}
