//! The keeper as a whole.

use axum::extract::State;
use tokenkeep_keeper::keeper::Status;

use super::refusal::Refusal;
use super::request::Answer;
use crate::server::App;
use crate::wire::{Done, StatusAnswer};

pub(super) async fn status(State(app): State<App>) -> Answer<StatusAnswer> {
    Answer(StatusAnswer {
        status: app.keeper.status().await,
        // One that is quitting opens no more windows: whoever wants a desktop waits for its end and starts another.
        desktop: app.desktop.is_some() && !app.keeper.is_quitting(),
    })
}

pub(super) async fn unlock(State(app): State<App>) -> Result<Answer<Done>, Refusal> {
    app.keeper.unlock().await?;
    Ok(Answer(Done {}))
}

/// Answers once the keeper has finished what it must, so that whoever asked knows that nothing is under way.
pub(super) async fn quit(State(app): State<App>) -> Answer<Status> {
    let status = app.keeper.status().await;
    app.quit().await;
    Answer(status)
}
