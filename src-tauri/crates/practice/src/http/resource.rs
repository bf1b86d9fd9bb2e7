//! The one resource: who the access token belongs to.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::context::Context;
use super::observation::RequestOutcome;
use crate::state::session::AccessTokenError;
use crate::users::UserId;

/// `GET /restapi/v1.0/account/~/extension/~`
pub(crate) async fn handle(State(context): State<Arc<Context>>, headers: HeaderMap) -> Response {
    if !headers.contains_key(AUTHORIZATION) {
        return refused("AGW-401", "Authorization header is not specified");
    }
    let Some(token) = bearer(&headers) else {
        return refused("OAU-151", "Authorization method not supported");
    };
    let called = context.state().sessions.call(token, context.clock.now());
    match called {
        Ok(user) => {
            let mut response = Json(extension(user)).into_response();
            response.extensions_mut().insert(RequestOutcome {
                grant: None,
                word: "ok",
                user: Some(user),
            });
            response
        }
        Err(AccessTokenError::Expired) => refused("OAU-128", "Access token expired"),
        Err(AccessTokenError::Corrupted) => refused("OAU-129", "Access token corrupted"),
        Err(AccessTokenError::Unparsable) => refused("OAU-149", "OAuth token is invalid"),
        Err(AccessTokenError::NotFound) => refused("OAU-213", "Token not found"),
    }
}

/// The token of a Bearer header (RFC 6750, section 2.1); the scheme is compared without case, since RingCentral's own
/// SDK repeats the `bearer` of the token answer.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn extension(user: UserId) -> serde_json::Value {
    json!({
        "id": user.owner_id(),
        "extensionNumber": (101 + u64::from(user.0)).to_string(),
        "name": user.title(),
        "type": "User",
        "status": "Enabled",
        "contact": { "firstName": "Practice", "email": format!("{}@practice.example", user.name()) },
    })
}

fn refused(code: &'static str, message: &'static str) -> Response {
    let body = json!({
        "errorCode": code,
        "message": message,
        "errors": [{ "errorCode": code, "message": message }],
    });
    let challenge = [(
        WWW_AUTHENTICATE,
        "Bearer realm=\"practice\", error=\"invalid_token\"",
    )];
    let mut response = (StatusCode::UNAUTHORIZED, challenge, Json(body)).into_response();
    response.extensions_mut().insert(RequestOutcome {
        grant: None,
        word: code,
        user: None,
    });
    response
}
