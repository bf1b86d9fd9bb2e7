//! Tokenkeep's chores: `cargo xtask test` and `cargo xtask try`, each of which
//! first installs what the machine lacks.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore talks to the person who started it"
)]

mod checks;
mod command;
mod icons;
mod setup;
mod trial;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tokenkeep's chores.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    chore: Option<Chore>,
}

#[derive(Subcommand)]
enum Chore {
    /// Shows the main job in a minute, against a provider to practise with
    Try,
    /// Installs what is missing and checks everything
    Test {
        /// Run only the tests whose names contain this, and no other check
        filter: Option<String>,
    },
    /// Draws the icons' PNG files anew, from the SVG files beside them
    Icons,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Some(Chore::Try) => trial::run(),
        Some(Chore::Test { filter }) => checks::run(filter.as_deref()),
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
    Arguments::command().print_help()?;
    Ok(())
}
