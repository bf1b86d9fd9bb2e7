//! A lease that lasts as long as its response is held open.
//!
//! The first line is the token. Later lines say what happens to the lease. Each is a JSON object. The lease ends when
//! the connection closes.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{GivenToken, HeldLease};
use tokenkeep_protocol::account::LeaseNews;

use super::request::line;
use crate::app::App;
use crate::wire::{HeldEvent, TokenAnswer};

/// The response to a reader that got `given` and holds `lease`.
pub(super) fn held(
    mut app: App,
    name: AccountName,
    given: GivenToken,
    lease: HeldLease,
) -> Response {
    let first = line(&TokenAnswer::from(given));
    let later = stream::unfold(Some((name, lease)), |held| async move {
        let (name, mut lease) = held?;
        let news = lease.next().await?;
        let line = line(&HeldEvent::of(&name, news));
        let over = matches!(news, LeaseNews::Ended(_));
        Some((line, (!over).then_some((name, lease))))
    });
    let lines = stream::once(async move { first })
        .chain(later)
        .take_until(Box::pin(async move { app.has_quit().await }))
        .map(Ok::<Bytes, Infallible>);
    (
        [(header::CONTENT_TYPE, "application/x-ndjson")],
        Body::from_stream(lines),
    )
        .into_response()
}
