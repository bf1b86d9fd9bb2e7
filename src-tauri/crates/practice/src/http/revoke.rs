//! The revocation endpoint (RFC 7009). Revoking one token ends its whole session (docs/authentication/tokens.md).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::client_authentication::authenticate;
use super::context::Context;
use super::error_response::error_response;
use super::form::Form;
use super::observation::RequestOutcome;
use crate::oauth_error::OAuthError;

/// `POST /restapi/oauth/revoke`. An unknown token counts as revoked (RFC 7009, section 2.2).
pub(crate) async fn handle(
    State(context): State<Arc<Context>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match revoke(&context, &headers, &body) {
        Ok(outcome) => {
            let mut response = StatusCode::OK.into_response();
            response.extensions_mut().insert(outcome);
            response
        }
        Err(error) => error_response(None, &error),
    }
}

fn revoke(
    context: &Context,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<RequestOutcome, OAuthError> {
    let form = Form::parse(headers, body)?;
    let client = authenticate(headers, &form)?;
    let token = form.require("token")?;
    let sessions = &mut context.state().sessions;
    // Another client's token is left alone, and answered like an unknown one.
    let found = sessions
        .of_token(token)
        .filter(|session| session.client == client);
    let Some((id, user)) = found.map(|session| (session.id, session.user)) else {
        return Ok(RequestOutcome {
            grant: None,
            word: "unknown",
            user: None,
        });
    };
    sessions.end(id);
    Ok(RequestOutcome {
        grant: None,
        word: "ok",
        user: Some(user),
    })
}
