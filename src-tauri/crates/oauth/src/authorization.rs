//! Authorization requests: the page where a person signs in (RFC 6749 section 4.1.1).

use std::fmt;

use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, RedirectUrl};
use secrecy::SecretString;
use url::Url;

use crate::loopback::may_carry_secrets;
use crate::provider::{Client, Provider};
use crate::redirect::{ExpectedRedirect, Issuer, RedirectError};
use crate::secrets::{AuthorizationCode, PkceVerifier};

/// How many random bytes `state` has: as many as the verifier (RFC 6749 section 10.10 asks for at
/// least 128 bits).
const STATE_BYTES: u32 = 32;

/// One sign-in: the page to open, and the redirect to expect. Valid for one redirect.
pub struct AuthorizationRequest {
    /// The page to open.
    pub url: Url,
    verifier: PkceVerifier,
    expected: ExpectedRedirect,
}

/// Why a sign-in cannot begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// The client has no redirect URI.
    #[error(
        "The account has no redirect URI, so nobody can sign in. Give it one that is registered in the app's settings."
    )]
    NoRedirectUri,
    /// The page would be opened, or the code received, in the clear.
    #[error(
        "Nobody can sign in over {url}, because it can be listened to. It must begin with https://, or be on this machine (http://localhost, http://127.0.0.1)."
    )]
    Insecure {
        /// Scheme and host of the endpoint or redirect URI.
        url: String,
    },
}

impl AuthorizationRequest {
    /// A new sign-in, with its own `state` and PKCE verifier (S256).
    ///
    /// # Errors
    /// Where the client has no redirect URI, or a URL must not carry secrets.
    pub fn new(provider: &Provider, client: &Client) -> Result<Self, AuthorizationError> {
        let redirect_uri = client
            .redirect_uri
            .clone()
            .ok_or(AuthorizationError::NoRedirectUri)?;
        for url in [&provider.authorization_endpoint, &redirect_uri] {
            if !may_carry_secrets(url) {
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
            verifier: PkceVerifier::new(verifier.into_secret()),
            expected: ExpectedRedirect {
                redirect_uri,
                state: SecretString::from(state.into_secret()),
                issuer: match &provider.issuer {
                    Some(issuer) => Issuer::Known(issuer.clone()),
                    None => Issuer::At(vec![
                        provider.base.origin(),
                        provider.authorization_endpoint.origin(),
                    ]),
                },
                title: provider.title.clone(),
            },
        })
    }

    /// Reads the URL that the browser was redirected to.
    ///
    /// # Errors
    /// Where it does not belong to this sign-in, or carries an error.
    pub fn read_redirect(&self, redirected: &Url) -> Result<AuthorizationCode, RedirectError> {
        self.expected.read(redirected)
    }

    /// Whether a page that is about to be opened is the redirect. It must never be loaded, but given
    /// to [`Self::read_redirect`].
    pub fn is_redirect(&self, url: &Url) -> bool {
        self.expected.is_redirect(url)
    }

    /// The PKCE verifier that the code is exchanged with.
    pub fn verifier(&self) -> &PkceVerifier {
        &self.verifier
    }

    /// The redirect URI.
    pub fn redirect_uri(&self) -> &Url {
        &self.expected.redirect_uri
    }
}

impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("redirect_uri", &self.expected.redirect_uri.as_str())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
