//! Tokenkeep's chores, `cargo xtask try` and `cargo xtask test` before all. Each
//! first installs what the machine lacks.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore talks to the person who started it"
)]

mod bench;
mod checks;
mod command;
mod icons;
mod page;
#[cfg(test)]
mod papers;
mod screenshots;
mod setup;
mod simulation;
mod trial;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tokenkeep's chores.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Chores {
    #[command(subcommand)]
    chore: Option<Chore>,
}

#[derive(Subcommand)]
enum Chore {
    /// Opens the tray with an account to practise with; without a display, shows the main job in a minute
    Try,
    /// Installs what is missing and checks everything
    Test {
        /// Run only the Rust tests whose names contain this, and no other check
        filter: Option<String>,
    },
    /// Checks types and lints of everything for Windows and macOS
    CheckPlatforms,
    /// Simulates the keeper for as long as you like, and prints how often its readers were served
    Simulate {
        #[command(flatten)]
        extent: simulation::Extent,
    },
    /// Breaks the keeper on purpose, in one way after another, and sees whether the simulation finds it
    Breakages {
        /// Only the breakages whose names contain this
        filter: Option<String>,
        /// Within how many seeds each has to be found
        #[arg(long, default_value_t = 300)]
        seeds: u64,
    },
    /// Measures how fast Tokenkeep is and what it costs, against its goals
    Bench {
        /// Only these parts
        #[arg(value_enum)]
        what: Vec<bench::BenchPart>,
        /// Measure less, to try it
        #[arg(long)]
        quick: bool,
    },
    /// Takes the README's pictures again, of the application as it is
    Screenshots {
        /// Where to; the README's own folder if not said
        folder: Option<PathBuf>,
    },
    /// Draws the icons' PNG files again, from the SVG files beside them
    Icons,
}

fn main() -> ExitCode {
    let done = match Chores::parse().chore {
        Some(Chore::Try) => trial::run(),
        Some(Chore::Test { filter }) => checks::run(filter.as_deref()),
        Some(Chore::CheckPlatforms) => checks::check_platforms(),
        Some(Chore::Simulate { extent }) => simulation::simulate(&extent),
        Some(Chore::Breakages { filter, seeds }) => {
            simulation::run_breakages(filter.as_deref(), seeds)
        }
        Some(Chore::Bench { what, quick }) => bench::measure(&what, quick),
        Some(Chore::Screenshots { folder }) => screenshots::take(folder.as_deref()),
        Some(Chore::Icons) => icons::draw_all(),
        None => print_chores(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn print_chores() -> anyhow::Result<()> {
    use clap::CommandFactory;
    Chores::command().print_help()?;
    Ok(())
}
