//! What happens, as server-sent events (HTML Standard section 9.2).
//!
//! Each event is a [`Happening`] as JSON; its type is the happening's kind.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt as _, stream};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::Happening;

use super::api_error::ApiError;
use super::request::QueryParameters;
use crate::app::App;
use crate::wire::{EventsParameters, parsed};

/// How often a silent stream shows that it is alive. Seldom, because each time is a wake-up.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

pub(super) async fn stream(
    State(mut app): State<App>,
    QueryParameters(asked): QueryParameters<EventsParameters>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let only: Option<AccountName> = asked
        .account
        .map(|account| parsed("account", &account))
        .transpose()?;
    let listener = app.keeper.listen();
    let events = stream::unfold((listener, only), |(mut listener, only)| async move {
        loop {
            let happening = listener.next().await?;
            if !only.as_ref().is_none_or(|only| concerns(&happening, only)) {
                continue;
            }
            let event = Event::default().event(&happening).json_data(&happening);
            // None has anything in it that JSON cannot hold.
            let Ok(event) = event else { continue };
            return Some((Ok(event), (listener, only)));
        }
    });
    let until_quit = events.take_until(Box::pin(async move { app.has_quit().await }));
    Ok(Sse::new(until_quit).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// Whether a listener for this account has to hear it.
fn concerns(happening: &Happening, account: &AccountName) -> bool {
    match happening {
        Happening::Account(view) => view.name == *account,
        Happening::Removed(name) => name == account,
        Happening::Notice(notice) => notice.account == *account,
        Happening::News(line) => line.account.as_deref() == Some(account.as_str()),
        Happening::Missed(_) => true,
    }
}
