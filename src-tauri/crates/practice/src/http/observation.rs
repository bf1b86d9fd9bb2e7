//! Logs and counts every request. Neither contains anything that a client wrote.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use super::context::Context;
use crate::paths::{self, Endpoint};
use crate::users::UserId;

/// The outcome of a request. Handlers put it into the extensions of their response.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RequestOutcome {
    /// The grant type, at the token endpoint.
    pub(crate) grant: Option<&'static str>,
    /// `issued`, `replayed`, `ok`, or why it was refused: `invalid_grant`, `OAU-129` …
    pub(crate) word: &'static str,
    pub(crate) user: Option<UserId>,
}

/// Marks a response that never reaches the client: the connection is reset instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dropped;

/// Logs and counts.
pub(crate) async fn layer(
    State(context): State<Arc<Context>>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = loggable_method(request.method());
    let path = paths::loggable(request.uri().path());
    let endpoint = Endpoint::at(request.uri().path());
    let response = next.run(request).await;
    let outcome = response.extensions().get::<RequestOutcome>().copied();
    let dropped = response.extensions().get::<Dropped>().is_some();
    if let (Some(endpoint), Some(outcome)) = (endpoint, outcome) {
        context.state().counts.count(count_name(endpoint, outcome));
    }
    let status = if dropped {
        "(no answer)".to_owned()
    } else {
        response.status().as_u16().to_string()
    };
    let detail = outcome.map(in_words).unwrap_or_default();
    (context.log)(&format!(
        "{method} {path} {status}{detail} in {} ms",
        began.elapsed().as_millis()
    ));
    response
}

fn count_name(endpoint: Endpoint, outcome: RequestOutcome) -> String {
    let endpoint = endpoint.name();
    match outcome.grant {
        Some(grant) => format!("{endpoint}/{grant}/{}", outcome.word),
        None => format!("{endpoint}/{}", outcome.word),
    }
}

fn in_words(outcome: RequestOutcome) -> String {
    let grant = outcome
        .grant
        .map(|grant| format!(" {grant}"))
        .unwrap_or_default();
    let user = outcome
        .user
        .map(|user| format!(" for {}", user.name()))
        .unwrap_or_default();
    format!("{grant} {}{user}", outcome.word)
}

/// A method of HTTP's own; others are a client's text.
fn loggable_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        _ => "(other method)",
    }
}
