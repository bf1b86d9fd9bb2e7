//! Accounts: listed, added, removed, renewed.

use axum::extract::State;
use axum::http::StatusCode;
use tokenkeep_keeper::keeper::{AccountView, Removal};

use super::refusal::Refusal;
use super::request::{Answer, At, Sent};
use crate::server::App;
use crate::wire::{AccountAdded, Accounts, WaitAsked, parsed, wait};

pub(super) async fn list(State(app): State<App>) -> Answer<Accounts> {
    Answer(Accounts {
        accounts: app.keeper.accounts().await,
    })
}

pub(super) async fn show(
    State(app): State<App>,
    At(name): At<String>,
) -> Result<Answer<AccountView>, Refusal> {
    Ok(Answer(app.keeper.account(&parsed("name", &name)?).await?))
}

pub(super) async fn add(
    State(app): State<App>,
    Sent(added): Sent<AccountAdded>,
) -> Result<(StatusCode, Answer<AccountView>), Refusal> {
    let view = app.keeper.add(added.new_account()?).await?;
    Ok((StatusCode::CREATED, Answer(view)))
}

pub(super) async fn remove(
    State(app): State<App>,
    At(name): At<String>,
) -> Result<Answer<Removal>, Refusal> {
    Ok(Answer(app.keeper.remove(&parsed("name", &name)?).await?))
}

pub(super) async fn refresh(
    State(app): State<App>,
    At(name): At<String>,
    Sent(asked): Sent<WaitAsked>,
) -> Result<Answer<AccountView>, Refusal> {
    let view = app
        .keeper
        .refresh(&parsed("name", &name)?, wait(asked.wait)?)
        .await?;
    Ok(Answer(view))
}
