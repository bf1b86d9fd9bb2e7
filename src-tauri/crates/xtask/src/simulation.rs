//! `cargo xtask simulate`: the keeper's simulation, for longer than the tests run it.

mod breakages;
mod extent;
mod tree;

use anyhow::Result;

use crate::command::{line, run};
use crate::workspace::cargo;
pub(crate) use breakages::run_all as run_breakages;
pub(crate) use extent::Extent;
use extent::{PACKAGE, TEST, TEST_FILE, set_extent};

/// Runs the simulation and prints its report, or the first failure with its last steps.
pub(crate) fn simulate(extent: &Extent) -> Result<()> {
    let mut test = cargo();
    test.args(["test", "--package", PACKAGE, "--test", TEST_FILE, "--"]);
    test.args([TEST, "--nocapture"]);
    set_extent(&mut test, extent);
    println!("$ {}", line(&test));
    run(&mut test)
}
