//! Asks a keeper.

use std::process::ExitCode;

fn main() -> ExitCode {
    tokenkeep_cli::tokenkeep()
}
