//! The status page: which sessions there are, and a button to end each.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};

use super::context::Context;
use super::form::Form;
use crate::pages;
use crate::paths;
use crate::state::session::SessionId;

/// How many sessions the page shows.
const SHOWN: usize = 100;

/// `GET /`
pub(crate) async fn show(State(context): State<Arc<Context>>) -> Response {
    let now = context.clock.now();
    let state = context.state();
    let sessions: Vec<pages::SessionLine> = state
        .sessions
        .living(now)
        .take(SHOWN)
        .map(|session| pages::SessionLine::new(session, now))
        .collect();
    let count = state.sessions.living(now).count();
    drop(state);
    pages::status(&context.options, &sessions, count).into_response()
}

/// `POST /practice/end`: the button.
pub(crate) async fn end(
    State(context): State<Arc<Context>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let session = Form::parse(&headers, body.as_bytes())
        .ok()
        .and_then(|form| form.get("session")?.parse().ok());
    if let Some(id) = session {
        context.state().sessions.end(SessionId(id));
    }
    Redirect::to(paths::STATUS).into_response()
}
