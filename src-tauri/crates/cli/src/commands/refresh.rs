//! `tokenkeep refresh`.

use std::time::Duration;

use chrono::Utc;
use clap::Args;
use tokenkeep_keeper::config::AccountName;

use crate::client::client;
use crate::failure::Failure;
use crate::{durations, output, runtime};

/// Renew an account's token now
///
/// There is seldom a reason to: tokens are renewed by themselves before they die.
#[derive(Args)]
pub(crate) struct RefreshArgs {
    /// The account
    name: AccountName,
    /// How long to wait for it; 30s if it is not given, at most 24h
    #[arg(long, value_name = "DURATION", value_parser = durations::parse_wait)]
    wait: Option<Duration>,
    /// Print the account as JSON
    #[arg(long)]
    json: bool,
}

impl RefreshArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        let view =
            runtime::on_this_thread(async { Ok(client.refresh(&self.name, self.wait).await?) })?;
        if self.json {
            return output::json(&view);
        }
        match view.expires_at {
            Some(at) => {
                let left = durations::until(at, Utc::now()).unwrap_or_else(|| "no time".to_owned());
                output::line(format_args!(
                    "Renewed {}. The new token lives for {left}.",
                    view.name
                ))
            }
            None => output::line(format_args!("Renewed {}.", view.name)),
        }
    }
}
