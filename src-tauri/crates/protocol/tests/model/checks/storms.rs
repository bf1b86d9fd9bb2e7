//! Invariant 7: no storms. Neither many requests nor many steps, however short-lived a token is. The
//! quota has a file of its own.

use std::collections::VecDeque;
use std::time::Duration;

use tokenkeep_protocol::account::{NotServed, Want, longest_validity};
use tokenkeep_protocol::clock::Tick;

use super::super::world::World;
use super::{Invariant, service};

/// An attempt every five seconds at the most, and what persons ask for.
const MOST_IN_AN_HOUR: usize = 800;

const MOST_STEPS_IN_A_SECOND: u32 = 300;

#[derive(Debug, Default)]
pub(super) struct Storms {
    sends: VecDeque<Tick>,
    steps: (i64, u32),
}

impl World {
    /// A request goes out, with or without a quota.
    pub(super) fn check_frequency(&mut self, account: usize) {
        let now = self.now;
        let sends = &mut self.checks.accounts[account].storms.sends;
        sends.push_back(now);
        let hour = Duration::from_secs(3600);
        while sends.front().is_some_and(|at| now.since(*at) > hour) {
            sends.pop_front();
        }
        if sends.len() > MOST_IN_AN_HOUR {
            let what = format!("more than {MOST_IN_AN_HOUR} requests in an hour");
            self.wrong(Invariant::NoStorms, account, what);
        }
    }

    /// The account took a step, and wants to be woken at `wake`.
    pub(crate) fn check_step(&mut self, account: usize, wake: Option<Tick>) {
        if wake.is_some_and(|at| at <= self.now) {
            let what = "a wake-up that does not lie ahead";
            return self.wrong(Invariant::NoStorms, account, what);
        }
        let second = self.now.as_millis() / 1000;
        let steps = &mut self.checks.accounts[account].storms.steps;
        let before = if steps.0 == second { steps.1 } else { 0 };
        *steps = (second, before + 1);
        if steps.1 > MOST_STEPS_IN_A_SECOND {
            let what = format!("more than {MOST_STEPS_IN_A_SECOND} steps in a second");
            self.wrong(Invariant::NoStorms, account, what);
        }
    }

    /// What tokens of this life cannot give is refused, and nothing else for that reason.
    pub(super) fn check_too_long(&mut self, account: usize, want: &Want, refusal: &NotServed) {
        if let NotServed::TooLong { lifetime, longest } = refusal {
            let possible = service::validity_asked(want) <= *longest;
            if possible || *longest != longest_validity(*lifetime) {
                let what = "a validity was refused that can be had";
                self.wrong(Invariant::NoStorms, account, what);
            }
        }
    }
}
