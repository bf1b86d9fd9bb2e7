//! What the two programs are started with.

use clap::Parser;

use crate::commands::{Command, DaemonCommand};

/// Keeps OAuth access tokens fresh, and gives them to programs on this machine.
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
  5  no valid token right now
  6  no keeper is running, or it does not listen
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
pub(crate) struct Tokenkeep {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Runs the keeper, or the practice provider. There is no need to start this by hand: `tokenkeep serve` and `tokenkeep
/// practice` become it.
#[derive(Parser)]
#[command(
    name = "tokenkeepd",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
pub(crate) struct Tokenkeepd {
    #[command(subcommand)]
    pub(crate) command: DaemonCommand,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Tokenkeep::command().debug_assert();
        Tokenkeepd::command().debug_assert();
    }
}
