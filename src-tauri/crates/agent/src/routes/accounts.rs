//! Accounts: listed, added, removed, renewed, confirmed.

use axum::extract::State;
use axum::http::StatusCode;
use tokenkeep_keeper::keeper::{AccountView, Removal};

use super::api_error::ApiError;
use super::request::{JsonBody, JsonResponse, PathParameter};
use crate::app::App;
use crate::wire::{AccountAdded, AccountsAnswer, ConfirmBody, WaitBody, parsed, wait};

pub(super) async fn list(State(app): State<App>) -> JsonResponse<AccountsAnswer> {
    JsonResponse(AccountsAnswer {
        accounts: app.keeper.accounts().await,
    })
}

pub(super) async fn show(
    State(app): State<App>,
    PathParameter(name): PathParameter<String>,
) -> Result<JsonResponse<AccountView>, ApiError> {
    Ok(JsonResponse(
        app.keeper.account(&parsed("name", &name)?).await?,
    ))
}

pub(super) async fn add(
    State(app): State<App>,
    JsonBody(added): JsonBody<AccountAdded>,
) -> Result<(StatusCode, JsonResponse<AccountView>), ApiError> {
    let view = app.keeper.add(added.new_account()?).await?;
    Ok((StatusCode::CREATED, JsonResponse(view)))
}

pub(super) async fn remove(
    State(app): State<App>,
    PathParameter(name): PathParameter<String>,
) -> Result<JsonResponse<Removal>, ApiError> {
    Ok(JsonResponse(
        app.keeper.remove(&parsed("name", &name)?).await?,
    ))
}

pub(super) async fn confirm(
    State(app): State<App>,
    PathParameter(name): PathParameter<String>,
    JsonBody(agreed): JsonBody<ConfirmBody>,
) -> Result<JsonResponse<AccountView>, ApiError> {
    let name = parsed("name", &name)?;
    let view = app.keeper.confirm(&name, agreed.into()).await?;
    Ok(JsonResponse(view))
}

pub(super) async fn refresh(
    State(app): State<App>,
    PathParameter(name): PathParameter<String>,
    JsonBody(asked): JsonBody<WaitBody>,
) -> Result<JsonResponse<AccountView>, ApiError> {
    let view = app
        .keeper
        .refresh(&parsed("name", &name)?, wait(asked.wait)?)
        .await?;
    Ok(JsonResponse(view))
}
