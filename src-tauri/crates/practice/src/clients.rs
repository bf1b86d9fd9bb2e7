//! The two apps that are registered at the practice provider. Nothing here is secret: all of it is printed.

/// An app registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RegisteredClient {
    /// Has a secret and proves itself by HTTP Basic (RFC 6749, section 2.3.1).
    Confidential,
    /// Has no secret, names itself by `client_id` in the body and must use PKCE (RFC 7636).
    Public,
}

/// The confidential client's secret.
pub(crate) const SECRET: &str = "practice-secret-known-to-everybody";

/// The redirect URI that the `.env` names, and the status page first.
pub(crate) const DEFAULT_REDIRECT_URI: &str = "http://localhost:8643/callback";

/// The redirect URIs registered for both clients. They are compared character by character.
///
/// The HTTPS one leads nowhere (RFC 2606): a sign-in window has to catch it before it is loaded.
pub(crate) const REDIRECT_URIS: [&str; 3] = [
    DEFAULT_REDIRECT_URI,
    "http://127.0.0.1:8643/callback",
    "https://practice.example/callback",
];

impl RegisteredClient {
    pub(crate) const ALL: [Self; 2] = [Self::Confidential, Self::Public];

    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Confidential => "tokenkeep-practice-app",
            Self::Public => "tokenkeep-practice-public-app",
        }
    }

    /// The app's name as a person sees it on the consent page.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Confidential => "Practice App",
            Self::Public => "Public Practice App",
        }
    }

    pub(crate) fn by_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|client| client.id() == id)
    }
}
