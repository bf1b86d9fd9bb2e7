//! The paths, and what is done at each.
//!
//! | request | answers |
//! |---|---|
//! | `GET /v1/status` | [`StatusAnswer`](crate::wire::StatusAnswer) |
//! | `GET /v1/accounts` | [`AccountsAnswer`](crate::wire::AccountsAnswer) |
//! | `POST /v1/accounts` [`AccountAdded`](crate::wire::AccountAdded) | 201, [`AccountView`](tokenkeep_keeper::keeper::AccountView) |
//! | `GET /v1/accounts/{name}` | `AccountView` |
//! | `DELETE /v1/accounts/{name}` | [`Removal`](tokenkeep_keeper::keeper::Removal) |
//! | `POST /v1/accounts/{name}/token` [`TokenBody`](crate::wire::TokenBody) | [`TokenAnswer`](crate::wire::TokenAnswer); with `lease.hold`, as the first line of a response that stays open, after which [`HeldEvent`](crate::wire::HeldEvent)s come |
//! | `POST /v1/accounts/{name}/refused` [`RefusedBody`](crate::wire::RefusedBody) | `TokenAnswer`: the next token |
//! | `GET /v1/leases?account=` | [`LeasesAnswer`](crate::wire::LeasesAnswer) |
//! | `DELETE /v1/leases/{id}` | [`AccountLease`](tokenkeep_keeper::keeper::AccountLease): the one that was ended |
//! | `POST /v1/accounts/{name}/refresh` [`WaitBody`](crate::wire::WaitBody) | `AccountView` |
//! | `POST /v1/accounts/{name}/confirm` [`ConfirmBody`](crate::wire::ConfirmBody) | `AccountView` |
//! | `POST /v1/accounts/{name}/sign-in` `WaitBody` | [`SignInAnswer`](crate::wire::SignInAnswer) |
//! | `POST /v1/sign-ins/{id}` [`Redirected`](crate::wire::Redirected) | `AccountView` |
//! | `DELETE /v1/sign-ins/{id}` | `{}` |
//! | `GET /v1/orphans` | [`OrphansAnswer`](crate::wire::OrphansAnswer) |
//! | `POST /v1/orphans/{home}/{name}` | `AccountView` |
//! | `DELETE /v1/orphans/{home}/{name}` | `{}` |
//! | `GET /v1/journal?account=&after=&limit=` | [`JournalAnswer`](crate::wire::JournalAnswer) |
//! | `GET /v1/events?account=` | [`Happening`](tokenkeep_keeper::keeper::Happening)s as server-sent events |
//! | `POST /v1/unlock` | `{}` |
//! | `POST /v1/quit` | [`Status`](tokenkeep_keeper::keeper::Status), once the keeper has finished what it must |
//!
//! These take a [`Desktop`](crate::Desktop), so a keeper without one refuses them:
//!
//! | request | answers |
//! |---|---|
//! | `POST /v1/window` | `{}`: the main window is open, and in front |
//! | `POST /v1/accounts/{name}/sign-in-window` | `AccountView`, once the sign-in is over, which may take minutes |
//! | `POST /v1/accounts/{name}/copy` [`CopyBody`](crate::wire::CopyBody) | [`CopyAnswer`](crate::wire::CopyAnswer) |
//! | `GET /v1/start-at-login` | [`StartAtLogin`](crate::wire::StartAtLogin) |
//! | `POST /v1/start-at-login` [`StartAtLoginBody`](crate::wire::StartAtLoginBody) | `StartAtLogin` |
//! | `POST /v1/windows` [`WindowBody`](crate::wire::WindowBody) | [`WindowTask`](crate::wire::WindowTask) |
//! | `POST /v1/windows/redirect` [`WindowRedirected`](crate::wire::WindowRedirected) | `{}`, once the sign-in is over |
//!
//! A body may be left out if nothing in it is required, and needs no `Content-Type`. A request whose connection
//! closes is given up: its reader no longer waits. A sign-in in a window alone goes on. Every error is an [`ErrorBody`](crate::wire::ErrorBody); the status
//! code follows from its kind. A request with an `Origin` header comes from a web page and is refused.

