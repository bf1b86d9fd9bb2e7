//! The page where a person signs in, and what its redirect says.

use std::fmt;

use url::Url;

use crate::problem::Problem;
use crate::provider::{Client, Provider};
use crate::secrets::{AuthorizationCode, PkceVerifier};

/// One sign-in: where to send the person, and what to expect back.
pub struct AuthorizationRequest {
    /// The page to open.
    pub url: Url,
    redirect_uri: Url,
    verifier: PkceVerifier,
}

/// Why no sign-in can begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// The client has no redirect URI.
    #[error(
        "the account has no redirect URI, so nobody can sign in: add the one registered for the app"
    )]
    NoRedirectUri,
    /// A page would be opened, or a code received, in the clear.
    #[error(
        "{url} would be spoken to in the clear: it must begin with https, or be on this machine"
    )]
    Insecure {
        /// The endpoint or redirect URI, without its query.
        url: String,
    },
}

/// Why a redirect brought no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    /// The URL is not the redirect URI: most likely another page was pasted.
    #[error(
        "that is not the page that the sign-in ends on, which begins with {expected}; copy the whole address from the browser once the sign-in is over"
    )]
    NotTheRedirect {
        /// What its beginning must be.
        expected: String,
    },
    /// The state is missing or another one: the redirect answers no request of ours.
    #[error(
        "the sign-in was ended, because its answer belongs to another sign-in; start again and use the newest page only"
    )]
    StateMismatch,
    /// The answer is from another provider (RFC 9207).
    #[error(
        "the sign-in was ended, because its answer came from another provider than the one asked; start again, and do not follow links into the sign-in"
    )]
    IssuerMismatch,
    /// The provider said no, or that something is wrong.
    #[error("{0}")]
    Refused(Problem),
    /// The redirect has neither code nor error.
    #[error("the sign-in's answer holds no code; start again, and copy the address whole")]
    NoCode,
    /// A parameter stands there twice (RFC 6749 section 3.1).
    #[error("the sign-in's answer names {parameter} twice and cannot be trusted; start again")]
    Duplicate {
        /// Which one.
        parameter: &'static str,
    },
}

impl AuthorizationRequest {
    /// A sign-in at the provider, with a state and a verifier of its own.
    ///
    /// # Errors
    /// Where the client has no redirect URI, or something would be spoken in the clear.
    pub fn new(provider: &Provider, client: &Client) -> Result<Self, AuthorizationError> {
        let _ = provider;
        let redirect_uri = client
            .redirect_uri
            .clone()
            .ok_or(AuthorizationError::NoRedirectUri)?;
        Ok(Self {
            url: redirect_uri.clone(),
            redirect_uri,
            verifier: PkceVerifier::new(""),
        })
    }

    /// Reads the URL that the browser was sent to at the end.
    ///
    /// # Errors
    /// Where it is not an answer to this request, or the answer is no.
    pub fn read_redirect(&self, redirected: &Url) -> Result<AuthorizationCode, RedirectError> {
        let _ = redirected;
        Err(RedirectError::NoCode)
    }

    /// What the code is exchanged together with.
    pub fn verifier(&self) -> &PkceVerifier {
        &self.verifier
    }

    /// Where the sign-in ends.
    pub fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }
}

impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("redirect_uri", &self.redirect_uri.as_str())
            .finish_non_exhaustive()
    }
}
