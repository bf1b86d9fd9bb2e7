//! What the URL says that the browser is sent to at the end of a sign-in (RFC 6749 section 4.1.2).

use subtle::ConstantTimeEq as _;
use url::Url;

use crate::authorization::Issuer;
use crate::problem::{Problem, ProblemKind};
use crate::refusal::Refusal;
use crate::secrets::AuthorizationCode;

/// What a redirect must be to count.
pub(crate) struct Expected<'a> {
    pub(crate) redirect_uri: &'a Url,
    pub(crate) state: &'a str,
    pub(crate) issuer: &'a Issuer,
    /// The provider's name in sentences.
    pub(crate) title: &'a str,
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
    /// The state is missing or another one: the redirect answers no request of ours.
    #[error(
        "This answer belongs to another sign-in, so it was not used. Start the sign-in again and use its newest page only."
    )]
    StateMismatch,
    /// The answer is from another provider than the one asked (RFC 9207).
    #[error(
        "This answer comes from another provider than the one that was asked, so it was not used. Start the sign-in again, and sign in on its own page only."
    )]
    IssuerMismatch,
    /// The provider said no, or that something is wrong.
    #[error("{0}")]
    Refused(Problem),
    /// The redirect has neither code nor error.
    #[error("The answer holds no code. Start the sign-in again, and copy the address whole.")]
    NoCode,
    /// A parameter stands there twice, which it must not (RFC 6749 section 3.1).
    #[error("The answer names {parameter} twice, so it was not used. Start the sign-in again.")]
    Duplicate {
        /// Which one.
        parameter: &'static str,
    },
}

/// Whether `url` is the page on which a sign-in with this redirect URI ends: scheme, host, port
/// and path must be the same. The port too: whether a provider lets a loopback port vary (RFC 8252
/// section 7.3) is up to it, and we sent this one.
pub fn is_redirect_to(redirect_uri: &Url, url: &Url) -> bool {
    url.scheme() == redirect_uri.scheme()
        && url.host() == redirect_uri.host()
        && url.port_or_known_default() == redirect_uri.port_or_known_default()
        && url.path() == redirect_uri.path()
}

impl Expected<'_> {
    pub(crate) fn is_redirect(&self, url: &Url) -> bool {
        is_redirect_to(self.redirect_uri, url)
    }

    /// The code, if this is an answer to the request and the answer is yes.
    pub(crate) fn read(&self, redirected: &Url) -> Result<AuthorizationCode, RedirectError> {
        if !self.is_redirect(redirected) {
            let mut expected = self.redirect_uri.clone();
            expected.set_query(None);
            return Err(RedirectError::NotTheRedirect {
                expected: expected.into(),
            });
        }
        let state = parameter(redirected, "state")?.unwrap_or_default();
        if !bool::from(state.as_bytes().ct_eq(self.state.as_bytes())) {
            return Err(RedirectError::StateMismatch);
        }
        let issuer = parameter(redirected, "iss")?;
        if !issuer.is_none_or(|issuer| self.issuer.is(&issuer)) {
            return Err(RedirectError::IssuerMismatch);
        }
        let code = parameter(redirected, "code")?;
        if let Some(error) = parameter(redirected, "error")? {
            return Err(RedirectError::Refused(self.refused(error)));
        }
        code.filter(|code| !code.is_empty())
            .map(AuthorizationCode::new)
            .ok_or(RedirectError::NoCode)
    }

    /// The errors of RFC 6749 section 4.1.2.1 in words.
    fn refused(&self, error: String) -> Problem {
        let title = self.title;
        let named = Refusal::new(Some(error.clone()), Vec::new()).named();
        let (kind, message) = match error.as_str() {
            "access_denied" => (
                ProblemKind::AccessDenied,
                format!(
                    "The sign-in was refused on the page of {title} ({named}): you said no, or this user may not use the app. Start it again to say yes, or ask your administrator."
                ),
            ),
            "unauthorized_client" | "unsupported_response_type" => (
                ProblemKind::UnauthorizedClient,
                format!(
                    "{title} does not let this app sign in in this way ({named}). Allow the authorization code flow in the app's settings."
                ),
            ),
            "invalid_scope" => (
                ProblemKind::InvalidScope,
                format!(
                    "{title} does not grant the requested scope ({named}). Change the account's scope, or the app's permissions."
                ),
            ),
            "invalid_request" => (
                ProblemKind::InvalidRequest,
                format!(
                    "{title} could not make sense of the sign-in ({named}). Check the account's client id and redirect URI."
                ),
            ),
            "invalid_client" => (
                ProblemKind::InvalidClient,
                format!(
                    "{title} does not accept this client ({named}). Check the account's client id and server."
                ),
            ),
            "temporarily_unavailable" => (
                ProblemKind::Unavailable,
                format!("{title} is out of service for a while ({named}). Sign in again later."),
            ),
            "server_error" => (
                ProblemKind::ServerError,
                format!("{title} failed during the sign-in ({named}). Sign in again later."),
            ),
            _ => (
                ProblemKind::UnknownError,
                format!(
                    "{title} ended the sign-in with {named}. Sign in again; if this lasts, check the app's settings."
                ),
            ),
        };
        Problem::new(kind, message)
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
