//! `tokenkeep get`.

use std::time::Duration;

use clap::Args;
use secrecy::ExposeSecret as _;
use tokenkeep_agent::client::whole_seconds;
use tokenkeep_agent::wire::{LeaseBody, RefusedBody, TokenAnswer, TokenBody};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_oauth::{AccessToken, Fingerprint};

use crate::client::{client, warn_if_refused_again, warn_if_unsaved};
use crate::failure::Failure;
use crate::{durations, output, secrets};

/// Print a fresh access token
///
/// The token alone, on standard output. Where it is just being renewed, this waits.
///
/// With --refused, says first that an API refused the token (status 401), and prints the next one. Say which token it
/// was where you can, with --fingerprint or --token-stdin: where somebody else has had it replaced meanwhile, you then
/// simply get the new one. Without either, the token that is current now is meant, which may be newer than yours and
/// good; it is renewed all the same.
///
/// With --lease, the token is not replaced for as long as the lease lasts, where replacing it would kill it. Its holder
/// is the process that runs this. Standard error says how to end it early; with --json, its id is in the JSON. Where a
/// command uses the token, `tokenkeep exec` is better: its lease ends with the command, and outlasts a restart of the
/// keeper.
#[derive(Args)]
#[command(after_help = "Examples:
  tokenkeep get work --header | curl -H @- https://platform.ringcentral.com/…
  tokenkeep get work --min-validity 5m
  TOKEN=$(tokenkeep get work --lease 10m --label nightly)
  printf %s \"$TOKEN\" | tokenkeep get work --refused --token-stdin")]
pub(crate) struct GetArgs {
    /// The account
    name: AccountName,
    /// How long the token has to be valid still, such as 5m
    #[arg(long, value_name = "DURATION", value_parser = durations::parse_validity)]
    min_validity: Option<Duration>,
    /// How long to wait for it; 30s if it is not given, at most 24h
    #[arg(long, value_name = "DURATION", value_parser = durations::parse_wait)]
    wait: Option<Duration>,
    /// Print `Authorization: Bearer …`
    #[arg(long, conflicts_with = "json")]
    header: bool,
    /// Print the token and what is known of it as JSON
    #[arg(long)]
    json: bool,
    /// Take a lease of this length, such as 10m, on a token that lives as long as it
    #[arg(long, value_name = "DURATION", value_parser = durations::parse_wait, conflicts_with = "refused")]
    lease: Option<Duration>,
    /// What to call the holder of the lease, beside its program's name
    #[arg(long, value_name = "TEXT", requires = "lease")]
    label: Option<String>,
    /// An API refused the token: print the next one
    #[arg(long)]
    refused: bool,
    /// Which token was refused, by the fingerprint that --json prints
    #[arg(
        long,
        value_name = "FINGERPRINT",
        requires = "refused",
        conflicts_with = "token_stdin"
    )]
    fingerprint: Option<Fingerprint>,
    /// Which token was refused: it is on standard input
    #[arg(long, requires = "refused")]
    token_stdin: bool,
}

impl GetArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        let (min_validity, wait) = (
            self.min_validity.map(whole_seconds),
            self.wait.map(whole_seconds),
        );
        let token = if self.refused {
            let access_token = self.token_stdin.then(refused_token).transpose()?;
            let asked = RefusedBody {
                fingerprint: self.fingerprint,
                access_token,
                min_validity,
                wait,
            };
            client.blocking().refused(&self.name, &asked)?
        } else {
            let asked = TokenBody {
                min_validity,
                wait,
                lease: self.lease_asked(),
            };
            client.blocking().token(&self.name, &asked)?
        };
        warn_if_unsaved(&token);
        warn_if_refused_again(&token);
        self.print(&token)
    }

    fn lease_asked(&self) -> Option<LeaseBody> {
        Some(LeaseBody {
            length: Some(whole_seconds(self.lease?)),
            label: self.label.clone(),
            // This process ends before the token is used.
            pid: parent(),
            ..LeaseBody::default()
        })
    }

    fn print(&self, token: &TokenAnswer) -> Result<(), Failure> {
        if self.json {
            return output::json(token);
        }
        if let Some(lease) = token.lease {
            let (id, until) = (lease.id, durations::moment(lease.until));
            output::note(format_args!(
                "The token of {} is leased until {until}. End the lease early with `tokenkeep release {id}`.",
                self.name
            ));
        }
        if self.header {
            output::line(format_args!(
                "Authorization: Bearer {}",
                token.access_token.expose()
            ))
        } else {
            output::line(token.access_token.expose())
        }
    }
}

/// The process that runs this one.
#[cfg(unix)]
fn parent() -> Option<u32> {
    // 0 means that the parent cannot be seen from here.
    Some(std::os::unix::process::parent_id()).filter(|id| *id != 0)
}

#[cfg(not(unix))]
fn parent() -> Option<u32> {
    None
}

fn refused_token() -> Result<AccessToken, Failure> {
    Ok(AccessToken::new(
        secrets::token_from_stdin("--token-stdin")?.expose_secret(),
    ))
}
