//! Leases: listed, ended.

use axum::extract::State;
use tokenkeep_keeper::keeper::AccountLease;

use super::api_error::ApiError;
use super::request::{JsonResponse, PathParameter, QueryParameters};
use crate::app::App;
use crate::wire::{LeasesAnswer, LeasesParameters, parsed};

pub(super) async fn list(
    State(app): State<App>,
    QueryParameters(asked): QueryParameters<LeasesParameters>,
) -> Result<JsonResponse<LeasesAnswer>, ApiError> {
    let account = asked
        .account
        .map(|account| parsed("account", &account))
        .transpose()?;
    let leases = app.keeper.leases(account.as_ref()).await?;
    Ok(JsonResponse(LeasesAnswer { leases }))
}

pub(super) async fn end(
    State(app): State<App>,
    PathParameter(id): PathParameter<u64>,
) -> Result<JsonResponse<AccountLease>, ApiError> {
    Ok(JsonResponse(app.keeper.end_lease(id).await?))
}
