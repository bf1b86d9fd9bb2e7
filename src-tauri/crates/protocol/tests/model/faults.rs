//! What goes wrong, drawn from the seed, or written down by a test.
//!
//! Storms and calms alternate. A seed's storms have only some kinds of fault (drawn once), so that
//! rare combinations are not drowned by common ones.

mod fates;
mod profile;

use std::collections::VecDeque;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, RngExt as _};
use tokenkeep_oauth::ProblemKind;
use tokenkeep_protocol::account::{Effect, Event};
use tokenkeep_protocol::clock::Tick;

use super::checks::Cause;
use super::network::Fate;
use super::world::{Happening, World};
pub(crate) use fates::SaveFate;
pub(crate) use profile::Profile;

/// A fault, or its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The keeper starts (again).
    Start,
    /// The keeper is killed.
    Kill,
    /// The machine loses its power, and with it what the disk had not written yet.
    PowerCut,
    /// The keeper is asked to end, which it does within ten seconds.
    Quit,
    /// Whether the ending keeper is done, asked until `by`.
    QuitBy {
        by: Tick,
    },
    Storm,
    Calm,
    /// The provider cannot be reached or does not do its work, for minutes to hours.
    Outage,
    NetworkBack,
    LockVault,
    SetClock,
    ClockNoticed,
    Sleep,
    Wake,
    /// Someone ends a session at the provider.
    EndSession,
    /// Another program renews the same session.
    RivalRefresh,
    /// The same user signs in elsewhere with the same client, some times.
    RivalSignsIn,
    /// The provider refuses assertions for a while.
    RefuseAssertions,
    AcceptAssertions,
    /// The provider refuses the client for a while.
    RefuseClient,
    /// The provider does not do its work for one grant, whatever it does for others.
    Ailment,
    /// A person signs in although nobody asked for it.
    PersonSignsIn,
}

impl Fault {
    /// Whether it begins something bad, rather than ending it.
    fn is_weather(self) -> bool {
        !matches!(
            self,
            Fault::Start
                | Fault::QuitBy { .. }
                | Fault::NetworkBack
                | Fault::ClockNoticed
                | Fault::Wake
                | Fault::AcceptAssertions
        )
    }
}

/// How the provider is out of reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outage {
    NoNetwork,
    /// A captive portal's page answers in its place.
    Portal,
    /// It answers with status 500.
    Failing,
    /// It answers with status 429, whatever the quota says.
    Throttling,
    /// It, or a gateway before it, answers with status 503.
    Maintenance,
}

/// Which requests the provider fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ailing {
    Refreshes,
    Assertions,
}

/// The state of what goes wrong.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) profile: Profile,
    weather: bool,
    stormy: bool,
    outage: Option<(Outage, Tick)>,
    ailment: Option<(Ailing, Tick)>,
    locked_until: Option<Tick>,
    client_refused: Option<(ProblemKind, Tick)>,
    /// When the vault last was not as it should be.
    pub(crate) vault_trouble: Option<Tick>,
    /// What a test has in store for the next requests …
    pub(crate) fates: VecDeque<Fate>,
    /// … and the next writes.
    pub(crate) saves: VecDeque<SaveFate>,
    /// Before which effect a test lets the keeper die.
    pub(crate) die_before: Option<fn(&Effect) -> bool>,
}

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

/// A time drawn so that what happens has no memory, of that mean.
pub(crate) fn drawn_wait(mean: Duration, rng: &mut impl Rng) -> Duration {
    let part: f64 = rng.random_range(0.0001..1.0);
    mean.mul_f64(-part.ln())
}

impl Faults {
    pub(crate) fn is_locked(&self, now: Tick) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }

    fn outage(&self, now: Tick) -> Option<Outage> {
        let lasting = self.outage.filter(|(_, until)| now < *until);
        lasting.map(|(outage, _)| outage)
    }

    fn ails(&self, refresh: bool, now: Tick) -> bool {
        let lasting = self.ailment.filter(|(_, until)| now < *until);
        lasting.is_some_and(|(ailing, _)| (ailing == Ailing::Refreshes) == refresh)
    }

    fn client_refused(&self, now: Tick) -> Option<ProblemKind> {
        let lasting = self.client_refused.filter(|(_, until)| now < *until);
        lasting.map(|(kind, _)| kind)
    }

    pub(crate) fn drops_revocation(&self, rng: &mut StdRng, now: Tick) -> bool {
        self.outage(now).is_some() || (self.stormy && rng.random_bool(0.1))
    }
}

impl World {
    fn vault_trouble(&mut self, until: Tick) {
        self.faults.vault_trouble = self.faults.vault_trouble.max(Some(until));
    }

    /// Locks the keychain.
    pub(crate) fn lock_vault(&mut self, time: Duration) {
        let until = self.now + time;
        self.faults.locked_until = self.faults.locked_until.max(Some(until));
        self.vault_trouble(until);
        self.note_locked(until);
    }

