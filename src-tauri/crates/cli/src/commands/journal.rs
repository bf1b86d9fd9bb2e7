//! `tokenkeep journal`.

use clap::Args;
use tokenkeep_agent::AgentClient;
use tokenkeep_agent::client::Events;
use tokenkeep_agent::wire::JournalParameters;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{Happening, JournalLine};

use crate::client::client;
use crate::failure::Failure;
use crate::style::FAINT;
use crate::{durations, output, runtime};

/// Columns line up as long as nothing is wider. The next lines are unknown, so nothing can be measured.
const ACCOUNT_WIDTH: usize = 12;
const KIND_WIDTH: usize = 14;

/// Show what happened, without secrets
#[derive(Args)]
pub(crate) struct JournalArgs {
    /// Only what is about this account
    name: Option<AccountName>,
    /// Go on with what happens, until Ctrl-C or the keeper's end
    #[arg(long, short)]
    follow: bool,
    /// How many of the newest lines to show
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50)]
    lines: u32,
    /// Print each line as a JSON object
    #[arg(long)]
    json: bool,
}

impl JournalArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        runtime::on_this_thread(async {
            if self.follow {
                self.follow(&client).await
            } else {
                self.print_newest(&client).await.map(|_| ())
            }
        })
    }

    async fn follow(&self, client: &AgentClient) -> Result<(), Failure> {
        // It listens before it reads the journal, so that nothing is missed. Ids show what comes twice.
        let mut events = client.events(self.name.as_ref()).await?;
        let mut last = self.print_newest(client).await?;
        while let Some(happening) = next(&mut events).await? {
            match happening {
                Happening::News(line) if Some(line.id) > last => {
                    self.print(&line)?;
                    last = Some(line.id);
                }
                Happening::Missed(_) => last = self.print_after(client, last).await?.or(last),
                _ => {}
            }
        }
        Err(Failure::KeeperGone(
            "The keeper has ended, so nothing more happens. When it runs again, `tokenkeep journal --follow` goes on."
                .to_owned(),
        ))
    }

    /// Prints the newest lines and returns the id of the last. A removed account may still have lines; if there are
    /// none, the account must exist.
    async fn print_newest(&self, client: &AgentClient) -> Result<Option<i64>, Failure> {
        let last = self.print_after(client, None).await?;
        if let (Some(name), None, 1..) = (&self.name, last, self.lines) {
            client.account(name).await?;
        }
        Ok(last)
    }

    /// Prints the lines after one, or the newest, and returns the id of the last.
    async fn print_after(
        &self,
        client: &AgentClient,
        after: Option<i64>,
    ) -> Result<Option<i64>, Failure> {
        let account = self.name.as_ref().map(ToString::to_string);
        let limit = after.is_none().then_some(self.lines);
        let lines = client
            .journal(&JournalParameters {
                account,
                after,
                limit,
            })
            .await?;
        for line in &lines {
            self.print(line)?;
        }
        Ok(lines.last().map(|line| line.id))
    }

    fn print(&self, line: &JournalLine) -> Result<(), Failure> {
        if self.json {
            return output::json(line);
        }
        let (at, account) = (
            durations::moment(line.at),
            line.account.as_deref().unwrap_or("-"),
        );
        let (kind, message) = (line.kind(), &line.message);
        output::line(format_args!(
            "{FAINT}{at}{FAINT:#}  {account:<ACCOUNT_WIDTH$}  {kind:<KIND_WIDTH$}  {message}"
        ))
    }
}

async fn next(events: &mut Events) -> Result<Option<Happening>, Failure> {
    Ok(events.next().await?)
}
