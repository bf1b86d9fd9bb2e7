//! Makes requests fail as ordered.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;
use tokio::time::timeout;

use super::context::Context;
use super::form::Form;
use super::observation::{Dropped, RequestOutcome};
use super::resource::bearer;
use crate::faults::{Action, Fault};
use crate::jwt;
use crate::pages;
use crate::paths::Endpoint;
use crate::users::UserId;

/// The most that a request's body may have, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// Marks a request whose answer brings no refresh token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoRefreshToken;

/// Applies the first fault that fits the request.
pub(crate) async fn layer(
    State(context): State<Arc<Context>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(endpoint) = Endpoint::at(request.uri().path()) else {
        return next.run(request).await;
    };
    if !context.faults().concern(endpoint) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    // Watched before the fault is taken, so that no clearing is missed.
    let cleared = context.faults_cleared.subscribe();
    let user = user_of(&context, endpoint, &parts.headers, &body);
    let form = Form::parse(&parts.headers, &body).ok();
    let grant_type = form.as_ref().and_then(|form| form.get("grant_type"));
    let fault = context.faults().take(endpoint, user, grant_type);
    let request = Request::from_parts(parts, Body::from(body));
    match fault {
        Some(fault) => apply(fault, user, cleared, request, next).await,
        None => next.run(request).await,
    }
}

async fn apply(
    fault: Fault,
    user: Option<UserId>,
    cleared: watch::Receiver<()>,
    mut request: Request,
    next: Next,
) -> Response {
    wait(&cleared, fault.delay_ms).await;
    let response = match fault.action {
        Action::Serve => next.run(request).await,
        Action::NoRefreshToken => {
            request.extensions_mut().insert(NoRefreshToken);
            next.run(request).await
        }
        Action::DropResponse => {
            let mut response = next.run(request).await;
            response.extensions_mut().insert(Dropped);
            response
        }
        Action::Refuse => {
            let mut response = faulted("refused", user, StatusCode::OK.into_response());
            response.extensions_mut().insert(Dropped);
            response
        }
        Action::Html => faulted("html", user, pages::captive_portal().into_response()),
        Action::Answer {
            status,
            content_type,
            headers,
            body,
        } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = (status, body).into_response();
            set(response.headers_mut(), CONTENT_TYPE, &content_type);
            for (name, value) in &headers {
                if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
                    set(response.headers_mut(), name, value);
                }
            }
            faulted("answered", user, response)
        }
    };
    wait(&cleared, fault.hold_ms).await;
    response
}

/// Waits, unless the faults have been or are being cleared.
async fn wait(cleared: &watch::Receiver<()>, milliseconds: u64) {
    if milliseconds > 0 {
        let mut cleared = cleared.clone();
        // In both cases the request goes on.
        let _ = timeout(Duration::from_millis(milliseconds), cleared.changed()).await;
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn faulted(word: &'static str, user: Option<UserId>, mut response: Response) -> Response {
    response.extensions_mut().insert(RequestOutcome {
        grant: Some("fault"),
        word,
        user,
    });
    response
}

/// Whose request it is, as far as it can be told without processing it.
fn user_of(
    context: &Context,
    endpoint: Endpoint,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<UserId> {
    let of_token = |token: &str| {
        context
            .state()
            .sessions
            .of_token(token)
            .map(|session| session.user)
    };
    match endpoint {
        Endpoint::Authorize => None,
        Endpoint::Resource => of_token(bearer(headers)?),
        Endpoint::Revoke => of_token(Form::parse(headers, body).ok()?.get("token")?),
        Endpoint::Token => {
            let form = Form::parse(headers, body).ok()?;
            if let Some(refresh_token) = form.get("refresh_token") {
                of_token(refresh_token)
            } else if let Some(code) = form.get("code") {
                context.state().authorizations.user_of_code(code)
            } else {
                jwt::verify(
                    form.get("assertion")?,
                    context.options.users,
                    context.clock.wall(),
                )
                .ok()
            }
        }
    }
}
