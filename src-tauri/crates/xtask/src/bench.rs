//! `cargo xtask bench`: how fast Tokenkeep is and what it costs, against its goals.
//!
//! BenchPart measures is a program among the tests, because it drives the real processes that they drive; and it is built for
//! release, because it asks for tokens as fast as a keeper answers.

use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::command::{line, run};
use crate::setup;
use crate::workspace::{self, cargo};

/// BenchPart measures.
const PROGRAM: &str = "bench";
/// Where the figures are written to, in the build directory.
const FILE: &str = "bench.json";

/// A part of the figures, by the word for it.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchPart {
    /// `tokenkeep get` as a whole process, beside `/bin/true` and `oidc-token`
    Get,
    /// Tokens over the socket
    Socket,
    /// Leases and waiting readers on one account
    Leases,
    /// A fleet of simulated accounts
    Fleet,
    /// Thousands of real accounts with short-lived tokens
    Live,
    /// A keeper that is left alone
    Idle,
}

/// Measures these parts, or all of them; prints a table, and writes `bench.json`.
pub(crate) fn measure(parts: &[BenchPart], quick: bool) -> Result<()> {
    setup::for_bench()?;
    // Each alone: built together, either would get what only the other needs.
    build(&["--package", "tokenkeep-cli", "--bins"])?;
    build(&["--package", "tokenkeep-tests", "--bin", PROGRAM])?;
    let file = workspace::target()?.join(FILE);
    let mut bench = Command::new(workspace::released_binary(PROGRAM)?);
    bench.arg(&file).args(quick.then_some("--quick"));
    for part in parts.iter().filter_map(ValueEnum::to_possible_value) {
        bench.arg(part.get_name());
    }
    bench.env("TOKENKEEP_BINARY", workspace::released_binary("tokenkeep")?);
    println!("$ {}", line(&bench));
    run(&mut bench)?;
    println!("For programs: {}", file.display());
    Ok(())
}

fn build(what: &[&str]) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--release"]).args(what);
    println!("$ {}", line(&build));
    run(&mut build)
}
