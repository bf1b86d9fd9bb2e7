//! The binary `tokenkeep`, run in a home of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::process::Background;
use crate::command;

/// `tokenkeep` with `TOKENKEEP_HOME` set.
pub(super) struct Program {
    binary: PathBuf,
    home: PathBuf,
}

/// What `tokenkeep list --json` says about an account, as far as is shown here.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) state: String,
    /// The current access token's fingerprint.
    pub(super) fingerprint: Option<String>,
    pub(super) issued_at: Option<DateTime<Utc>>,
    pub(super) expires_at: Option<DateTime<Utc>>,
}

impl Program {
    pub(super) fn new(binary: PathBuf, home: &Path) -> Self {
        Self {
            binary,
            home: home.to_owned(),
        }
    }

    /// Runs it and returns what it printed.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<String> {
        command::output(&mut self.command(arguments))
    }

    /// Runs it as if a person had typed it, and shows that.
    pub(super) fn show(&self, arguments: &[&str]) -> Result<()> {
        println!("$ tokenkeep {}", arguments.join(" "));
        command::run(&mut self.command(arguments))
    }

    /// Starts it in the background. What it logs goes to a file in the home.
    pub(super) fn start(&self, arguments: &[&str]) -> Result<Background> {
        let name = arguments.first().unwrap_or(&"tokenkeep");
        let log = std::fs::File::create(self.home.join(format!("{name}.log")))?;
        Background::start(self.command(arguments).stderr(log))
    }

    /// How an account stands.
    pub(super) fn account(&self, name: &str) -> Result<Account> {
        let printed = self.run(&["list", "--json"])?;
        let accounts: Vec<Account> = serde_json::from_str(&printed)
            .context("`tokenkeep list --json` prints something else than expected")?;
        let account = accounts.into_iter().find(|account| account.name == name);
        account.with_context(|| format!("there is no account {name}"))
    }

    /// Writes a file that only this user can read, and returns its path.
    pub(super) fn write(&self, name: &str, content: &str) -> Result<String> {
        // The folder was made for this user alone.
        let path = self.home.join(name);
        std::fs::write(&path, content)?;
        Ok(path.display().to_string())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).env("TOKENKEEP_HOME", &self.home);
        out_of_reach_of_the_terminal(&mut command);
        command
    }
}

/// Ctrl-C is for the trial alone: it needs a keeper still to remove the account again, and a whole command to do it.
#[cfg(unix)]
fn out_of_reach_of_the_terminal(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn out_of_reach_of_the_terminal(_command: &mut Command) {}
