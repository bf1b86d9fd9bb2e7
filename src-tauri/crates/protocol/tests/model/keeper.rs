//! The keeper around the hearts: starts and dies, gives them events and wakes them, as the runtime does.

mod effects;

use std::collections::BTreeSet;
use std::time::Duration;

use rand::RngExt as _;
use tokenkeep_oauth::{RenewalEffect, Reply, Revocable};
use tokenkeep_protocol::account::{Account, AssertionPolicy, Event, NoticeKey, Policy};
use tokenkeep_protocol::clock::Tick;
use tokenkeep_protocol::pace::Pace;

use super::checks::Cause;
use super::faults::Fault;
use super::network::{Return, TIME_LIMIT};
use super::provider::REPLAY_UNUSED;
use super::vault::Write;
use super::world::{Grant, Happening, World};

/// What dies in a crash.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) accounts: Vec<Option<Account>>,
    pub(crate) paces: Vec<Pace<usize>>,
    /// What the database holds, on this process's clock.
    told: Vec<Vec<NoticeKey>>,
    wakes: BTreeSet<(Tick, usize)>,
    wake_of: Vec<Option<Tick>>,
    /// How the wall clock stood when the keeper last looked.
    pub(crate) wall_offset: i64,
    pub(crate) quitting: bool,
}

impl Keeper {
    /// When an account or a pace wants to be woken.
    pub(crate) fn next_wake(&self, now: Tick) -> Option<Tick> {
        let account = self.wakes.first().map(|(at, _)| *at);
        let paces = self.paces.iter().filter_map(|pace| pace.wake_at(now));
        account.into_iter().chain(paces).min()
    }

    fn set_wake(&mut self, account: usize, at: Option<Tick>) {
        if let Some(before) = std::mem::replace(&mut self.wake_of[account], at) {
            self.wakes.remove(&(before, account));
        }
        self.wakes.extend(at.map(|at| (at, account)));
    }

    fn first_due(&self, now: Tick) -> Option<usize> {
        let (at, account) = self.wakes.first()?;
        (*at <= now).then_some(*account)
    }
}

