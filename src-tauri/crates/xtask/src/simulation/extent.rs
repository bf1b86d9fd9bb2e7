//! Which test simulates the keeper, and how much of it.

use std::process::Command;

use clap::Args;

/// Where the simulation is.
pub(super) const PACKAGE: &str = "tokenkeep-protocol";
pub(super) const TEST_FILE: &str = "simulation";
/// The test that runs it.
pub(super) const TEST: &str = "every_invariant_holds_at_every_step_of_every_seed";

/// How much is simulated.
#[derive(Args)]
pub(crate) struct Extent {
    /// How many seeds
    #[arg(long, default_value_t = 1000)]
    pub(super) seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 0)]
    pub(super) first: u64,
    /// How many accounts each keeper has; up to four, drawn from the seed, if not said
    #[arg(long)]
    pub(super) accounts: Option<u64>,
    /// For how many days each is kept; up to thirty hours, drawn from the seed, if not said
    #[arg(long)]
    pub(super) days: Option<u64>,
}

/// Tells the test how much to simulate.
pub(super) fn set_extent(test: &mut Command, extent: &Extent) {
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
