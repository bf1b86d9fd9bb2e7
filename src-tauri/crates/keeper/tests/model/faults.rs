//! What goes wrong, drawn from the seed, or written down by a test.
//!
//! Storms and calms alternate. A seed's storms have only some kinds of fault (drawn once), so that
//! rare combinations are not drowned by common ones.

use std::collections::VecDeque;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, RngExt as _};
use tokenkeep_keeper::account::{Effect, Event};
use tokenkeep_keeper::clock::Tick;
use tokenkeep_oauth::ProblemKind;

use super::network::{Fate, Then};
use super::provider::By;
use super::world::{Happening, World};

/// What is in store for one write to the vault.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SaveFate {
    Done {
        after: Duration,
    },
    /// It is reported as failed, and may have taken place all the same.
    Fails {
        after: Duration,
        written: bool,
    },
}

/// A fault, or its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The keeper starts (again).
    Start,
    /// The keeper is killed.
    Kill,
    /// The keeper is asked to end, which it does within ten seconds.
    Quit,
    /// Whether the ending keeper is done, asked until `by`.
    QuitBy {
        by: Tick,
    },
    Storm,
    Calm,
    /// No network, for minutes to hours.
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
    /// The provider refuses assertions for a while.
    RefuseAssertions,
    AcceptAssertions,
    /// The provider refuses the client for a while.
    RefuseClient,
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

/// How often things go wrong in a storm; all zero is a world in which nothing does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    /// Chances of a request, in a hundred.
    not_sent: u32,
    lost: u32,
    answer_lost: u32,
    late: u32,
    spoilt: u32,
    throttled: u32,
    slow: u32,
    /// Chances of a write to the vault, in a hundred.
    save_fails: u32,
    save_slow: u32,
    /// Chances of a crash before an effect, in a thousand.
    crash: u32,
    /// Faults that strike about so often.
    strikes: Vec<(Fault, Duration)>,
}

/// The state of what goes wrong.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) profile: Profile,
    weather: bool,
    stormy: bool,
    outage_until: Option<Tick>,
    locked_until: Option<Tick>,
    client_refused_until: Option<Tick>,
    /// When something last was not as it should be.
    pub(crate) trouble: Option<Tick>,
    /// When the vault last was not.
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

impl Profile {
    /// What the storms of a seed are like.
    pub(crate) fn drawn(rng: &mut StdRng) -> Self {
        let chance = |most: u32, rng: &mut StdRng| {
            if rng.random_bool(0.5) {
                rng.random_range(1..=most)
            } else {
                0
            }
        };
        let mut profile = Self {
            not_sent: chance(20, rng),
            lost: chance(15, rng),
            answer_lost: chance(30, rng),
            late: chance(10, rng),
            spoilt: chance(15, rng),
            throttled: chance(10, rng),
            slow: chance(50, rng),
            save_fails: chance(40, rng),
            save_slow: chance(20, rng),
            crash: chance(25, rng),
            strikes: Vec::new(),
        };
        let often = [
            (Fault::Kill, 20),
            (Fault::Quit, 90),
            (Fault::Outage, 60),
            (Fault::LockVault, 60),
            (Fault::SetClock, 45),
            (Fault::Sleep, 60),
            (Fault::EndSession, 120),
            (Fault::RivalRefresh, 150),
            (Fault::RefuseAssertions, 200),
            (Fault::RefuseClient, 240),
        ];
        for (fault, every) in often {
            if rng.random_bool(0.4) {
                profile.strikes.push((fault, minutes(every)));
            }
        }
        profile
    }
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

    pub(crate) fn is_outage(&self, now: Tick) -> bool {
        self.outage_until.is_some_and(|until| now < until)
    }

    pub(crate) fn drops_revocation(&self, rng: &mut StdRng, now: Tick) -> bool {
        self.is_outage(now) || (self.stormy && rng.random_bool(0.1))
    }