    /// Cuts the network.
    pub(crate) fn cut_network(&mut self, time: Duration) {
        self.begin_outage(Outage::NoNetwork, time);
    }

    fn begin_outage(&mut self, outage: Outage, time: Duration) {
        let until = self.now + time;
        self.note(|| format!("{outage:?} for {time:?}"));
        self.faults.outage = Some((outage, until));
        self.checks
            .obstacles
            .everyone(Cause::Weather, self.now, until);
    }

    /// The provider fails such requests for a while.
    pub(crate) fn fail_for(&mut self, ailing: Ailing, time: Duration) {
        self.note(|| format!("{ailing:?} fail for {time:?}"));
        self.faults.ailment = Some((ailing, self.now + time));
    }

    /// Sets the wall clock, without anybody noticing yet.
    pub(crate) fn set_clock(&mut self, by_millis: i64) {
        self.wall_offset += by_millis;
        self.report.clock_jumps += 1;
        self.checks.clock_set(self.now, self.keeper.is_none());
    }

    /// Begins the weather: storms of up to two hours, calms of up to one.
    pub(crate) fn begin_weather(&mut self) {
        self.faults.weather = true;
        self.after(Duration::ZERO, Happening::Fault(Fault::Storm));
    }

    /// Ends the weather for good, but for what ails: in some worlds the provider goes on failing one grant.
    pub(crate) fn end_weather(&mut self) -> Option<Ailing> {
        let ailments = [
            None,
            None,
            Some(Ailing::Refreshes),
            Some(Ailing::Assertions),
        ];
        let ailing = ailments[self.rng.random_range(0..ailments.len())];
        self.faults.profile = Profile::default();
        self.faults.weather = false;
        self.faults.outage = None;
        self.faults.ailment = ailing.map(|ailing| (ailing, Tick::from_millis(i64::MAX)));
        self.faults.locked_until = None;
        self.faults.client_refused = None;
        self.provider.assertions_refused = false;
        self.faults.stormy = false;
        self.checks.obstacles.end(self.now);
        ailing
    }

    pub(crate) fn strike(&mut self, fault: Fault) {
        self.note(|| format!("FAULT {fault:?}"));
        if !self.faults.weather && fault.is_weather() {
            return;
        }
        if !self.goes_on(fault) {
            return;
        }
        match fault {
            Fault::Storm => self.storm(),
            Fault::Calm => {
                self.faults.stormy = false;
                let rest = minutes(self.rng.random_range(10..60));
                self.after(rest, Happening::Fault(Fault::Storm));
            }
            Fault::Start => {
                if self.keeper.is_none() {
                    self.start();
                }
            }
            Fault::Kill => self.kill(),
            Fault::PowerCut => self.cut_power(),
            Fault::Quit => self.quit(),
            Fault::QuitBy { by } => self.quit_by(by),
            Fault::Outage => self.strike_provider(),
            Fault::NetworkBack => {
                if self.rng.random_bool(0.5) && !self.is_asleep() {
                    self.tell_all(|| Event::NetworkBack);
                }
            }
            Fault::LockVault => {
                let time = drawn_wait(minutes(15), &mut self.rng);
                self.lock_vault(time);
            }
            Fault::SetClock | Fault::ClockNoticed | Fault::Sleep | Fault::Wake => {
                self.strike_clock(fault);
            }
            Fault::EndSession | Fault::RivalRefresh | Fault::RivalSignsIn => {
                self.strike_session(fault);
            }
            Fault::RefuseAssertions => {
                let time = drawn_wait(minutes(20), &mut self.rng);
                self.provider.assertions_refused = true;
                self.after(time, Happening::Fault(Fault::AcceptAssertions));
            }
            Fault::AcceptAssertions => self.provider.assertions_refused = false,
            Fault::RefuseClient => {
                let until = self.now + drawn_wait(minutes(10), &mut self.rng);
                let kinds = [ProblemKind::InvalidClient, ProblemKind::AccountRefused];
                let kind = kinds[self.rng.random_range(0..kinds.len())];
                self.faults.client_refused = Some((kind, until));
            }
            Fault::Ailment => {
                let ailing = [Ailing::Refreshes, Ailing::Assertions][self.rng.random_range(0..2)];
                let time = drawn_wait(minutes(60), &mut self.rng);
                self.fail_for(ailing, time);
            }
            Fault::PersonSignsIn if self.is_asleep() => {}
            Fault::PersonSignsIn => {
                let account = self.rng.random_range(0..self.specs.len());
                self.sign_in(account);
            }
        }
    }

