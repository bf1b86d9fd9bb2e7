//! The virtual clock, the queue of what happens, and the loop that goes through it.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use tokenkeep_protocol::account::{Event, ReaderId};
use tokenkeep_protocol::clock::{Now, Tick};

use tokenkeep_oauth::Quota;

use super::checks::Checks;
use super::disk::Disk;
use super::errands::Errand;
use super::faults::{Fault, Faults};
use super::history::History;
use super::keeper::Keeper;
use super::network::{Flight, Return};
use super::provider::{Behaviour, Provider};
use super::readers::Readers;
use super::report::Report;
use super::vault::Vault;

/// How an account's tokens are first obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    Jwt,
    Code,
}

/// An account that the keeper is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountSpec {
    pub(crate) client: usize,
    pub(crate) user: usize,
    pub(crate) grant: Grant,
    /// When its assertion ends, where it does.
    pub(crate) assertion_ends: Option<Tick>,
}

impl AccountSpec {
    /// An account whose assertion, if it has one, never ends.
    pub(crate) fn new(client: usize, user: usize, grant: Grant) -> Self {
        Self {
            client,
            user,
            grant,
            assertion_ends: None,
        }
    }
}

/// What happens outside the keeper's heart.
#[derive(Debug)]
pub(crate) enum Happening {
    /// Something reaches an account of the keeper that lives now.
    ToAccount {
        life: u32,
        account: usize,
        event: Event,
    },
    /// A request reaches the provider.
    Arrives(Flight),
    /// What became of a request reaches the keeper.
    Returns(Return),
    /// A session's end reaches the provider.
    Revokes {
        account: usize,
        token: tokenkeep_oauth::Revocable,
    },
    /// A reader, or a person, does something.
    Errand(Errand),
    /// Something goes wrong, or comes right.
    Fault(Fault),
    /// By now a renewal must have begun that was called for at `since`.
    Expected {
        life: u32,
        account: usize,
        since: Tick,
    },
}

/// Everything.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Tick,
    /// By how much the wall clock is off, in milliseconds.
    pub(crate) wall_offset: i64,
    pub(crate) asleep_until: Tick,
    pub(crate) rng: StdRng,
    pub(crate) specs: Vec<AccountSpec>,
    pub(crate) clients: usize,
    /// The quota that the keeper is told of.
    pub(crate) configured: Option<Quota>,
    pub(crate) provider: Provider,
    pub(crate) vault: Vault,
    pub(crate) disk: Disk,
    pub(crate) keeper: Option<Keeper>,
    pub(crate) died_at: Option<Tick>,
    /// Counts the keeper's starts: what was meant for an earlier one is dropped.
    pub(crate) life: u32,
    pub(crate) flights: u64,
    /// The refreshes that have not reached the provider yet: whose, and with which refresh token.
    pub(crate) travelling: BTreeMap<u64, (usize, String)>,
    pub(crate) faults: Faults,
    pub(crate) readers: Readers,
    pub(crate) checks: Checks,
    pub(crate) history: History,
    pub(crate) report: Report,
    queue: BTreeMap<(Tick, u64), Happening>,
    queued: u64,
}

impl World {
    /// A world in which nothing goes wrong by itself, its keeper not started yet.
    pub(crate) fn new(rng: StdRng, behaviour: Behaviour, specs: Vec<AccountSpec>) -> Self {
        let clients = specs.iter().map(|spec| spec.client + 1).max().unwrap_or(1);
        Self {
            now: Tick::from_millis(0),
            wall_offset: 0,
            asleep_until: Tick::from_millis(0),
            rng,
            checks: Checks::new(specs.len(), clients),
            specs,
            clients,
            configured: behaviour.quota,
            provider: Provider::new(behaviour),
            vault: Vault::default(),
            disk: Disk::default(),
            keeper: None,
            died_at: None,
            life: 0,
            flights: 0,
            travelling: BTreeMap::new(),
            faults: Faults::default(),
            readers: Readers::default(),
            history: History::default(),
            report: Report::default(),
            queue: BTreeMap::new(),
            queued: 0,
        }
    }

