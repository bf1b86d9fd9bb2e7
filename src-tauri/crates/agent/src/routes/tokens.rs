//! Tokens: handed out, with a lease or without, and reported as refused.

use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse as _, Response};

use super::api_error::ApiError;
use super::held::held;
use super::request::{JsonBody, JsonResponse, PathParameter};
use crate::app::App;
use crate::peer::Peer;
use crate::wire::{RefusedBody, TokenAnswer, TokenBody, parsed};

pub(super) async fn token(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    PathParameter(name): PathParameter<String>,
    JsonBody(asked): JsonBody<TokenBody>,
) -> Result<Response, ApiError> {
    let name = parsed("name", &name)?;
    peer.log_sandbox(&name);
    let hold = asked.lease.as_ref().is_some_and(|lease| lease.hold);
    let holder = asked.lease.as_ref().map(|lease| peer.holder_of(lease));
    let request = asked.request(holder.unwrap_or_default())?;
    if hold {
        let (given, lease) = app.keeper.hold(&name, request).await?;
        return Ok(held(app, name, given, lease));
    }
    let given = app.keeper.token(&name, request).await?;
    Ok(JsonResponse(TokenAnswer::from(given)).into_response())
}

pub(super) async fn refused(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    PathParameter(name): PathParameter<String>,
    JsonBody(asked): JsonBody<RefusedBody>,
) -> Result<JsonResponse<TokenAnswer>, ApiError> {
    let name = parsed("name", &name)?;
    peer.log_sandbox(&name);
    let given = app.keeper.token(&name, asked.request()?).await?;
    Ok(JsonResponse(given.into()))
}
