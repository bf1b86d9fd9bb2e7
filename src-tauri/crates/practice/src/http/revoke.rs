//! The revocation endpoint (RFC 7009): one token takes its whole session along (docs/authentication/tokens.md).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::client_authentication::authenticate;
use super::form::Form;
use super::observation::Outcome;
use super::token::refused;
use crate::refusal::Refusal;

/// `POST /restapi/oauth/revoke`. A token that is not known is as good as revoked (RFC 7009, section 2.2).
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match revoke(&app, &headers, &body) {
        Ok(outcome) => {
            let mut response = StatusCode::OK.into_response();
            response.extensions_mut().insert(outcome);
            response
        }
        Err(refusal) => refused(None, &refusal),
    }
}

fn revoke(app: &App, headers: &HeaderMap, body: &[u8]) -> Result<Outcome, Refusal> {
    let form = Form::parse(headers, body)?;
    let client = authenticate(headers, &form)?;
    let token = form.require("token")?;
    let sessions = &mut app.state().sessions;
    // Another client's token is left alone, and not told from an unknown one.
    let found = sessions
        .of_token(token)
        .filter(|session| session.client == client);
    let Some((id, user)) = found.map(|session| (session.id, session.user)) else {
        return Ok(Outcome {
            grant: None,
            word: "unknown",
            user: None,
        });
    };
    sessions.end(id);
    Ok(Outcome {
        grant: None,
        word: "ok",
        user: Some(user),
    })
}
