//! The keeper as a whole.

use axum::extract::State;
use tokenkeep_keeper::keeper::Status;

use super::api_error::ApiError;
use super::request::JsonResponse;
use crate::app::App;
use crate::wire::{Done, StatusAnswer};

pub(super) async fn status(State(app): State<App>) -> JsonResponse<StatusAnswer> {
    JsonResponse(StatusAnswer {
        status: app.keeper.status().await,
        // A keeper that is quitting opens no windows. Who needs a desktop waits for its end and starts another.
        desktop: app.desktop.is_some() && !app.keeper.is_quitting(),
    })
}

pub(super) async fn unlock(State(app): State<App>) -> Result<JsonResponse<Done>, ApiError> {
    app.keeper.unlock().await?;
    Ok(JsonResponse(Done {}))
}

/// Answers once the keeper has finished, so the client knows that nothing is under way.
pub(super) async fn quit(State(app): State<App>) -> JsonResponse<Status> {
    let status = app.keeper.status().await;
    app.quit().await;
    JsonResponse(status)
}
