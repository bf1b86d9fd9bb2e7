//! `tokenkeep exec`.

mod lease;
mod running;
mod signals;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tokenkeep_agent::AgentClient;
use tokenkeep_agent::client::whole_seconds;
use tokenkeep_agent::wire::{LONGEST_NAME, LeaseBody, TokenBody};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_oauth::{Preset, printable};

use crate::client::{client, warn_if_unsaved};
use crate::failure::Failure;
use crate::{durations, runtime};
use lease::CommandLease;
use running::RunningCommand;

/// The variable that holds the token if none is named.
const VARIABLE: &str = "ACCESS_TOKEN";
/// What RingCentral's samples call it.
const RINGCENTRAL_VARIABLE: &str = "RC_ACCESS_TOKEN";

/// Run a command with an access token in its environment, and keep that token from being replaced meanwhile
///
/// The token is in ACCESS_TOKEN, and for RingCentral in RC_ACCESS_TOKEN too. As long as the command runs, its lease keeps
/// the token from being replaced, where replacing it would kill it. A token does not live for ever, though: shortly before
/// its end it is renewed all the same. Standard error says so then, and the command should ask for the next one, with
/// `tokenkeep get`.
///
/// Signals are passed on to the command, and its exit code is this one's. If the keeper ends, the command goes on, and the
/// lease is taken up again when the keeper is back.
#[derive(Args)]
#[command(after_help = "Examples:
  tokenkeep exec work -- ./nightly-report.sh
  tokenkeep exec work --min-validity 30m --label nightly -- ./nightly-report.sh
  tokenkeep exec work --env TOKEN -- sh -c 'echo \"Authorization: Bearer $TOKEN\" | curl -H @- …'

Exit codes:
  those of the command; 128 and the number of the signal that ended it
  126  the command cannot be run
  127  there is no such command
  Before it runs, those of `tokenkeep get`.")]
pub(crate) struct ExecArgs {
    /// The account
    name: AccountName,
    /// The variable to put the token into, instead of ACCESS_TOKEN and RC_ACCESS_TOKEN
    #[arg(long, value_name = "VARIABLE", value_parser = parse_variable)]
    env: Option<String>,
    /// What to call the command where leases are shown, beside its program's name
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// How long the token has to be valid still, such as 30m
    #[arg(long, value_name = "DURATION", value_parser = durations::parse_validity)]
    min_validity: Option<Duration>,
    /// How long to wait for it; 30s if it is not given, at most 24h
    #[arg(long, value_name = "DURATION", value_parser = durations::parse_wait)]
    wait: Option<Duration>,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl ExecArgs {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let client = client()?;
        runtime::on_this_thread(self.exec(&client))
    }

    async fn exec(&self, client: &AgentClient) -> Result<ExitCode, Failure> {
        let variables = self.variables(client).await?;
        let (token, lease) = CommandLease::take(client, &self.name, self.asked()).await?;
        warn_if_unsaved(&token);
        let mut command = RunningCommand::start(&self.command, &variables, &token.access_token)?;
        // From here on, only the environment of the command holds it.
        drop(token);
        tokio::select! {
            code = command.end() => code,
            () = lease.keep() => command.end().await,
        }
    }

    /// The variables that the token goes into.
    async fn variables(&self, client: &AgentClient) -> Result<Vec<&str>, Failure> {
        if let Some(variable) = &self.env {
            return Ok(vec![variable]);
        }
        let provider = client.account(&self.name).await?.provider;
        Ok(match provider.parse() {
            // The practice provider poses as RingCentral.
            Ok(Preset::RingCentral | Preset::Practice) => vec![VARIABLE, RINGCENTRAL_VARIABLE],
            Err(_) => vec![VARIABLE],
        })
    }

    fn asked(&self) -> TokenBody {
        let lease = LeaseBody {
            hold: true,
            label: self.label.clone(),
            program: self.command.first().and_then(program_name),
            ..LeaseBody::default()
        };
        TokenBody {
            min_validity: self.min_validity.map(whole_seconds),
            wait: self.wait.map(whole_seconds),
            lease: Some(lease),
        }
    }
}

/// The name of the command in the list of leases. Without one, this program's name is shown.
fn program_name(command: &OsString) -> Option<String> {
    let name = Path::new(command).file_name()?.to_string_lossy();
    let name = printable(name.trim());
    let name: String = name.chars().take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

/// Reads the name of a variable of the environment, as shells take it (POSIX, XBD 3.216).
fn parse_variable(text: &str) -> Result<String, String> {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let goes_on = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if begins && goes_on {
        Ok(text.to_owned())
    } else {
        Err(
            "A variable's name has letters, digits and _ in it, and does not begin with a digit."
                .to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_as_shells_take_it() {
        for right in ["TOKEN", "_t0ken", "a"] {
            assert_eq!(parse_variable(right).as_deref(), Ok(right));
        }
        for wrong in ["", "0KEN", "A=B", "A B", "-A", "Ä"] {
            assert!(parse_variable(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_command_goes_by_the_name_of_its_file() {
        let name = |command: &str| program_name(&command.into());
        assert_eq!(name("/usr/bin/curl").as_deref(), Some("curl"));
        assert_eq!(name("./nightly.sh").as_deref(), Some("nightly.sh"));
        assert_eq!(name("two\nlines").as_deref(), Some("two\u{fffd}lines"));
        assert_eq!(
            name(&"a".repeat(99)).map(|name| name.len()),
            Some(LONGEST_NAME)
        );
        assert_eq!(name(".."), None);
    }
}
