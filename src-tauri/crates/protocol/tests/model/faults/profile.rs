//! How often things go wrong in the storms of a seed.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;

use super::Fault;

/// How often things go wrong in a storm; all zero is a world in which nothing does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    /// Chances of a request, in a hundred.
    pub(super) not_sent: u32,
    pub(super) lost: u32,
    pub(super) answer_lost: u32,
    pub(super) late: u32,
    pub(super) spoilt: u32,
    pub(super) throttled: u32,
    pub(super) slow: u32,
    /// Chances of a write to the vault, in a hundred.
    pub(super) save_fails: u32,
    pub(super) save_slow: u32,
    /// Chances of a crash before and after an effect, in a thousand.
    pub(super) crash: u32,
    pub(super) strikes: Vec<Strike>,
}

/// A fault that strikes by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strike {
    pub(super) fault: Fault,
    /// About so often.
    pub(super) every: Duration,
    /// Whether it is under way already.
    pub(super) pending: bool,
}

/// What strikes by itself, and about every how many minutes.
const STRIKES: [(Fault, u64); 14] = [
    (Fault::Kill, 20),
    (Fault::PowerCut, 240),
    (Fault::Quit, 90),
    (Fault::Outage, 60),
    (Fault::LockVault, 60),
    (Fault::SetClock, 45),
    (Fault::Sleep, 60),
    (Fault::EndSession, 120),
    (Fault::RivalRefresh, 150),
    (Fault::RivalSignsIn, 60),
    (Fault::RefuseAssertions, 200),
    (Fault::RefuseClient, 240),
    (Fault::Ailment, 120),
    (Fault::PersonSignsIn, 90),
];

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
        for (fault, minutes) in STRIKES {
            if rng.random_bool(0.35) {
                profile.strikes.push(Strike {
                    fault,
                    every: Duration::from_secs(minutes * 60),
                    pending: false,
                });
            }
        }
        profile
    }
}
