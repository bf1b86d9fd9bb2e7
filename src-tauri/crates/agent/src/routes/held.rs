//! A response that holds a lease: its first line is the token, and it stays open for as long as the lease lasts.
//!
//! Where the token has to be renewed in spite of the lease, a line says so. The last line says how the lease ended;
//! where there is none, it was the keeper that ended.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use chrono::Utc;
use futures_util::{StreamExt as _, stream};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{GivenLease, GivenToken, Happening, JournalLine, Keeper};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::events::is_about;
use super::request::line;
use crate::app::App;
use crate::wire::{HeldEnd, HeldEvent, TokenAnswer};

/// The kind of the journal's line that says which leases a renewal no longer waits for.
const OVERRIDDEN: &str = "leases_overridden";

/// The response to a reader that got `given`. `happenings` has everything that happened since before that.
pub(super) fn held(
    mut app: App,
    name: AccountName,
    given: GivenToken,
    happenings: Receiver<Happening>,
) -> Response {
    let hold = given.lease.map(|lease| Hold {
        keeper: app.keeper.clone(),
        name,
        lease,
        happenings,
        told: false,
        over: false,
    });
    let first = line(&TokenAnswer::from(given));
    let later = stream::unfold(hold, |hold| async move {
        let mut hold = hold?;
        let event = hold.next_event().await?;
        Some((line(&event), Some(hold)))
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

/// A lease that is watched over, and released when this is dropped.
struct Hold {
    keeper: Keeper,
    name: AccountName,
    lease: GivenLease,
    happenings: Receiver<Happening>,
    /// Whether its holder knows that the renewal no longer waits.
    told: bool,
    /// Whether its holder knows that it has ended.
    over: bool,
}

impl Hold {
    /// The next thing that its holder has to know; none when it knows all.
    async fn next_event(&mut self) -> Option<HeldEvent> {
        if self.over {
            return None;
        }
        let end = loop {
            if let Some(end) = self.end().await {
                break end;
            }
            let left = (self.lease.until - Utc::now()).to_std().unwrap_or_default();
            // That a lease has run out is no news that anybody would send.
            match tokio::time::timeout(left, self.is_overridden()).await {
                Ok(Some(true)) => {
                    self.told = true;
                    return Some(HeldEvent::renewing(&self.name));
                }
                Ok(Some(false)) => {}
                Ok(None) => return None,
                Err(_) => break HeldEnd::RanOut,
            }
        };
        self.over = true;
        Some(HeldEvent::ended(&self.name, end))
    }

    /// Waits for the next thing that happens to the account; tells whether it overrides this lease. None when the keeper
    /// is gone.
    async fn is_overridden(&mut self) -> Option<bool> {
        loop {
            match self.happenings.recv().await {
                Ok(Happening::Journal(entry)) if is_named(self.lease.id, &entry) => {
                    return Some(true);
                }
                Ok(happening) if !is_about(&happening, &self.name) => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return Some(false),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// How the lease has ended, where it has: it is over with its token, too. A token that was replaced without killing
    /// it still works, and its session lasts as long as the lease.
    async fn end(&self) -> Option<HeldEnd> {
        let Ok(account) = self.keeper.account(&self.name).await else {
            return Some(HeldEnd::Removed);
        };
        let lease = account
            .leases
            .iter()
            .find(|lease| lease.id == self.lease.id);
        match lease {
            Some(lease) => (self.told && !lease.current).then_some(HeldEnd::Replaced),
            None if self.lease.until <= Utc::now() => Some(HeldEnd::RanOut),
            None => Some(HeldEnd::Released),
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.keeper.release(&self.name, self.lease.id);
    }
}

/// Whether the journal says that a renewal no longer waits for this lease. Leases are named once per keeper, so the
/// account need not be looked at.
fn is_named(lease: u64, entry: &JournalLine) -> bool {
    let leases = entry.detail["leases"].as_array();
    entry.kind == OVERRIDDEN && leases.is_some_and(|ids| ids.iter().any(|id| *id == lease))
}
