//! The promises of README.md, as facts observed from outside: against the model provider, the
//! vault, and what readers got. Nothing here looks into the heart.
//!
//! Every exception is written where it is made, with what nobody could have known or done better.

mod attempts;
mod clocks;
mod durable;
mod handouts;
mod holds;
mod known;
mod notices;
mod obstacles;
mod quota;
mod recovery;
mod secrets;
mod service;
mod storms;
mod verdicts;

use std::fmt;

use tokenkeep_protocol::clock::Tick;

use super::world::World;
use attempts::Attempts;
use clocks::Clocks;
use holds::Holds;
use known::Known;
use notices::Notices;
pub(crate) use obstacles::{Cause, Obstacles};
use quota::Client;
use service::Expected;
use storms::Storms;

/// What README.md promises, in its numbers, and that everybody is served who can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invariant {
    NoTornReads,
    NoPulledRug,
    OneAttempt,
    SaveBeforeServe,
    CrashCostsNothing,
    NeverForget,
    NoStorms,
    NoNagging,
    SecretsStayPut,
    NoDeadEnds,
    NothingFalse,
    Service,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Invariant::NoTornReads => "1 (no torn reads)",
            Invariant::NoPulledRug => "2 (no pulled rug)",
            Invariant::OneAttempt => "3 (one attempt at a time)",
            Invariant::SaveBeforeServe => "4 (save before serve)",
            Invariant::CrashCostsNothing => "5 (a crash costs nothing)",
            Invariant::NeverForget => "6 (never forget on a doubt)",
            Invariant::NoStorms => "7 (no storms)",
            Invariant::NoNagging => "8 (no nagging)",
            Invariant::SecretsStayPut => "9 (secrets stay put)",
            Invariant::NoDeadEnds => "10 (no dead ends)",
            Invariant::NothingFalse => "11 (nothing false)",
            Invariant::Service => "0 (whoever can be served is)",
        })
    }
}

/// What is known of one account, from outside.
#[derive(Debug, Default)]
pub(crate) struct AccountChecks {
    pub(crate) removed: bool,
    known: Known,
    attempts: Attempts,
    holds: Holds,
    notices: Notices,
    storms: Storms,
    expected: Expected,
}

/// All that is known, and the first thing found wrong.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    pub(crate) accounts: Vec<AccountChecks>,
    clients: Vec<Client>,
    pub(crate) obstacles: Obstacles,
    clocks: Clocks,
    violation: Option<String>,
    text: String,
}

impl Checks {
    pub(crate) fn new(accounts: usize, clients: usize) -> Self {
        Self {
            accounts: (0..accounts).map(|_| AccountChecks::default()).collect(),
            clients: (0..clients).map(|_| Client::default()).collect(),
            obstacles: Obstacles::new(accounts, clients),
            ..Self::default()
        }
    }

    fn fail(&mut self, invariant: Invariant, what: impl fmt::Display) {
        self.violation
            .get_or_insert_with(|| format!("invariant {invariant}: {what}"));
    }

    pub(crate) fn failed(&self) -> bool {
        self.violation.is_some()
    }

    pub(crate) fn violation(&self) -> Option<&str> {
        self.violation.as_deref()
    }

    /// A keeper starts. What dies with a keeper was seen to by `keeper_died`.
    pub(crate) fn started(&mut self, now: Tick) {
        for account in &mut self.accounts {
            account.attempts = Attempts::default();
            account.known.loaded_at = None;
            account.known.current = None;
            account.holds.keeper_started();
            account.expected = Expected::default();
        }
        self.clocks.keeper_started(now);
    }
}

impl World {
    fn wrong(&mut self, invariant: Invariant, account: usize, what: impl fmt::Display) {
        let at = self.now.as_millis() as f64 / 1000.0;
        self.checks.fail(
            invariant,
            format_args!("account {account} at {at:.3} s: {what}"),
        );
    }

    fn may_kill(&self) -> bool {
        self.provider.behaviour.kills
    }
}
