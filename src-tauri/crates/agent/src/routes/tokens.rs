//! Tokens: handed out, with a lease or without, and reported as refused.

use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse as _, Response};

use super::held::held;
use super::refusal::Refusal;
use super::request::{Answer, At, Sent};
use crate::peer::Peer;
use crate::server::App;
use crate::wire::{RefusedAsked, TokenAnswer, TokenAsked, parsed};

pub(super) async fn token(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    At(name): At<String>,
    Sent(asked): Sent<TokenAsked>,
) -> Result<Response, Refusal> {
    let name = parsed("name", &name)?;
    let hold = asked.lease.as_ref().is_some_and(|lease| lease.hold);
    let holder = asked.lease.as_ref().map(|lease| peer.holder_of(lease));
    let request = asked.request(holder.unwrap_or_default())?;
    if hold {
        let (given, lease) = app.keeper.hold(&name, request).await?;
        return Ok(held(app, name, given, lease));
    }
    let given = app.keeper.token(&name, request).await?;
    Ok(Answer(TokenAnswer::from(given)).into_response())
}

pub(super) async fn refused(
    State(app): State<App>,
    At(name): At<String>,
    Sent(asked): Sent<RefusedAsked>,
) -> Result<Answer<TokenAnswer>, Refusal> {
    let name = parsed("name", &name)?;
    let given = app.keeper.token(&name, asked.request()?).await?;
    Ok(Answer(given.into()))
}