impl World {
    pub(crate) fn policy(&self, account: usize) -> Policy {
        let effect = if self.provider.behaviour.kills {
            RenewalEffect::KillsPrevious
        } else {
            RenewalEffect::KillsNothing
        };
        let assertion = AssertionPolicy {
            effect: RenewalEffect::KillsNothing,
            // It says so in wall-clock time, which may be set wrong.
            expires_at: self.specs[account]
                .assertion_ends
                .map(|at| self.both().tick_at(self.true_wall_at(at))),
        };
        Policy {
            seed: (account as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7,
            refresh: effect,
            assertion: (self.specs[account].grant == Grant::Jwt).then_some(assertion),
            replay_window: self.provider.behaviour.replays.then_some(REPLAY_UNUSED),
            request_time_limit: TIME_LIMIT,
            no_refresh_token_advice: "Enable “Issue refresh tokens”.".to_owned(),
        }
    }

    /// A keeper starts, with what the last one left behind.
    pub(crate) fn start(&mut self) {
        self.life += 1;
        let now = self.both();
        let quota = self.configured;
        let accounts = self.specs.len();
        let told: Vec<_> = (0..accounts).map(|id| self.disk.told(id, now)).collect();
        let hearts = (0..accounts).map(|id| {
            let gone = self.checks.accounts[id].removed;
            let heart = Account::new(self.policy(id), told[id].clone(), now.tick);
            (!gone).then_some(heart)
        });
        let paces = (0..self.clients).map(|client| Pace::new(quota, self.disk.pace(client, now)));
        self.keeper = Some(Keeper {
            accounts: hearts.collect(),
            paces: paces.collect(),
            told,
            wakes: BTreeSet::new(),
            wake_of: vec![None; accounts],
            wall_offset: self.wall_offset,
            quitting: false,
        });
        self.checks.started(now.tick);
        if let Some(died_at) = self.died_at.take() {
            let until = now.tick + Duration::from_secs(1);
            self.checks
                .obstacles
                .everyone(Cause::KeeperGone, died_at, until);
        }
        for account in 0..accounts {
            self.check_clock(account);
        }
        for client in 0..self.clients {
            self.keep_pace(client);
        }
        self.note(|| "the keeper starts".to_owned());
        for account in 0..accounts {
            self.deliver_at(self.now, account, Event::Timeout);
        }
    }

    /// The keeper dies where it stands.
    pub(crate) fn crash(&mut self) {
        let Some(keeper) = self.keeper.take() else {
            return;
        };
        self.life += 1;
        self.died_at = Some(self.now);
        self.report.crashes += 1;
        let waiting = self.vault.waiting();
        let survive = self.rng.random_range(0..=waiting);
        self.vault.crash(survive);
        self.note(|| format!("the keeper dies; {survive} of {waiting} writes reach the vault"));
        let clock_unnoticed = keeper.wall_offset != self.wall_offset;
        self.keeper_died(clock_unnoticed);
        self.readers_lose_keeper();
    }

    /// Gives an event to an account, and does what comes of it.
    pub(crate) fn deliver(&mut self, account: usize, event: Event) {
        let now = self.now;
        let Some(keeper) = &mut self.keeper else {
            return;
        };
        let Some(heart) = keeper.accounts.get_mut(account).and_then(Option::as_mut) else {
            return;
        };
        let told = self.history.recording.then(|| format!("{event:?}"));
        let effects = heart.handle(event, now);
        let wake = heart.wake_at();
        let gone = heart.is_gone();
        keeper.set_wake(account, wake);
        if gone {
            keeper.accounts[account] = None;
            keeper.set_wake(account, None);
        }
        if let Some(told) = told {
            self.history
                .note(now, || format!("account {account}: {told}"));
        }
        self.check_step(account, wake);
        self.check_secrets(account, &effects);
        for effect in effects {
            if self.crashes_before(&effect) {
                self.note(|| format!("account {account}: dies before {effect:?}"));
                return self.dies();
            }
            self.note(|| format!("account {account}:     {effect:?}"));
            self.carry_out_effect(account, effect);
            if self.crashes_after() {
                return self.dies();
            }
        }
        self.check_warned(account);
    }

    /// The keeper is killed, and started again before long.
    fn dies(&mut self) {
        self.crash();
        let after = Duration::from_millis(self.rng.random_range(100..90_000));
        self.after(after, Happening::Fault(Fault::Start));
    }

    pub(crate) fn keep_pace(&mut self, client: usize) {
        let now = self.both();
        if let Some(keeper) = &self.keeper {
            let remembered = keeper.paces[client].remembered(now.tick);
            self.disk.note_pace(client, remembered, now);
        }
    }

    pub(crate) fn keeper_wakes(&mut self) {
        let now = self.now;
        let Some(keeper) = &mut self.keeper else {
            return;
        };
        if let Some(account) = keeper.first_due(now) {
            keeper.set_wake(account, None);
            return self.deliver(account, Event::Timeout);
        }
        for client in 0..self.clients {
            self.grant(client);
        }
    }

    /// A request came back, one way or another.
    pub(crate) fn returned(&mut self, back: Return) {
        if back.life != self.life || self.keeper.is_none() {
            return;
        }
        let (account, now) = (back.account, self.now);
        let client = self.specs[account].client;
        if let Some(keeper) = &mut self.keeper {
            keeper.paces[client].learn(&account, back.sent_at, &back.reply, now);
        }
        self.keep_pace(client);
        self.check_return(&back);
        match (back.attempt, back.reply) {
            (Some(attempt), reply) => self.deliver(account, Event::Answered { attempt, reply }),
            (None, Reply::Tokens(tokens)) => {
                let sent_at = back.sent_at;
                self.deliver(account, Event::SignedIn { tokens, sent_at });
            }
            (None, _) => self.person_fails_to_sign_in(account),
        }
    }

    pub(crate) fn revoked(&mut self, account: usize, token: &Revocable) {
        self.note(|| format!("account {account}: a session ends at the provider"));
        self.provider.revoke(token, self.now);
    }

    /// The wall clock was set, and the keeper sees it: the database is written again.
    pub(crate) fn clock_noticed(&mut self) {
        let now = self.both();
        let Some(keeper) = &mut self.keeper else {
            return;
        };
        keeper.wall_offset = self.wall_offset;
        self.disk.forget_told();
        for (account, told) in keeper.told.iter().enumerate() {
            for key in told {
                self.disk.note_told(account, *key, now);
            }
        }
        for client in 0..self.clients {
            self.keep_pace(client);
        }
        self.checks.clock_noticed(self.now);
        self.tell_all(|| Event::ClockSet);
    }

    /// Gives every account an event.
    pub(crate) fn tell_all(&mut self, event: impl Fn() -> Event) {
        for account in 0..self.specs.len() {
            self.deliver(account, event());
        }
    }

    /// A person removes the account: what it held is deleted.
    pub(crate) fn remove(&mut self, account: usize) {
        if self.keeper.is_none() {
            return;
        }
        self.checks.accounts[account].removed = true;
        let client = self.specs[account].client;
        if let Some(keeper) = &mut self.keeper {
            keeper.paces[client].withdraw(&account);
        }
        self.deliver(account, Event::Removed);
        let at = self
            .vault
            .busy_until
            .map_or(self.now, |busy| busy.max(self.now));
        self.vault.will_write(Write {
            account,
            item: None,
            at,
        });
    }

    /// Whether the pace has room for a person's sign-in, which is counted then.
    pub(crate) fn admits_exchange(&mut self, account: usize) -> bool {
        let (client, now) = (self.specs[account].client, self.now);
        let admitted = self
            .keeper
            .as_mut()
            .is_some_and(|keeper| keeper.paces[client].admit(account, now).is_ok());
        self.keep_pace(client);
        admitted
    }
}
