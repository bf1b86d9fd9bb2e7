//! Signing in: begun for an account, finished by the redirect that a person brings.

use axum::extract::State;
use secrecy::ExposeSecret as _;
use tokenkeep_keeper::keeper::AccountView;

use super::refusal::Refusal;
use super::request::{Answer, At, Sent};
use crate::server::App;
use crate::wire::{Done, Redirected, SignInAnswer, WaitAsked, parsed, url, wait};

pub(super) async fn begin(
    State(app): State<App>,
    At(name): At<String>,
    Sent(asked): Sent<WaitAsked>,
) -> Result<Answer<SignInAnswer>, Refusal> {
    let step = app
        .keeper
        .sign_in(&parsed("name", &name)?, wait(asked.wait)?)
        .await?;
    Ok(Answer(step.into()))
}

pub(super) async fn finish(
    State(app): State<App>,
    At(id): At<u64>,
    Sent(sent): Sent<Redirected>,
) -> Result<Answer<AccountView>, Refusal> {
    let redirected = url("redirect", sent.redirect.expose_secret())?;
    Ok(Answer(app.keeper.finish_sign_in(id, &redirected).await?))
}

pub(super) async fn cancel(State(app): State<App>, At(id): At<u64>) -> Answer<Done> {
    app.keeper.cancel_sign_in(id);
    Answer(Done {})
}
