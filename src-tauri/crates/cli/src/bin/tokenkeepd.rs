//! Is the keeper, or the practice provider.

use std::process::ExitCode;

fn main() -> ExitCode {
    tokenkeep_cli::tokenkeepd()
}
