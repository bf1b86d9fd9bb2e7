//! Tokens: handed out, leased, reported as refused.

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{GivenToken, Keeper};

use super::refusal::Refusal;
use super::request::{Answer, At, Sent, line};
use crate::peer::Peer;
use crate::server::App;
use crate::wire::{Done, RefusedAsked, TokenAnswer, TokenAsked, parsed};

pub(super) async fn token(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    At(name): At<String>,
    Sent(asked): Sent<TokenAsked>,
) -> Result<Response, Refusal> {
    let name = parsed("name", &name)?;
    let hold = asked.lease.as_ref().is_some_and(|lease| lease.hold);
    let holder = if asked.lease.is_some() {
        peer.holder()
    } else {
        Default::default()
    };
    let given = app.keeper.token(&name, asked.request(holder)?).await?;
    Ok(if hold {
        held(app, name, given)
    } else {
        Answer(TokenAnswer::from(given)).into_response()
    })
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

pub(super) async fn release(
    State(app): State<App>,
    At((name, lease)): At<(String, u64)>,
) -> Result<Answer<Done>, Refusal> {
    let name = parsed("name", &name)?;
    // Says so where there is no such account; a lease that has ended already needs no words.
    app.keeper.account(&name).await?;
    app.keeper.release(&name, lease);
    Ok(Answer(Done {}))
}

/// A response of one line that stays open; its lease ends with it.
fn held(mut app: App, name: AccountName, given: GivenToken) -> Response {
    let lease = given.lease.map(|lease| HeldLease {
        keeper: app.keeper.clone(),
        name,
        id: lease.id,
    });
    let first = line(&TokenAnswer::from(given));
    let open = stream::once(async move { Ok::<_, std::convert::Infallible>(first) })
        .chain(stream::pending())
        .take_until(Box::pin(async move {
            let _lease = lease;
            app.has_quit().await;
        }));
    (
        [(header::CONTENT_TYPE, "application/x-ndjson")],
        Body::from_stream(open),
    )
        .into_response()
}

/// A lease that is released when it is dropped.
struct HeldLease {
    keeper: Keeper,
    name: AccountName,
    id: u64,
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        self.keeper.release(&self.name, self.id);
    }
}
