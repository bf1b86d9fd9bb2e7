//! Signing in: begun for an account, finished by the redirect that a person brings.

use axum::extract::State;
use secrecy::ExposeSecret as _;
use tokenkeep_keeper::keeper::AccountView;

use super::api_error::ApiError;
use super::request::{JsonBody, JsonResponse, PathParameter};
use crate::app::App;
use crate::wire::{Done, Redirected, SignInAnswer, WaitBody, parsed, url, wait};

pub(super) async fn begin(
    State(app): State<App>,
    PathParameter(name): PathParameter<String>,
    JsonBody(asked): JsonBody<WaitBody>,
) -> Result<JsonResponse<SignInAnswer>, ApiError> {
    let step = app
        .keeper
        .sign_in(&parsed("name", &name)?, wait(asked.wait)?)
        .await?;
    Ok(JsonResponse(step.into()))
}

pub(super) async fn finish(
    State(app): State<App>,
    PathParameter(id): PathParameter<u64>,
    JsonBody(sent): JsonBody<Redirected>,
) -> Result<JsonResponse<AccountView>, ApiError> {
    let redirected = url("redirect", sent.redirect.expose_secret())?;
    Ok(JsonResponse(
        app.keeper.finish_sign_in(id, &redirected).await?,
    ))
}

pub(super) async fn cancel(
    State(app): State<App>,
    PathParameter(id): PathParameter<u64>,
) -> JsonResponse<Done> {
    app.keeper.cancel_sign_in(id);
    JsonResponse(Done {})
}
