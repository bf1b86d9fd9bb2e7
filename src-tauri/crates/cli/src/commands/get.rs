//! `tokenkeep get`.

use std::time::Duration;

use clap::Args;
use secrecy::ExposeSecret as _;
use tokenkeep_agent::client::whole_seconds;
use tokenkeep_agent::wire::{RefusedAsked, TokenAnswer, TokenAsked};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_oauth::{AccessToken, Fingerprint};

use super::client;
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
#[derive(Args)]
#[command(after_help = "Examples:
  tokenkeep get work --header | curl -H @- https://platform.ringcentral.com/…
  tokenkeep get work --min-validity 5m
  printf %s \"$TOKEN\" | tokenkeep get work --refused --token-stdin")]
pub(crate) struct Get {
    /// The account
    name: AccountName,
    /// How long the token has to be valid still, such as 5m
    #[arg(long, value_name = "DURATION", value_parser = durations::parse_validity)]
    min_validity: Option<Duration>,
    /// How long to wait for it; 30s where it is not given, at most 24h
    #[arg(long, value_name = "DURATION", value_parser = durations::parse_wait)]
    wait: Option<Duration>,
    /// Print `Authorization: Bearer …`
    #[arg(long, conflicts_with = "json")]
    header: bool,
    /// Print the token and what is known of it as JSON
    #[arg(long)]
    json: bool,
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

impl Get {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        let (min_validity, wait) = (
            self.min_validity.map(whole_seconds),
            self.wait.map(whole_seconds),
        );
        let token = if self.refused {
            let access_token = self.token_stdin.then(refused_token).transpose()?;
            let asked = RefusedAsked {
                fingerprint: self.fingerprint,
                access_token,
                min_validity,
                wait,
            };
            client.blocking().refused(&self.name, &asked)?
        } else {
            let asked = TokenAsked {
                min_validity,
                wait,
                lease: None,
            };
            client.blocking().token(&self.name, &asked)?
        };
        if token.unsaved {
            output::warning(
                "the keychain does not hold this token yet, so a crash of the keeper now would lose the sign-in. \
                 Saving is being retried; see `tokenkeep list`",
            );
        }
        self.print(&token)
    }

    fn print(&self, token: &TokenAnswer) -> Result<(), Failure> {
        if self.json {
            output::json(token)
        } else if self.header {
            output::line(format_args!(
                "Authorization: Bearer {}",
                token.access_token.expose()
            ))
        } else {
            output::line(token.access_token.expose())
        }
    }
}

fn refused_token() -> Result<AccessToken, Failure> {
    Ok(AccessToken::new(
        secrets::token_from_stdin("--token-stdin")?.expose_secret(),
    ))
}
