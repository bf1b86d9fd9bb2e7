//! `cargo xtask simulate`: the keeper's simulation, for longer than the tests run it.

mod breakages;
mod tree;

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::command::{line, run};
use crate::workspace::cargo;
pub(crate) use breakages::run_all as run_breakages;

/// Where the simulation is.
const PACKAGE: &str = "tokenkeep-protocol";
const TEST_FILE: &str = "simulation";
/// The test that runs it.
const TEST: &str = "every_invariant_holds_at_every_step_of_every_seed";

/// How much is simulated.
#[derive(Args)]
pub(crate) struct Extent {
    /// How many seeds
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// How many accounts each keeper has; up to four, drawn from the seed, if not said
    #[arg(long)]
    accounts: Option<u64>,
    /// For how many days each is kept; up to thirty hours, drawn from the seed, if not said
    #[arg(long)]
    days: Option<u64>,
}

/// Runs the simulation and prints its report, or the first failure with its last steps.
pub(crate) fn simulate(extent: &Extent) -> Result<()> {
    let mut test = cargo();
    test.args(["test", "--package", PACKAGE, "--test", TEST_FILE, "--"]);
    test.args([TEST, "--nocapture"]);
    set_extent(&mut test, extent);
    println!("$ {}", line(&test));
    run(&mut test)
}

fn set_extent(test: &mut Command, extent: &Extent) {
    let numbers = [
        ("TOKENKEEP_SEEDS", Some(extent.seeds)),
        ("TOKENKEEP_FIRST_SEED", Some(extent.first)),
        ("TOKENKEEP_ACCOUNTS", extent.accounts),
        ("TOKENKEEP_DAYS", extent.days),
    ];
    for (variable, number) in numbers {
        match number {
            Some(number) => test.env(variable, number.to_string()),
            None => test.env_remove(variable),
        };
    }
}
