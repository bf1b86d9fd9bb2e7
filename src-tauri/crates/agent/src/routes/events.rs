//! What happens, as server-sent events (HTML Standard section 9.2).
//!
//! Each event is a [`Happening`] as JSON; its type is the happening's kind. A listener that was too slow gets an event
//! `missed` with a count in the place of what it missed, and should ask for the whole again.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt as _, stream};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::Happening;
use tokio::sync::broadcast::error::RecvError;

use super::api_error::ApiError;
use super::request::QueryParameters;
use crate::app::App;
use crate::wire::{EventsParameters, Missed, parsed};

/// How often a silent stream says that it is alive. Seldom, for each is a wake-up.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

pub(super) async fn stream(
    State(mut app): State<App>,
    QueryParameters(asked): QueryParameters<EventsParameters>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let only: Option<AccountName> = asked
        .account
        .map(|account| parsed("account", &account))
        .transpose()?;
    let happenings = app.keeper.listen();
    let events = stream::unfold((happenings, only), |(mut happenings, only)| async move {
        loop {
            let event = match happenings.recv().await {
                Ok(happening) if only.as_ref().is_none_or(|only| is_about(&happening, only)) => {
                    event(&happening)
                }
                Ok(_) => continue,
                Err(RecvError::Lagged(missed)) => Event::default()
                    .event("missed")
                    .json_data(Missed { missed }),
                Err(RecvError::Closed) => return None,
            };
            // Neither has anything in it that JSON cannot hold.
            let Ok(event) = event else { continue };
            return Some((Ok(event), (happenings, only)));
        }
    });
    let until_quit = events.take_until(Box::pin(async move { app.has_quit().await }));
    Ok(Sse::new(until_quit).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

fn event(happening: &Happening) -> Result<Event, axum::Error> {
    let kind = match happening {
        Happening::Account(_) => "account",
        Happening::Removed(_) => "removed",
        Happening::Notice(_) => "notice",
        Happening::News(_) => "news",
    };
    Event::default().event(kind).json_data(happening)
}

/// Whether it concerns the account.
fn is_about(happening: &Happening, account: &AccountName) -> bool {
    match happening {
        Happening::Account(view) => view.name == *account,
        Happening::Removed(name) => name == account,
        Happening::Notice(notice) => notice.account == *account,
        Happening::News(line) => line.account.as_deref() == Some(account.as_str()),
    }
}