    /// Whether a fault takes place; what strikes by itself does so in storms only, again and again.
    fn goes_on(&mut self, fault: Fault) -> bool {
        let mut strikes = self.faults.profile.strikes.iter_mut();
        let Some(strike) = strikes.find(|strike| strike.fault == fault) else {
            return true;
        };
        strike.pending = self.faults.stormy;
        let every = strike.every;
        if self.faults.stormy {
            let wait = drawn_wait(every, &mut self.rng);
            self.after(wait, Happening::Fault(fault));
        }
        self.faults.stormy
    }

    fn storm(&mut self) {
        self.faults.stormy = true;
        for strike in 0..self.faults.profile.strikes.len() {
            let strike = &mut self.faults.profile.strikes[strike];
            let (fault, every) = (strike.fault, strike.every);
            if !std::mem::replace(&mut strike.pending, true) {
                let wait = drawn_wait(every, &mut self.rng);
                self.after(wait, Happening::Fault(fault));
            }
        }
        let time = minutes(self.rng.random_range(20..120));
        self.after(time, Happening::Fault(Fault::Calm));
    }

    fn kill(&mut self) {
        self.crash();
        let down = drawn_wait(minutes(1), &mut self.rng);
        self.after(down, Happening::Fault(Fault::Start));
    }

    /// Nobody can help it that what is said to be written is lost.
    fn cut_power(&mut self) {
        let unwritten = Duration::from_secs(self.rng.random_range(1..10));
        let lost = self.vault.lose_recent(unwritten, self.now);
        self.kill();
        for account in lost {
            self.writes_lost(account);
        }
    }

    /// The provider, or the way to it, is out of order.
    fn strike_provider(&mut self) {
        if self.faults.outage(self.now).is_some() {
            return;
        }
        let outages = [
            Outage::NoNetwork,
            Outage::NoNetwork,
            Outage::Portal,
            Outage::Failing,
            Outage::Throttling,
            Outage::Maintenance,
        ];
        let outage = outages[self.rng.random_range(0..outages.len())];
        let time = drawn_wait(minutes(25), &mut self.rng).min(minutes(300));
        self.begin_outage(outage, time);
        if outage == Outage::NoNetwork {
            self.after(time, Happening::Fault(Fault::NetworkBack));
        }
    }

    /// The wall clock is set, or the machine sleeps.
    fn strike_clock(&mut self, fault: Fault) {
        match fault {
            Fault::SetClock => {
                let spans = [60_000, 14_400_000, 14_400_000, 86_400_000];
                let by = spans[self.rng.random_range(0..spans.len())];
                let by = self.rng.random_range(-by..by);
                self.set_clock(by);
                let after = Duration::from_millis(self.rng.random_range(0..2_000));
                self.after(after, Happening::Fault(Fault::ClockNoticed));
            }
            Fault::ClockNoticed if self.is_asleep() => {
                let wake = self.asleep_until;
                self.at(wake, Happening::Fault(fault));
            }
            Fault::ClockNoticed => self.clock_noticed(),
            Fault::Sleep if !self.is_asleep() => {
                let time = drawn_wait(minutes(60), &mut self.rng);
                self.report.sleeps += 1;
                self.asleep_until = self.now + time;
                let woken = time + Duration::from_millis(self.rng.random_range(0..3_000));
                // Nothing is written while the machine sleeps.
                self.vault_trouble(self.now + time + minutes(1));
                self.checks
                    .obstacles
                    .everyone(Cause::Asleep, self.now, self.now + woken);
                self.after(woken, Happening::Fault(Fault::Wake));
            }
            Fault::Wake => self.tell_all(|| Event::Woke),
            _ => {}
        }
    }

    /// Others do something to the session of an account.
    fn strike_session(&mut self, fault: Fault) {
        let account = self.rng.random_range(0..self.specs.len());
        match fault {
            Fault::RivalSignsIn => {
                for _ in 0..self.rng.random_range(1..4) {
                    self.others_sign_in(account);
                }
            }
            fault => self.others_meddle(account, fault == Fault::RivalRefresh),
        }
    }

    fn quit(&mut self) {
        let Some(keeper) = &mut self.keeper else {
            return;
        };
        if std::mem::replace(&mut keeper.quitting, true) || self.is_asleep() {
            return;
        }
        self.tell_all(|| Event::Quit);
        let by = self.now + Duration::from_secs(10);
        self.after(Duration::ZERO, Happening::Fault(Fault::QuitBy { by }));
    }

    fn quit_by(&mut self, by: Tick) {
        if self.is_asleep() {
            let by = self.asleep_until + Duration::from_secs(10);
            let wake = self.asleep_until;
            return self.at(wake, Happening::Fault(Fault::QuitBy { by }));
        }
        let Some(keeper) = &self.keeper else { return };
        if !keeper.quitting {
            return;
        }
        let mut accounts = keeper.accounts.iter().flatten();
        let settled = accounts.all(|account| account.is_settled());
        if !settled && self.now < by {
            let after = Duration::from_millis(100);
            return self.after(after, Happening::Fault(Fault::QuitBy { by }));
        }
        self.kill();
    }
}
