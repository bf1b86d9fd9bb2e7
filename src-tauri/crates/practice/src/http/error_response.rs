//! The error response of the token and the revocation endpoint (RFC 6749, section 5.2).

use axum::Json;
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::observation::RequestOutcome;
use crate::oauth_error::OAuthError;

pub(super) fn error_response(grant: Option<&'static str>, error: &OAuthError) -> Response {
    let mut response = (
        error.status(),
        [(CACHE_CONTROL, "no-store")],
        Json(error.body()),
    )
        .into_response();
    if error.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"practice\""),
        );
    }
    let word = if *error == OAuthError::Throttled {
        "throttled"
    } else {
        error.error()
    };
    response.extensions_mut().insert(RequestOutcome {
        grant,
        word,
        user: None,
    });
    response
}
