//! The command `tokenkeep`: the keeper without a window, and the way to ask one.
//!
//! It is two programs, because how long a program takes to start depends on how much is in it. `tokenkeep` asks, and is
//! small. `tokenkeepd` is what runs for long, the keeper and the practice provider, with all that they stand on (TLS,
//! SQLite, the keychain); `tokenkeep serve` and `tokenkeep practice` become it.

mod arguments;
mod client;
mod closed_output;
mod commands;
mod durations;
mod failure;
mod harmless;
mod output;
mod quick;
#[cfg(test)]
mod readme;
mod runtime;
mod secrets;
mod style;
mod table;

use std::env;
use std::process::ExitCode;

use clap::Parser as _;
use tokenkeep_keeper::core_dumps;

use arguments::Tokenkeepd;
use commands::Command;
use failure::Failure;

/// The program `tokenkeep`.
#[must_use]
pub fn tokenkeep() -> ExitCode {
    core_dumps::forbid();
    end(match quick::read(env::args_os()) {
        Command::Client(command) => command.run(),
        Command::Daemon(_) => Err(quick::take_over()),
    })
}

/// The program `tokenkeepd`.
#[must_use]
pub fn tokenkeepd() -> ExitCode {
    core_dumps::forbid();
    let done = Tokenkeepd::parse().command.run();
    end(done.map(|()| ExitCode::SUCCESS))
}

/// Says what went wrong, and which exit code says so.
fn end(done: Result<ExitCode, Failure>) -> ExitCode {
    match done {
        Ok(code) => code,
        // The reader of our output has gone (`| head`).
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            output::error(&failure);
            failure.exit_code()
        }
    }
}
