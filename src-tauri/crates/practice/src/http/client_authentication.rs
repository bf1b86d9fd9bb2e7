//! Which client sends a token request (RFC 6749, section 2.3).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::form::Form;
use crate::clients::{RegisteredClient, SECRET};
use crate::oauth_error::OAuthError;

/// The client that a token or revocation request comes from: the confidential one by HTTP Basic, the public one by
/// `client_id` in the body, as RingCentral wants it. Never by a secret in the body.
pub(crate) fn authenticate(
    headers: &HeaderMap,
    form: &Form,
) -> Result<RegisteredClient, OAuthError> {
    match headers.get(AUTHORIZATION) {
        Some(header) => {
            let (id, secret) = header
                .to_str()
                .ok()
                .and_then(basic)
                .ok_or(OAuthError::AuthorizationHeader)?;
            match RegisteredClient::by_id(&id) {
                Some(RegisteredClient::Confidential) if secret == SECRET => {
                    Ok(RegisteredClient::Confidential)
                }
                _ => Err(OAuthError::ClientInvalid),
            }
        }
        None => {
            match RegisteredClient::by_id(form.get("client_id").ok_or(OAuthError::ClientUnproven)?)
            {
                Some(RegisteredClient::Public) => Ok(RegisteredClient::Public),
                Some(RegisteredClient::Confidential) => Err(OAuthError::ClientUnproven),
                None => Err(OAuthError::ClientInvalid),
            }
        }
    }
}

/// Id and secret of a Basic header; both are form-encoded first (RFC 6749, section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    scheme
        .eq_ignore_ascii_case("basic")
        .then(|| (form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes())
        .map(|(name, _)| name.into_owned())
        .next()
        .unwrap_or_default()
}
