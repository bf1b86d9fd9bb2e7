//! What needs a desktop. The process in the tray does it; a keeper without a desktop refuses it and says why.

use std::sync::Arc;

use axum::extract::State;
use futures_util::future::BoxFuture;
use secrecy::ExposeSecret as _;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{AccountView, ErrorKind, KeeperError};

use super::api_error::ApiError;
use super::request::{JsonBody, JsonResponse, PathParameter};
use crate::app::App;
use crate::desktop::Desktop;
use crate::wire::{
    CopyAnswer, CopyBody, Done, StartAtLogin, StartAtLoginBody, WindowBody, WindowRedirected,
    WindowTask, parsed, url,
};

pub(super) async fn open_main_window(
    State(app): State<App>,
) -> Result<JsonResponse<Done>, ApiError> {
    desktop(&app, "Opening a window", TAKE_OVER)?.open_main_window()?;
    Ok(JsonResponse(Done {}))
}

pub(super) async fn sign_in(
    State(app): State<App>,
    PathParameter(name): PathParameter<String>,
) -> Result<JsonResponse<AccountView>, ApiError> {
    let name = account(&app, &name).await?;
    let instead =
        format!("Sign in with `tokenkeep sign-in {name} --paste`, which works everywhere.");
    let sign_in = desktop(&app, "Signing in in a window", &instead)?.sign_in(name);
    Ok(JsonResponse(seen_through(app, sign_in).await?))
}

pub(super) async fn copy(
    State(app): State<App>,
    PathParameter(name): PathParameter<String>,
    JsonBody(asked): JsonBody<CopyBody>,
) -> Result<JsonResponse<CopyAnswer>, ApiError> {
    let name = account(&app, &name).await?;
    let instead = format!("Print the token with `tokenkeep get {name}`.");
    let copy = desktop(&app, "Copying to the clipboard", &instead)?.copy(name, asked.what);
    Ok(JsonResponse(CopyAnswer {
        cleared_after: copy.await?.as_secs(),
    }))
}

pub(super) async fn start_at_login(
    State(app): State<App>,
) -> Result<JsonResponse<StartAtLogin>, ApiError> {
    let desktop = desktop(&app, "Starting at login", TAKE_OVER)?;
    Ok(JsonResponse(desktop.start_at_login()?))
}

pub(super) async fn set_start_at_login(
    State(app): State<App>,
    JsonBody(asked): JsonBody<StartAtLoginBody>,
) -> Result<JsonResponse<StartAtLogin>, ApiError> {
    let desktop = desktop(&app, "Starting at login", TAKE_OVER)?;
    Ok(JsonResponse(desktop.set_start_at_login(asked.enabled)?))
}

pub(super) async fn window_task(
    State(app): State<App>,
    JsonBody(asked): JsonBody<WindowBody>,
) -> Result<JsonResponse<WindowTask>, ApiError> {
    let desktop = desktop(&app, "A window", TAKE_OVER)?;
    Ok(JsonResponse(desktop.window_task(&asked.proof)?))
}

pub(super) async fn redirected(
    State(app): State<App>,
    JsonBody(sent): JsonBody<WindowRedirected>,
) -> Result<JsonResponse<Done>, ApiError> {
    let redirect = url("redirect", sent.redirect.expose_secret())?;
    let desktop = desktop(&app, "A sign-in window", TAKE_OVER)?;
    let over = desktop.redirected(&sent.proof, &redirect);
    seen_through(app, over).await?;
    Ok(JsonResponse(Done {}))
}

/// What to do if there is no desktop and no other way.
const TAKE_OVER: &str = "Start the Tokenkeep application, which takes over from this keeper.";

/// The desktop, or an error that says what to do instead.
fn desktop<'a>(
    app: &'a App,
    what: &str,
    instead: &str,
) -> Result<&'a Arc<dyn Desktop>, KeeperError> {
    app.desktop.as_ref().ok_or_else(|| {
        let message = format!(
            "{what} takes a desktop, and this keeper runs without one; nothing has changed. {instead}"
        );
        KeeperError::new(ErrorKind::NeedsDesktop, message)
    })
}

/// The name of an account that exists.
async fn account(app: &App, name: &str) -> Result<AccountName, KeeperError> {
    let name = parsed("name", name)?;
    app.keeper.account(&name).await?;
    Ok(name)
}

/// Waits for a sign-in or for the end of the keeper. The sign-in goes on if the connection closes.
async fn seen_through<T: Send + 'static>(
    mut app: App,
    sign_in: BoxFuture<'static, Result<T, KeeperError>>,
) -> Result<T, KeeperError> {
    tokio::select! {
        over = tokio::spawn(sign_in) => over.unwrap_or_else(|_| {
            Err(KeeperError::new(
                ErrorKind::SignInFailed,
                "The sign-in broke off; nothing has changed. Start it again.",
            ))
        }),
        () = app.has_quit() => Err(KeeperError::new(
            ErrorKind::Quitting,
            "The keeper has ended, and the sign-in with it. Start the keeper again, and sign in again.",
        )),
    }
}