    /// Whether all has been well since `tick`.
    pub(crate) fn well_since(&self, tick: Tick, now: Tick) -> bool {
        let over = |until: Option<Tick>| until.is_none_or(|until| until <= tick);
        let periods = [
            self.outage_until,
            self.locked_until,
            self.client_refused_until,
            self.trouble,
        ];
        !(self.is_outage(now) || self.is_locked(now)) && periods.into_iter().all(over)
    }
}

impl World {
    /// Something is not as it should be, until `until`.
    pub(crate) fn trouble(&mut self, until: Tick) {
        self.faults.trouble = self.faults.trouble.max(Some(until));
    }

    fn vault_trouble(&mut self, until: Tick) {
        self.faults.vault_trouble = self.faults.vault_trouble.max(Some(until));
        self.trouble(until);
    }

    /// Locks the keychain.
    pub(crate) fn lock_vault(&mut self, time: Duration) {
        let until = self.now + time;
        self.faults.locked_until = Some(until);
        self.vault_trouble(until);
    }

    /// Cuts the network.
    pub(crate) fn cut_network(&mut self, time: Duration) {
        let until = self.now + time;
        self.faults.outage_until = Some(until);
        self.trouble(until);
    }

    /// Sets the wall clock, without anybody noticing yet.
    pub(crate) fn set_clock(&mut self, by_millis: i64) {
        self.wall_offset += by_millis;
        self.report.clock_jumps += 1;
        self.checks.clock_set(self.now, self.keeper.is_none());
    }

    pub(crate) fn crashes_before(&mut self, effect: &Effect) -> bool {
        if let Some(die) = self.faults.die_before
            && die(effect)
        {
            self.faults.die_before = None;
            return true;
        }
        let chance = self.faults.profile.crash;
        self.faults.stormy && chance > 0 && self.rng.random_range(0..1000) < chance
    }

    pub(crate) fn draw_save_fate(&mut self) -> SaveFate {
        if let Some(fate) = self.faults.saves.pop_front() {
            return fate;
        }
        let after = Duration::from_millis(self.rng.random_range(1..60));
        if self.faults.is_locked(self.now) {
            return SaveFate::Fails {
                after,
                written: false,
            };
        }
        let profile = &self.faults.profile;
        let dice = self.rng.random_range(0..100);
        if !self.faults.stormy || dice >= profile.save_fails + profile.save_slow {
            return SaveFate::Done { after };
        }
        let fate = if dice < profile.save_fails {
            SaveFate::Fails {
                after,
                written: self.rng.random_bool(0.3),
            }
        } else {
            let after = Duration::from_millis(self.rng.random_range(500..25_000));
            SaveFate::Done { after }
        };
        self.vault_trouble(self.now + minutes(1));
        fate
    }

    pub(crate) fn draw_fate(&mut self) -> Fate {
        if let Some(fate) = self.faults.fates.pop_front() {
            return fate;
        }
        let rng = &mut self.rng;
        let mut millis = |from: u64, to: u64| Duration::from_millis(rng.random_range(from..to));
        if self.faults.is_outage(self.now) {
            let after = millis(1, 5_000);
            return if self.rng.random_bool(0.8) {
                Fate::NotSent { after }
            } else {
                Fate::Lost {
                    after: Duration::from_secs(30),
                }
            };
        }
        let (there, back) = (millis(10, 200), millis(10, 200));
        let then = Then::Answered { after: back };
        if self
            .faults
            .client_refused_until
            .is_some_and(|until| self.now < until)
        {
            let then = Then::ClientRefused;
            return Fate::Arrives { after: there, then };
        }
        if !self.faults.stormy {
            return Fate::Arrives { after: there, then };
        }
        let slow = self.rng.random_range(0..100) < self.faults.profile.slow;
        let fate = self.draw_storm_fate(there, back);
        let usual = |after: &Duration| *after < Duration::from_secs(1);
        let fine =
            matches!(&fate, Fate::Arrives { after, then: Then::Answered { .. } } if usual(after));
        if slow || !fine {
            self.trouble(self.now + minutes(3));
        }
        match fate {
            Fate::Arrives {
                after,
                then: Then::Answered { .. },
            } if slow => {
                let mut more = || Duration::from_millis(self.rng.random_range(0..18_000));
                let (there, back) = (after + more(), back + more());
                let then = Then::Answered { after: back };
                Fate::Arrives { after: there, then }
            }
            fate => fate,
        }
    }

