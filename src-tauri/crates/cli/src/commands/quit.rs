//! `tokenkeep quit`.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use clap::Args;
use tokenkeep_agent::AgentClient;
use tokenkeep_keeper::keeper::{EndsIfOff, Status, ends_if_off};

use crate::client::client;
use crate::failure::Failure;
use crate::{durations, output, runtime};

/// End the keeper; it finishes a renewal that is under way first
///
/// While no keeper runs, no token is kept fresh, and sign-ins lapse: those that would within a week are named.
#[derive(Args)]
pub(crate) struct QuitArgs {}

impl QuitArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        let (status, lapsing) = runtime::on_this_thread(quit(&client))?;
        output::note(format_args!(
            "The keeper (process {}) has ended.",
            status.pid
        ));
        if !lapsing.is_empty() {
            output::note(warning(&lapsing, Utc::now()));
        }
        Ok(())
    }
}

/// Ends the keeper; also which sign-ins lapse without it.
async fn quit(client: &AgentClient) -> Result<(Status, Vec<EndsIfOff>), Failure> {
    // A keeper of another version can be ended all the same.
    let accounts = client.accounts().await.unwrap_or_default();
    let status = client.quit().await?;
    Ok((status, ends_if_off(&accounts, Utc::now())))
}

fn warning(lapsing: &[EndsIfOff], now: DateTime<Utc>) -> String {
    let mut words = "Nothing is renewed while no keeper runs. Start one again before these sign-ins lapse, or somebody \
                     has to sign in again:"
        .to_owned();
    for EndsIfOff { name, at } in lapsing {
        let left = durations::until(*at, now).unwrap_or_else(|| "no time".to_owned());
        // Writing to a string does not fail.
        let _ = write!(
            words,
            "\n  {name} lapses at {}, in {left}",
            durations::moment(*at)
        );
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sign_in_that_lapses_is_named_with_its_moment_and_the_time_left() {
        let now: DateTime<Utc> = "2026-01-01T12:00:00Z".parse().unwrap();
        let lapsing = ["me", "you"].map(|name| EndsIfOff {
            name: name.parse().unwrap(),
            at: now + chrono::TimeDelta::days(2),
        });
        let words = warning(&lapsing, now);
        let at = durations::moment(lapsing[0].at);
        for line in [
            format!("\n  me lapses at {at}, in 2 d\n"),
            format!("\n  you lapses at {at}, in 2 d"),
        ] {
            assert!(words.contains(&line), "{words}");
        }
    }
}