mod accounts;
mod api_error;
mod desktop;
mod events;
mod held;
mod journal;
mod keeper;
mod leases;
mod orphans;
#[cfg(test)]
mod readme;
mod request;
mod sign_ins;
mod tokens;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use tokenkeep_keeper::keeper::{ErrorKind, KeeperError};

use crate::app::App;
use crate::capacity::Capacity;
use api_error::ApiError;

pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/v1/status", get(keeper::status))
        .route("/v1/unlock", post(keeper::unlock))
        .route("/v1/quit", post(keeper::quit))
        .route("/v1/accounts", get(accounts::list).post(accounts::add))
        .route(
            "/v1/accounts/{name}",
            get(accounts::show).delete(accounts::remove),
        )
        .route("/v1/accounts/{name}/refresh", post(accounts::refresh))
        .route("/v1/accounts/{name}/confirm", post(accounts::confirm))
        .route("/v1/accounts/{name}/token", post(tokens::token))
        .route("/v1/accounts/{name}/refused", post(tokens::refused))
        .route("/v1/leases", get(leases::list))
        .route("/v1/leases/{id}", delete(leases::end))
        .route("/v1/orphans", get(orphans::list))
        .route(
            "/v1/orphans/{home}/{name}",
            post(orphans::adopt).delete(orphans::delete),
        )
        .route("/v1/accounts/{name}/sign-in", post(sign_ins::begin))
        .route(
            "/v1/sign-ins/{id}",
            post(sign_ins::finish).delete(sign_ins::cancel),
        )
        .route("/v1/window", post(desktop::open_main_window))
        .route("/v1/accounts/{name}/sign-in-window", post(desktop::sign_in))
        .route("/v1/accounts/{name}/copy", post(desktop::copy))
        .route(
            "/v1/start-at-login",
            get(desktop::start_at_login).post(desktop::set_start_at_login),
        )
        .route("/v1/windows", post(desktop::window_task))
        .route("/v1/windows/redirect", post(desktop::redirected))
        .route("/v1/journal", get(journal::lines))
        .route("/v1/events", get(events::stream))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(guard))
        .with_state(app)
}

/// Refuses everything: for the connections that are more than the keeper takes.
pub(crate) fn too_many_connections(capacity: Capacity) -> Router {
    let advice = if capacity.is_short_of_descriptors() {
        "or let the keeper open more files (`ulimit -n`)"
    } else {
        "or try again in a while"
    };
    let message = format!(
        "The keeper has {} connections open, which is as many as it takes, so this request was not looked at; tokens are \
         kept fresh all the same. End programs that hold connections to it, {advice}.",
        capacity.connections
    );
    let refusal = KeeperError::new(ErrorKind::TooManyConnections, message);
    Router::new()
        .fallback(async move || {
            let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
            (close, ApiError::from(refusal.clone()))
        })
        .layer(from_fn(guard))
}

/// Refuses requests of web pages, and keeps answers out of caches (RFC 6749, section 5.1).
async fn guard(request: Request, next: Next) -> Response {
    let mut response = if request.headers().contains_key(header::ORIGIN) {
        let message = "Requests of web pages (with an Origin header) are refused: tokens are for programs of this user.";
        ApiError::new(
            StatusCode::FORBIDDEN,
            KeeperError::invalid("origin", message),
        )
        .into_response()
    } else {
        next.run(request).await
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn unknown_path() -> ApiError {
    let message = "There is nothing at this path; the paths begin with /v1/status, /v1/accounts, /v1/leases, \
                   /v1/sign-ins, /v1/journal and /v1/events. A newer client may know more: is this keeper an older version?";
    ApiError::new(StatusCode::NOT_FOUND, KeeperError::invalid("path", message))
}

async fn wrong_method() -> ApiError {
    let message =
        "This path does not take this method; the header Allow names those that it takes.";
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        KeeperError::invalid("method", message),
    )
}
