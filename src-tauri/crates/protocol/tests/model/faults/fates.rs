//! What is in store for a request, or for a write to the vault.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use tokenkeep_oauth::ProblemKind;
use tokenkeep_protocol::account::Effect;

use super::super::network::{Fate, Then};
use super::super::world::World;
use super::{Outage, minutes};

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

impl World {
    pub(crate) fn crashes_before(&mut self, effect: &Effect) -> bool {
        if let Some(die) = self.faults.die_before
            && die(effect)
        {
            self.faults.die_before = None;
            return true;
        }
        self.crashes_now()
    }

    pub(crate) fn crashes_after(&mut self) -> bool {
        self.keeper.is_some() && self.crashes_now()
    }

    fn crashes_now(&mut self) -> bool {
        let chance = self.faults.profile.crash;
        self.faults.stormy && chance > 0 && self.rng.random_range(0..2000) < chance
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
            let written = self.rng.random_bool(0.3);
            SaveFate::Fails { after, written }
        } else if self.rng.random_bool(0.2) {
            // It hangs, and nothing is written in the end.
            let after = Duration::from_millis(self.rng.random_range(10_000..25_000));
            let written = false;
            SaveFate::Fails { after, written }
        } else {
            let after = Duration::from_millis(self.rng.random_range(500..25_000));
            SaveFate::Done { after }
        };
        self.vault_trouble(self.now + minutes(1));
        fate
    }

    pub(crate) fn draw_fate(&mut self, refresh: Option<bool>) -> Fate {
        if let Some(fate) = self.faults.fates.pop_front() {
            return fate;
        }
        if let Some(outage) = self.faults.outage(self.now) {
            return self.draw_outage_fate(outage);
        }
        let mut millis = || Duration::from_millis(self.rng.random_range(10..200));
        let (there, back) = (millis(), millis());
        let then = Then::Answered { after: back };
        let fate = Fate::Arrives { after: there, then };
        if let Some(kind) = self.faults.client_refused(self.now) {
            let then = Then::ClientRefused(kind);
            return Fate::Arrives { after: there, then };
        }
        if refresh.is_some_and(|refresh| self.faults.ails(refresh, self.now)) {
            let then = Then::Spoilt {
                carried_out: self.rng.random_bool(0.3),
                kind: ProblemKind::ServerError,
            };
            return Fate::Arrives { after: there, then };
        }
        if !self.faults.stormy {
            return fate;
        }
        let slow = self.rng.random_range(0..100) < self.faults.profile.slow;
        match self.draw_storm_fate(there, back) {
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

    /// While the way to the provider is out of order, or the provider itself.
    fn draw_outage_fate(&mut self, outage: Outage) -> Fate {
        let rng = &mut self.rng;
        let mut millis = |to: u64| Duration::from_millis(rng.random_range(10..to));
        let (there, after) = (millis(200), millis(5_000));
        let retry_after = Duration::from_secs(rng.random_range(10..600));
        let then = match outage {
            Outage::NoNetwork if rng.random_bool(0.8) => return Fate::NotSent { after },
            Outage::NoNetwork => {
                let after = Duration::from_secs(30);
                return Fate::Lost { after };
            }
            Outage::Portal => {
                let kinds = [ProblemKind::NotJson, ProblemKind::Redirected];
                let kind = kinds[rng.random_range(0..kinds.len())];
                return Fate::Intercepted { after, kind };
            }
            Outage::Failing => Then::Spoilt {
                carried_out: rng.random_bool(0.3),
                kind: ProblemKind::ServerError,
            },
            Outage::Throttling => Then::Throttled {
                retry_after,
                maintenance: false,
            },
            Outage::Maintenance => unavailable(rng),
        };
        Fate::Arrives { after: there, then }
    }

    fn draw_storm_fate(&mut self, there: Duration, back: Duration) -> Fate {
        let rng = &mut self.rng;
        let profile = &self.faults.profile;
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
                ProblemKind::DuplicateRequest,
            ];
            let kind = kinds[rng.random_range(0..kinds.len())];
            let carried_out = rng.random_bool(0.5);
            Then::Spoilt { carried_out, kind }
        } else if falls(profile.throttled) {
            if rng.random_bool(0.3) {
                unavailable(rng)
            } else {
                Then::Throttled {
                    retry_after: Duration::from_secs(rng.random_range(1..300)),
                    maintenance: false,
                }
            }
        } else {
            Then::Answered { after: back }
        };
        Fate::Arrives { after: there, then }
    }
}

/// The provider is out of service, or a gateway before it says so.
fn unavailable(rng: &mut StdRng) -> Then {
    let retry_after = Duration::from_secs(rng.random_range(1..600));
    if rng.random_bool(0.3) {
        return Then::Throttled {
            retry_after,
            maintenance: true,
        };
    }
    Then::Unavailable {
        carried_out: rng.random_bool(0.5),
        retry_after: rng.random_bool(0.5).then_some(retry_after),
    }
}
