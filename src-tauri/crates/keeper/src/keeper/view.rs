//! Views of accounts, in wall-clock time.

use super::api::{AccountView, LapseView, LeaseView};
use super::client::Spec;
use super::durable::wall;
use crate::config::{self, AccountName};
use tokenkeep_oauth::preset;
use tokenkeep_protocol::account::{Account, Lapse, Lease, State, View};
use tokenkeep_protocol::clock::{Now, Tick};
use url::Url;

/// The part of a view whose changes listeners are told about. What only changes with time is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glance {
    state: State,
    generation: u64,
    expires_at: Option<Tick>,
    next_renewal: Option<Tick>,
    lapse: Option<Lapse>,
    problem: Option<String>,
    unsaved: bool,
    lease_changes: u64,
}

impl Glance {
    pub(super) fn of(view: &View) -> Self {
        Self {
            state: view.state,
            generation: view.generation,
            expires_at: view.expires_at,
            next_renewal: view.next_renewal,
            lapse: view.lapse,
            problem: view.problem.clone(),
            unsaved: view.unsaved,
            lease_changes: view.lease_changes,
        }
    }

    /// Whether another glance shows other leases and nothing else.
    pub(super) fn differs_in_leases_alone(&self, other: &Self) -> bool {
        let lease_changes = other.lease_changes;
        self != other
            && Self {
                lease_changes,
                ..self.clone()
            } == *other
    }
}

/// The view of an account.
pub(super) fn account(spec: &Spec, account: &Account, now: Now) -> AccountView {
    let view = account.view(now.tick);
    AccountView {
        name: spec.name.clone(),
        provider: spec.provider.name.clone(),
        server: Some(spec.provider.base.clone()),
        grant: spec.grant,
        client_id: spec.client_id.clone(),
        state: view.state,
        problem: view.problem,
        generation: view.generation,
        fingerprint: view.fingerprint,
        issued_at: wall(now, view.issued_at),
        expires_at: wall(now, view.expires_at),
        expiry_assumed: view.expiry_assumed,
        next_renewal: wall(now, view.next_renewal.map(|at| at.max(now.tick))),
        refresh_expires_at: wall(now, view.refresh_expires_at),
        lapse: view.lapse.map(|lapse| LapseView {
            at: now.wall_at(lapse.at),
            cause: lapse.cause,
        }),
        unsaved: view.unsaved,
        scope: view.scope,
        leases: account
            .leases()
            .map(|lease| self::lease(lease, view.generation, now))
            .collect(),
        unconfirmed: None,
    }
}

/// The view of a lease on a token of an account whose current one is of this generation.
pub(super) fn lease(lease: &Lease, generation: u64, now: Now) -> LeaseView {
    LeaseView {
        id: lease.id.0,
        holder: lease.holder.clone(),
        since: now.wall_at(lease.since),
        until: now.wall_at(lease.until),
        current: lease.generation == generation,
    }
}

/// The view of an account whose configuration cannot be used, with the reason.
pub(super) fn broken(
    name: &AccountName,
    account: &config::AccountEntry,
    problem: String,
) -> AccountView {
    let server = account
        .server
        .as_deref()
        .and_then(|server| Url::parse(server).ok());
    let known = || {
        preset(&account.provider, None)
            .ok()
            .map(|provider| provider.base)
    };
    AccountView {
        name: name.clone(),
        provider: account.provider.clone(),
        server: server.or_else(known),
        grant: account.grant,
        client_id: account.client_id.clone(),
        state: State::Misconfigured,
        problem: Some(problem),
        generation: 0,
        fingerprint: None,
        issued_at: None,
        expires_at: None,
        expiry_assumed: false,
        next_renewal: None,
        refresh_expires_at: None,
        lapse: None,
        unsaved: false,
        scope: None,
        leases: Vec::new(),
        unconfirmed: None,
    }
}
