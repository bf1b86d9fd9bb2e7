//! Leases: listed, ended.

use axum::extract::State;
use tokenkeep_keeper::keeper::AccountLease;

use super::refusal::Refusal;
use super::request::{Answer, Asked, At};
use crate::server::App;
use crate::wire::{Leases, LeasesAsked, parsed};

pub(super) async fn list(
    State(app): State<App>,
    Asked(asked): Asked<LeasesAsked>,
) -> Result<Answer<Leases>, Refusal> {
    let account = asked
        .account
        .map(|account| parsed("account", &account))
        .transpose()?;
    let leases = app.keeper.leases(account.as_ref()).await?;
    Ok(Answer(Leases { leases }))
}

pub(super) async fn end(
    State(app): State<App>,
    At(id): At<u64>,
) -> Result<Answer<AccountLease>, Refusal> {
    Ok(Answer(app.keeper.end_lease(id).await?))
}
