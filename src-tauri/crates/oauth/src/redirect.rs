//! The redirect that ends a sign-in (RFC 6749 section 4.1.2).

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use url::Url;

use crate::error_response::ErrorResponse;
use crate::problem::{Problem, ProblemKind};
use crate::secrets::AuthorizationCode;

/// The redirect that a sign-in waits for.
pub(crate) struct ExpectedRedirect {
    pub(crate) redirect_uri: Url,
    pub(crate) state: SecretString,
    pub(crate) issuer: Issuer,
    /// The provider's name in sentences.
    pub(crate) title: String,
}

/// Who may send the redirect (RFC 9207).
pub(crate) enum Issuer {
    /// Exactly this issuer.
    Known(String),
    /// The provider does not publish its issuer: `iss` must have the origin of one of its pages.
    At(Vec<url::Origin>),
}

/// Why a redirect brought no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    /// The URL is not the redirect URI: most likely another page was pasted.
    #[error(
        "That is not the page on which the sign-in ends: its address begins with {expected}. Finish the sign-in, then copy the whole address of the page that you are sent to, even if it does not load."
    )]
    NotTheRedirect {
        /// What its beginning must be.
        expected: String,
    },
    /// `state` is missing or belongs to another request.
    #[error(
        "This answer belongs to another sign-in, so it was not used. Start the sign-in again and use its newest page only."
    )]
    StateMismatch,
    /// `iss` names another provider (RFC 9207).
    #[error(
        "This answer comes from another provider than the one that was asked, so it was not used. Start the sign-in again, and sign in on its own page only."
    )]
    IssuerMismatch,
    /// The provider answered with an error (RFC 6749 section 4.1.2.1).
    #[error("{0}")]
    ErrorResponse(Problem),
    /// The redirect has neither `code` nor `error`.
    #[error("The answer holds no code. Start the sign-in again, and copy the address whole.")]
    NoCode,
    /// A parameter occurs twice, which it must not (RFC 6749 section 3.1).
    #[error("The answer names {parameter} twice, so it was not used. Start the sign-in again.")]
    Duplicate {
        /// Which one.
        parameter: &'static str,
    },
}

/// Whether `url` is the page on which a sign-in with this redirect URI ends: scheme, host, port
/// and path must be equal. The port too: a provider may let a loopback port vary (RFC 8252
/// section 7.3), but the redirect URI names the one that was sent.
pub fn is_redirect_to(redirect_uri: &Url, url: &Url) -> bool {
    url.scheme() == redirect_uri.scheme()
        && url.host() == redirect_uri.host()
        && url.port_or_known_default() == redirect_uri.port_or_known_default()
        && url.path() == redirect_uri.path()
}

impl ExpectedRedirect {
    pub(crate) fn is_redirect(&self, url: &Url) -> bool {
        is_redirect_to(&self.redirect_uri, url)
    }

    /// The code, if `url` belongs to this sign-in and carries one.
    pub(crate) fn read(&self, url: &Url) -> Result<AuthorizationCode, RedirectError> {
        if !self.is_redirect(url) {
            let mut expected = self.redirect_uri.clone();
            expected.set_query(None);
            return Err(RedirectError::NotTheRedirect {
                expected: expected.into(),
            });
        }
        let state = parameter(url, "state")?.unwrap_or_default();
        let expected = self.state.expose_secret();
        if !bool::from(state.as_bytes().ct_eq(expected.as_bytes())) {
            return Err(RedirectError::StateMismatch);
        }
        let issuer = parameter(url, "iss")?;
        if !issuer.is_none_or(|issuer| self.issuer.is(&issuer)) {
            return Err(RedirectError::IssuerMismatch);
        }
        let code = parameter(url, "code")?;
        if let Some(error) = parameter(url, "error")? {
            return Err(RedirectError::ErrorResponse(problem(&self.title, error)));
        }
        code.filter(|code| !code.is_empty())
            .map(AuthorizationCode::new)
            .ok_or(RedirectError::NoCode)
    }
}

impl Issuer {
    fn is(&self, issuer: &str) -> bool {
        match self {
            Issuer::Known(known) => known == issuer,
            Issuer::At(origins) => {
                Url::parse(issuer).is_ok_and(|issuer| origins.contains(&issuer.origin()))
            }
        }
    }
}

fn parameter(url: &Url, name: &'static str) -> Result<Option<String>, RedirectError> {
    let mut values = url
        .query_pairs()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned());
    let first = values.next();
    if values.next().is_some() {
        return Err(RedirectError::Duplicate { parameter: name });
    }
    Ok(first)
}

/// The errors of RFC 6749 section 4.1.2.1.
fn kind_of_error(error: &str) -> ProblemKind {
    match error {
        "access_denied" => ProblemKind::AccessDenied,
        "unauthorized_client" | "unsupported_response_type" => ProblemKind::UnauthorizedClient,
        "invalid_scope" => ProblemKind::InvalidScope,
        "invalid_request" => ProblemKind::InvalidRequest,
        "invalid_client" => ProblemKind::InvalidClient,
        "temporarily_unavailable" => ProblemKind::Unavailable,
        "server_error" => ProblemKind::ServerError,
        _ => ProblemKind::UnknownError,
    }
}

fn problem(title: &str, error: String) -> Problem {
    let kind = kind_of_error(&error);
    let names = ErrorResponse::new(Some(error), Vec::new()).names();
    let message = match kind {
        ProblemKind::AccessDenied => format!(
            "The sign-in was refused on the page of {title} ({names}): you said no, or this user may not use the app. Start it again to say yes, or ask your administrator."
        ),
        ProblemKind::UnauthorizedClient => format!(
            "{title} does not let this app sign in in this way ({names}). Allow the authorization code flow in the app's settings."
        ),
        ProblemKind::InvalidScope => format!(
            "{title} does not grant the requested scope ({names}). Change the account's scope, or the app's permissions."
        ),
        ProblemKind::InvalidRequest => format!(
            "{title} could not make sense of the sign-in ({names}). Check the account's client id and redirect URI."
        ),
        ProblemKind::InvalidClient => format!(
            "{title} does not accept this client ({names}). Check the account's client id and server."
        ),
        ProblemKind::Unavailable => {
            format!("{title} is out of service for a while ({names}). Sign in again later.")
        }
        ProblemKind::ServerError => {
            format!("{title} failed during the sign-in ({names}). Sign in again later.")
        }
        _ => format!(
            "{title} ended the sign-in with {names}. Sign in again; if this lasts, check the app's settings."
        ),
    };
    Problem::new(kind, message)
}
