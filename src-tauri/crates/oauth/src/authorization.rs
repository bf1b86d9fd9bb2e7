//! The page where a person signs in.

use std::fmt;

use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, RedirectUrl};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::loopback::is_private;
use crate::provider::{Client, Provider};
use crate::redirect::{Expected, RedirectError};
use crate::secrets::{AuthorizationCode, PkceVerifier};

/// How many random bytes `state` is made of: as many as the verifier's (RFC 6749 section 10.10
/// asks for 128 bits at least).
const STATE_BYTES: u32 = 32;

/// One sign-in: where to send the person, and what to expect back. Good for one redirect.
pub struct AuthorizationRequest {
    /// The page to open.
    pub url: Url,
    redirect_uri: Url,
    state: SecretString,
    verifier: PkceVerifier,
    issuer: Issuer,
    title: String,
}

/// Whom an answer may come from (RFC 9207).
pub(crate) enum Issuer {
    /// From this issuer, to the letter.
    Known(String),
    /// The issuer's name is not known: it must at least be at home where the sign-in page is.
    At(Vec<url::Origin>),
}

/// Why no sign-in can begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// The client has no redirect URI.
    #[error(
        "The account has no redirect URI, so nobody can sign in. Give it one that is registered in the app's settings."
    )]
    NoRedirectUri,
    /// A page would be opened, or a code received, in the clear.
    #[error(
        "Nobody can sign in over {url}, because it can be listened to. It must begin with https://, or be on this machine (http://localhost, http://127.0.0.1)."
    )]
    Insecure {
        /// Scheme and host of the endpoint or redirect URI.
        url: String,
    },
}

impl AuthorizationRequest {
    /// A sign-in at the provider, with a `state` and a PKCE verifier (S256) of its own.
    ///
    /// # Errors
    /// Where the client has no redirect URI, or something would be spoken in the clear.
    pub fn new(provider: &Provider, client: &Client) -> Result<Self, AuthorizationError> {
        let redirect_uri = client
            .redirect_uri
            .clone()
            .ok_or(AuthorizationError::NoRedirectUri)?;
        for url in [&provider.authorization_endpoint, &redirect_uri] {
            if !is_private(url) {
                let url = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
                return Err(AuthorizationError::Insecure { url });
            }
        }
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state) = BasicClient::new(ClientId::new(client.id.clone()))
            .set_auth_uri(AuthUrl::from_url(provider.authorization_endpoint.clone()))
            .set_redirect_uri(RedirectUrl::from_url(redirect_uri.clone()))
            .authorize_url(|| CsrfToken::new_random_len(STATE_BYTES))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Self {
            url,
            redirect_uri,
            state: SecretString::from(state.into_secret()),
            verifier: PkceVerifier::new(verifier.into_secret()),
            issuer: match &provider.issuer {
                Some(issuer) => Issuer::Known(issuer.clone()),
                None => Issuer::At(vec![
                    provider.base.origin(),
                    provider.authorization_endpoint.origin(),
                ]),
            },
            title: provider.title.clone(),
        })
    }

    /// Reads the URL that the browser was sent to at the end.
    ///
    /// # Errors
    /// Where it is not an answer to this request, or the answer is no.
    pub fn read_redirect(&self, redirected: &Url) -> Result<AuthorizationCode, RedirectError> {
        self.expected().read(redirected)
    }

    /// Whether a page that is about to be opened is the one where the sign-in ends. It must then
    /// be caught and given to [`Self::read_redirect`], never loaded.
    pub fn is_redirect(&self, url: &Url) -> bool {
        self.expected().is_redirect(url)
    }

    /// What the code is exchanged together with.
    pub fn verifier(&self) -> &PkceVerifier {
        &self.verifier
    }

    /// Where the sign-in ends.
    pub fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }

    fn expected(&self) -> Expected<'_> {
        Expected {
            redirect_uri: &self.redirect_uri,
            state: self.state.expose_secret(),
            issuer: &self.issuer,
            title: &self.title,
        }
    }
}

impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("redirect_uri", &self.redirect_uri.as_str())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