    fn draw_storm_fate(&mut self, there: Duration, back: Duration) -> Fate {
        let rng = &mut self.rng;
        let profile = self.faults.profile.clone();
        let mut dice = rng.random_range(0..100);
        // The chances lie side by side; the first that the dice fall into strikes.
        let mut falls = |chance: u32| {
            let hit = dice < chance;
            dice = if hit { u32::MAX } else { dice - chance };
            hit
        };
        let after = Duration::from_millis(rng.random_range(1..30_000));
        if falls(profile.not_sent) {
            return Fate::NotSent { after };
        }
        if falls(profile.lost) {
            return Fate::Lost { after };
        }
        if falls(profile.late) {
            let after = Duration::from_millis(rng.random_range(30_000..120_000));
            let then = Then::Answered { after: back };
            return Fate::Arrives { after, then };
        }
        let then = if falls(profile.answer_lost) {
            Then::AnswerLost { after }
        } else if falls(profile.spoilt) {
            let kinds = [
                ProblemKind::ServerError,
                ProblemKind::NotJson,
                ProblemKind::EmptyBody,
                ProblemKind::Malformed,
            ];
            let kind = kinds[rng.random_range(0..kinds.len())];
            let carried_out = rng.random_bool(0.5);
            Then::Spoilt { carried_out, kind }
        } else if falls(profile.throttled) {
            let retry_after = Duration::from_secs(rng.random_range(1..300));
            Then::Throttled { retry_after }
        } else {
            Then::Answered { after: back }
        };
        Fate::Arrives { after: there, then }
    }

    /// Begins the weather: storms of up to two hours, calms of up to one.
    pub(crate) fn begin_weather(&mut self) {
        self.faults.weather = true;
        self.after(Duration::ZERO, Happening::Fault(Fault::Storm));
    }

    /// Ends the weather for good.
    pub(crate) fn end_weather(&mut self) {
        self.faults.profile = Profile::default();
        self.faults.weather = false;
        self.faults.outage_until = None;
        self.faults.locked_until = None;
        self.faults.client_refused_until = None;
        self.provider.assertions_refused = false;
        self.faults.stormy = false;
        self.trouble(self.now);
    }

