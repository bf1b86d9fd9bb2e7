//! The command `tokenkeep`: the keeper without a window, and the way to ask one.
//!
//! It is two programs, because how long a program takes to start depends on how much is in it. `tokenkeep` asks, and is
//! small. `tokenkeepd` is what runs for long, the keeper and the practice provider, with all that they stand on (TLS,
//! SQLite, the keychain); `tokenkeep serve` and `tokenkeep practice` become it.

mod arguments;
mod commands;
mod daemon;
mod durations;
mod failure;
mod output;
#[cfg(test)]
mod readme;
mod runtime;
mod secrets;
mod table;

use std::env;
use std::process::ExitCode;

use clap::Parser;

use commands::Command;
use daemon::Tokenkeepd;
use failure::Failure;

/// Keeps OAuth access tokens fresh, and hands a fresh one to whoever asks on this machine.
///
/// A keeper (`tokenkeep serve`, or the Tokenkeep application) signs in, renews tokens before they die and keeps them in
/// the keychain. All other commands ask it.
#[derive(Parser)]
#[command(
    name = "tokenkeep",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = "Exit codes:
  0  done
  2  wrong usage
  3  no such account, or no such lease
  4  a person must sign in
  5  no valid token to be had now
  6  no keeper is running
  1  anything else
Once its command runs, `exec` has that command's code: see its --help.

Environment:
  TOKENKEEP_HOME  a folder that holds configuration, journal and socket together
  TOKENKEEP_LOG   how much `serve` says: error, warn, info, debug or trace
  NO_COLOR        when set, no colours

First steps, without an account anywhere:
  tokenkeep practice > practice.env &
  tokenkeep serve &
  tokenkeep add work --env-file practice.env
  tokenkeep get work"
)]
struct Tokenkeep {
    #[command(subcommand)]
    command: Command,
}

/// The program `tokenkeep`.
#[must_use]
pub fn tokenkeep() -> ExitCode {
    end(arguments::read(env::args_os()).run())
}

/// The program `tokenkeepd`.
#[must_use]
pub fn tokenkeepd() -> ExitCode {
    end(Tokenkeepd::parse().run().map(|()| ExitCode::SUCCESS))
}

/// Says what went wrong, and which exit code says so.
fn end(done: Result<ExitCode, Failure>) -> ExitCode {
    match done {
        Ok(code) => code,
        // Whoever read our output has had enough of it (`| head`).
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            output::error(&failure);
            failure.exit_code()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_fit_together() {
        super::Tokenkeep::command().debug_assert();
        super::Tokenkeepd::command().debug_assert();
    }
}