    /// Both clocks.
    pub(crate) fn both(&self) -> Now {
        let offset = TimeDelta::milliseconds(self.wall_offset);
        Now {
            tick: self.now,
            wall: self.true_wall_at(self.now) + offset,
        }
    }

    /// What a wall clock that nobody ever set shows then.
    pub(crate) fn true_wall_at(&self, tick: Tick) -> DateTime<Utc> {
        let base = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
        base + TimeDelta::milliseconds(tick.as_millis())
    }

    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        self.history.note(self.now, line);
    }

    /// Puts something off to `at`.
    pub(crate) fn at(&mut self, at: Tick, happening: Happening) {
        self.queued += 1;
        self.queue
            .insert((at.max(self.now), self.queued), happening);
    }

    pub(crate) fn after(&mut self, after: Duration, happening: Happening) {
        self.at(self.now + after, happening);
    }

    /// An event for an account of the keeper that lives now.
    pub(crate) fn deliver_at(&mut self, at: Tick, account: usize, event: Event) {
        let life = self.life;
        self.at(
            at,
            Happening::ToAccount {
                life,
                account,
                event,
            },
        );
    }

    pub(crate) fn is_asleep(&self) -> bool {
        self.now < self.asleep_until
    }

    /// Lets time go by, until something is wrong or it has.
    pub(crate) fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        while !self.checks.failed() && self.step(end) {}
        self.now = self.now.max(end);
        self.vault.write_due(self.now);
    }

    /// Lets time go by until a reader has its answer.
    pub(crate) fn run_until_answered(&mut self, reader: ReaderId) {
        let end = self.now + Duration::from_secs(3600);
        while !self.readers.is_answered(reader) && !self.checks.failed() && self.step(end) {}
    }

    /// Does what happens next, unless that is after `end`.
    pub(crate) fn step(&mut self, end: Tick) -> bool {
        let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
        let awake = |at: Tick| at.max(self.asleep_until);
        let keeper = self
            .keeper
            .as_ref()
            .and_then(|keeper| keeper.next_wake(self.now))
            .map(awake);
        let Some(at) = [queued, keeper].into_iter().flatten().min() else {
            return false;
        };
        if at > end {
            return false;
        }
        self.now = self.now.max(at);
        self.vault.write_due(self.now);
        self.report.steps += 1;
        if queued == Some(at) {
            if let Some((_, happening)) = self.queue.pop_first() {
                self.happen(happening);
            }
        } else {
            self.keeper_wakes();
        }
        self.check_deadlines();
        true
    }

    fn happen(&mut self, happening: Happening) {
        let ours = !matches!(
            happening,
            Happening::Arrives(_)
                | Happening::Revokes { .. }
                | Happening::Fault(_)
                | Happening::Errand(Errand::Rival { .. })
        );
        if ours && self.is_asleep() {
            // What would have used a token sleeps, too, and asks anew.
            if matches!(happening, Happening::Errand(Errand::Use { .. })) {
                return;
            }
            let until = self.asleep_until;
            return self.at(until, happening);
        }
        match happening {
            Happening::ToAccount {
                life,
                account,
                event,
            } => {
                if life == self.life {
                    self.deliver(account, event);
                }
            }
            Happening::Arrives(flight) => self.arrived(flight),
            Happening::Returns(back) => self.returned(back),
            Happening::Revokes { account, token } => self.revoked(account, &token),
            Happening::Errand(errand) => self.run_errand(errand),
            Happening::Fault(fault) => self.strike(fault),
            Happening::Expected {
                life,
                account,
                since,
            } => {
                if life == self.life {
                    self.check_expected(account, since);
                }
            }
        }
    }
}
