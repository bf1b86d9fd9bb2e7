//! A binary of the workspace, run in a home of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::keychain::SessionKeychain;
use super::process::Background;
use crate::command;

/// How long a keeper may take to come up.
const START_LIMIT: Duration = Duration::from_secs(20);

/// A binary with `TOKENKEEP_HOME` set; the methods that speak of a keeper or of
/// accounts are for `tokenkeep`.
pub(super) struct Program {
    binary: PathBuf,
    home: PathBuf,
}

/// What `tokenkeep list --json` says about an account, as far as is shown here.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct PracticeAccount {
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

    /// What to type to run it, in a shell.
    pub(super) fn line(&self, arguments: &[&str]) -> String {
        let (home, binary) = (self.home.display(), self.binary.display());
        format!("TOKENKEEP_HOME={home} {binary} {}", arguments.join(" "))
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

    /// Starts it in the background. What it logs goes to a file in the home, of that name.
    pub(super) fn start(&self, name: &str, arguments: &[&str]) -> Result<Background> {
        let log = self.home.join(format!("{name}.log"));
        Background::start(&mut self.command(arguments), &log)
    }

    /// Starts a keeper without a window.
    pub(super) fn serve(&self, keychain: SessionKeychain) -> Result<Background> {
        self.start("serve", &[&["serve"], keychain.arguments()].concat())
    }

    /// Waits until the keeper in the home answers, which is `process`.
    pub(super) fn wait_for_keeper(&self, process: &mut Background) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        while self.run(&["list"]).is_err() {
            let hopeful = Instant::now() < deadline && !process.has_ended();
            ensure!(hopeful, "the keeper did not come up; {}", process.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// How an account stands.
    pub(super) fn account(&self, name: &str) -> Result<PracticeAccount> {
        let mut accounts = self.accounts()?.into_iter();
        let account = accounts.find(|account| account.name == name);
        account.with_context(|| format!("there is no account {name}"))
    }

    /// How all of them stand.
    pub(super) fn accounts(&self) -> Result<Vec<PracticeAccount>> {
        let printed = self.run(&["list", "--json"])?;
        serde_json::from_str(&printed)
            .context("`tokenkeep list --json` prints something else than expected")
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

/// Ctrl-C is for the trial alone: it needs a keeper still to remove the account
/// again, and a whole command to do it.
#[cfg(unix)]
fn out_of_reach_of_the_terminal(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn out_of_reach_of_the_terminal(_command: &mut Command) {}
