//! Keychain items whose home is gone: listed, taken, deleted.

use axum::extract::State;
use tokenkeep_keeper::keeper::AccountView;

use super::api_error::ApiError;
use super::request::{JsonResponse, PathParameter};
use crate::app::App;
use crate::wire::{Done, OrphansAnswer, parsed};

pub(super) async fn list(State(app): State<App>) -> Result<JsonResponse<OrphansAnswer>, ApiError> {
    let orphans = app.keeper.orphans().await?;
    Ok(JsonResponse(OrphansAnswer { orphans }))
}

pub(super) async fn adopt(
    State(app): State<App>,
    PathParameter((home, name)): PathParameter<(String, String)>,
) -> Result<JsonResponse<AccountView>, ApiError> {
    let view = app.keeper.adopt(&home, &parsed("name", &name)?).await?;
    Ok(JsonResponse(view))
}

pub(super) async fn delete(
    State(app): State<App>,
    PathParameter((home, name)): PathParameter<(String, String)>,
) -> Result<JsonResponse<Done>, ApiError> {
    let name = parsed("name", &name)?;
    app.keeper.delete_orphan(&home, &name).await?;
    Ok(JsonResponse(Done {}))
}