    pub(crate) fn strike(&mut self, fault: Fault) {
        self.note(|| format!("FAULT {fault:?}"));
        let now = self.now;
        if !self.faults.weather && fault.is_weather() {
            return;
        }
        let again = self
            .faults
            .profile
            .strikes
            .iter()
            .find(|(f, _)| *f == fault);
        if let Some((_, every)) = again {
            if !self.faults.stormy {
                return;
            }
            let wait = drawn_wait(*every, &mut self.rng);
            self.after(wait, Happening::Fault(fault));
        }
        match fault {
            Fault::Storm => self.storm(),
            Fault::Calm => {
                self.faults.stormy = false;
                self.trouble(now);
                let rest = minutes(self.rng.random_range(10..60));
                self.after(rest, Happening::Fault(Fault::Storm));
            }
            Fault::Start => {
                self.trouble(now);
                if self.keeper.is_none() {
                    self.start();
                }
            }
            Fault::Kill => {
                self.crash();
                let mean = minutes(1);
                let down = drawn_wait(mean, &mut self.rng);
                self.trouble(now + down);
                self.after(down, Happening::Fault(Fault::Start));
            }
            Fault::Quit => self.quit(),
            Fault::QuitBy { by } => self.quit_by(by),
            Fault::Outage => {
                let time = drawn_wait(minutes(25), &mut self.rng).min(minutes(300));
                self.cut_network(time);
                self.after(time, Happening::Fault(Fault::NetworkBack));
            }
            Fault::NetworkBack => {
                if self.rng.random_bool(0.5) && !self.is_asleep() {
                    self.tell_all(|| Event::NetworkBack);
                }
            }
            Fault::LockVault => {
                let time = drawn_wait(minutes(15), &mut self.rng);
                self.lock_vault(time);
            }
            Fault::SetClock => {
                let by = if self.rng.random_bool(0.5) {
                    60_000
                } else {
                    14_400_000
                };
                let by = self.rng.random_range(-by..by);
                self.set_clock(by);
                let after = Duration::from_millis(self.rng.random_range(0..2_000));
                self.trouble(now + after);
                self.after(after, Happening::Fault(Fault::ClockNoticed));
            }
            Fault::ClockNoticed => {
                if self.is_asleep() {
                    let wake = self.asleep_until;
                    self.at(wake, Happening::Fault(fault));
                } else {
                    self.clock_noticed();
                }
            }
            Fault::Sleep if self.is_asleep() => {}
            Fault::Sleep => {
                let time = drawn_wait(minutes(60), &mut self.rng);
                self.report.sleeps += 1;
                self.asleep_until = now + time;
                let after = Duration::from_millis(self.rng.random_range(0..3_000));
                // Nothing is written while the machine sleeps.
                self.vault_trouble(now + time + minutes(1));
                self.after(time + after, Happening::Fault(Fault::Wake));
            }
            Fault::Wake => self.tell_all(|| Event::Woke),
            Fault::EndSession | Fault::RivalRefresh => {
                let account = self.rng.random_range(0..self.specs.len());
                self.trouble(now);
                self.others_meddle(account, fault == Fault::RivalRefresh);
            }
            Fault::RefuseAssertions => {
                let time = drawn_wait(minutes(20), &mut self.rng);
                self.trouble(now + time);
                self.provider.assertions_refused = true;
                self.after(time, Happening::Fault(Fault::AcceptAssertions));
            }
            Fault::AcceptAssertions => self.provider.assertions_refused = false,
            Fault::RefuseClient => {
                let until = now + drawn_wait(minutes(10), &mut self.rng);
                self.trouble(until);
                self.faults.client_refused_until = Some(until);
            }
        }
    }

    fn storm(&mut self) {
        self.faults.stormy = true;
        for (fault, every) in self.faults.profile.strikes.clone() {
            let wait = drawn_wait(every, &mut self.rng);
            self.after(wait, Happening::Fault(fault));
        }
        let time = minutes(self.rng.random_range(20..120));
        self.after(time, Happening::Fault(Fault::Calm));
    }

    /// Someone else does something to the session of the account's newest token.
    pub(crate) fn others_meddle(&mut self, account: usize, renew: bool) {
        let Some(access) = self.vault.item(account).and_then(|item| item.access()) else {
            return;
        };
        let access = access.to_owned();
        self.report.ended_by_others += 1;
        if renew {
            self.provider.refreshed_by_others(&access, self.now);
        } else if let Some(session) = self.provider.access(&access).map(|a| a.session) {
            self.provider.end(session, By::Others, self.now);
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
        self.trouble(by);
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
        let settled = keeper
            .accounts
            .iter()
            .flatten()
            .all(|account| account.is_settled());
        if !settled && self.now < by {
            let after = Duration::from_millis(100);
            return self.after(after, Happening::Fault(Fault::QuitBy { by }));
        }
        self.crash();
        let down = drawn_wait(minutes(1), &mut self.rng);
        self.trouble(self.now + down);
        self.after(down, Happening::Fault(Fault::Start));
    }
}
