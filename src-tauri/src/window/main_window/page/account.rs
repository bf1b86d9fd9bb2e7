//! An account, as the page shows it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokenkeep_keeper::config::Grant;
use tokenkeep_keeper::keeper::{AccountView, LapseView, LeaseView};
use tokenkeep_protocol::account::{Cause, State};

use super::provider_title::provider_title;
use crate::window::host::host;

/// How an account stands.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct PageAccount {
    name: String,
    /// The provider as people call it.
    provider: String,
    /// The provider's host.
    server: Option<String>,
    grant: Grant,
    state: State,
    /// What is wrong and what to do, in words.
    problem: Option<String>,
    issued_at: Option<i64>,
    expires_at: Option<i64>,
    /// Whether that is a guess.
    expiry_assumed: bool,
    next_renewal: Option<i64>,
    lapse: Option<PageLapse>,
    /// The keychain does not hold the current tokens yet.
    unsaved: bool,
    leases: Vec<PageLease>,
}

/// When a credential stops working for good.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub(in super::super) struct PageLapse {
    at: i64,
    cause: Cause,
}

/// Somebody's hold on the token.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub(in super::super) struct PageLease {
    /// Who holds it.
    holder: String,
    since: i64,
    until: i64,
}

fn milliseconds(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

impl From<AccountView> for PageAccount {
    fn from(view: AccountView) -> Self {
        Self {
            name: view.name.to_string(),
            provider: provider_title(&view.provider),
            server: view.server.as_ref().and_then(host),
            grant: view.grant,
            state: view.state,
            problem: view.problem,
            issued_at: view.issued_at.map(milliseconds),
            expires_at: view.expires_at.map(milliseconds),
            expiry_assumed: view.expiry_assumed,
            next_renewal: view.next_renewal.map(milliseconds),
            lapse: view.lapse.map(PageLapse::from),
            unsaved: view.unsaved,
            leases: view.leases.into_iter().map(PageLease::from).collect(),
        }
    }
}

impl From<LapseView> for PageLapse {
    fn from(lapse: LapseView) -> Self {
        Self {
            at: milliseconds(lapse.at),
            cause: lapse.cause,
        }
    }
}

impl From<LeaseView> for PageLease {
    fn from(lease: LeaseView) -> Self {
        Self {
            holder: lease.holder.to_string(),
            since: milliseconds(lease.since),
            until: milliseconds(lease.until),
        }
    }
}
