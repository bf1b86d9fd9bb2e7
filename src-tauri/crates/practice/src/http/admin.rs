//! The paths that only tests use. See [`crate`] for what they take and answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;

use super::away::GoAway;
use super::context::Context;
use crate::faults::Fault;
use crate::jwt;
use crate::users::UserId;

type Body<T> = Result<Json<T>, JsonRejection>;

/// `GET /practice/faults`
pub(crate) async fn list_faults(State(context): State<Arc<Context>>) -> Response {
    Json(context.faults().left()).into_response()
}

/// `POST /practice/faults`
pub(crate) async fn order_fault(
    State(context): State<Arc<Context>>,
    fault: Body<Fault>,
) -> Response {
    match fault {
        Ok(Json(fault)) => match fault.unfit() {
            Some(why) => (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
            None => {
                context.faults().order(fault);
                StatusCode::NO_CONTENT.into_response()
            }
        },
        Err(rejection) => misunderstood(&rejection),
    }
}

/// `DELETE /practice/faults`
pub(crate) async fn clear_faults(State(context): State<Arc<Context>>) -> StatusCode {
    context.faults().clear();
    context.faults_cleared.send_replace(());
    StatusCode::NO_CONTENT
}

/// The body of `POST /practice/away`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Away {
    ms: u64,
}

/// `POST /practice/away`. Answers once nobody can connect any more.
pub(crate) async fn go_away(State(context): State<Arc<Context>>, away: Body<Away>) -> Response {
    let length = match away {
        Ok(Json(Away { ms })) => Duration::from_millis(ms),
        Err(rejection) => return misunderstood(&rejection),
    };
    let (gone, confirmed) = oneshot::channel();
    match context.away.send(GoAway { length, gone }) {
        Ok(()) if confirmed.await.is_ok() => StatusCode::NO_CONTENT.into_response(),
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The body of `POST /practice/end-session`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndSession {
    user: u32,
}

/// `POST /practice/end-session`
pub(crate) async fn end_sessions(
    State(context): State<Arc<Context>>,
    end: Body<EndSession>,
) -> Response {
    match end {
        Ok(Json(EndSession { user })) => {
            let ended = context.state().sessions.end_all_of(UserId(user));
            Json(json!({ "ended": ended })).into_response()
        }
        Err(rejection) => misunderstood(&rejection),
    }
}

/// `GET /practice/counts`
pub(crate) async fn counts(State(context): State<Arc<Context>>) -> Response {
    let counts = context.state().counts.clone();
    Json(counts).into_response()
}

/// The body of `POST /practice/jwt`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MintJwt {
    user: u32,
    exp: Option<u64>,
}

/// `POST /practice/jwt`
pub(crate) async fn mint_jwt(mint: Body<MintJwt>) -> Response {
    match mint {
        Ok(Json(MintJwt { user, exp })) => {
            Json(json!({ "jwt": jwt::mint(UserId(user), exp) })).into_response()
        }
        Err(rejection) => misunderstood(&rejection),
    }
}

fn misunderstood(rejection: &JsonRejection) -> Response {
    (rejection.status(), rejection.body_text()).into_response()
}
