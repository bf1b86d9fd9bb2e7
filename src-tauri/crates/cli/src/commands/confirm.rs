//! `tokenkeep confirm`.

use std::fmt::Display;
use std::io::{self, BufRead as _, IsTerminal as _};

use clap::Args;
use tokenkeep_agent::AgentClient;
use tokenkeep_agent::wire::ConfirmBody;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::Unconfirmed;
use tokenkeep_keeper::vault::Binding;

use crate::client::client;
use crate::failure::Failure;
use crate::{output, runtime};

/// Agree to another client or server for an account
///
/// An account's secrets are meant for the client and the server that it was added with. If config.toml names others,
/// nothing is sent before you agree here. Shows both, and asks on the terminal.
#[derive(Args)]
pub(crate) struct ConfirmArgs {
    /// The account
    name: AccountName,
    /// Agree without being asked
    #[arg(long)]
    yes: bool,
}

impl ConfirmArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        runtime::on_this_thread(self.confirm(&client))
    }

    async fn confirm(&self, client: &AgentClient) -> Result<(), Failure> {
        let name = &self.name;
        let Some(Unconfirmed { before, now }) = client.account(name).await?.unconfirmed else {
            return output::line(format_args!(
                "There is nothing to agree to: the secrets of {name} go where they were meant to go."
            ));
        };
        output::note(format_args!("The secrets of {name} were given for"));
        show(&before);
        output::note("and config.toml now names");
        show(&now);
        if !self.yes {
            ask(name)?;
        }
        let Binding { client_id, origins } = now;
        client
            .confirm(name, &ConfirmBody { client_id, origins })
            .await?;
        output::line(format_args!(
            "Agreed. The secrets of {name} go to what config.toml names from now on."
        ))
    }
}

fn show(binding: &Binding) {
    output::note(format_args!("  client  {}", binding.client_id));
    for origin in &binding.origins {
        output::note(format_args!("  server  {origin}"));
    }
}

fn ask(name: &impl Display) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::SignInNeeded(format!(
            "A person has to agree to this, and there is no terminal to ask on, so nothing is sent. If it is right, \
             agree with `tokenkeep confirm {name} --yes`."
        )));
    }
    output::ask("Send the secrets there from now on? [y/N] ");
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    if read.is_ok() && ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
        return Ok(());
    }
    Err(Failure::GivenUp(
        "Nothing was agreed to, so nothing is sent. Undo the change in config.toml and start Tokenkeep again.",
    ))
}
