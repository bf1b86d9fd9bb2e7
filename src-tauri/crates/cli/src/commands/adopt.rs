//! `tokenkeep adopt`.

use clap::Args;
use tokenkeep_agent::AgentClient;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::Orphan;

use crate::client::client;
use crate::failure::Failure;
use crate::table::Table;
use crate::{output, runtime};

/// List, take or delete what homes that are gone have left in the keychain
///
/// Without NAME, lists it. With NAME, the account of that name, which has to be in config.toml and not be signed in to,
/// takes what was left of it, so that nobody has to sign in again.
#[derive(Args)]
#[command(after_help = "Examples:
  tokenkeep adopt
  tokenkeep adopt work
  tokenkeep adopt work --home 00112233445566778899aabbccddeeff --delete")]
pub(crate) struct AdoptArgs {
    /// The account
    name: Option<AccountName>,
    /// The id of the home that has left it, where several have
    #[arg(long, value_name = "ID", requires = "name")]
    home: Option<String>,
    /// Delete it instead; its session at the provider may live on
    #[arg(long, requires = "name")]
    delete: bool,
    /// Print the list as a JSON array
    #[arg(long, conflicts_with = "name")]
    json: bool,
}

impl AdoptArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        runtime::on_this_thread(async {
            let orphans = client.orphans().await?;
            match &self.name {
                None => self.list(&orphans),
                Some(name) => self.adopt(&client, &orphans, name).await,
            }
        })
    }

    fn list(&self, orphans: &[Orphan]) -> Result<(), Failure> {
        if self.json {
            return output::json(&orphans);
        }
        if orphans.is_empty() {
            output::note("Nothing was left in the keychain by a home that is gone.");
            return Ok(());
        }
        output::table(&table(orphans))
    }

    async fn adopt(
        &self,
        client: &AgentClient,
        orphans: &[Orphan],
        name: &AccountName,
    ) -> Result<(), Failure> {
        let home = self.choose(orphans, name)?;
        if self.delete {
            client.delete_orphan(home, name).await?;
            return output::line(format_args!(
                "Deleted what was left of {name}. Its session at the provider may live on."
            ));
        }
        client.adopt(home, name).await?;
        output::line(format_args!("{name} has taken what was left of it."))
    }

    /// The home that is meant: the one that was named, or the only one.
    fn choose<'a>(&'a self, orphans: &'a [Orphan], name: &AccountName) -> Result<&'a str, Failure> {
        if let Some(home) = &self.home {
            return Ok(home);
        }
        let mut left = orphans.iter().filter(|it| it.account == name.as_str());
        match (left.next(), left.next()) {
            (Some(only), None) => Ok(&only.home),
            (None, _) => Err(Failure::Usage(format!(
                "No home that is gone has left anything of an account called {name} in the keychain. See what there is \
                 with `tokenkeep adopt`."
            ))),
            (Some(_), Some(_)) => Err(Failure::Usage(format!(
                "Several homes have left something of an account called {name}. Say which one with --home; see them \
                 with `tokenkeep adopt`."
            ))),
        }
    }
}

fn table(orphans: &[Orphan]) -> Table {
    let mut table = Table::new(&["ACCOUNT", "TOKENS", "CLIENT", "HOME", "WAS AT"]);
    for orphan in orphans {
        let client = orphan.bound_to.as_ref().map(|it| it.client_id.clone());
        table.row(vec![
            orphan.account.clone().into(),
            if orphan.signed_in { "yes" } else { "no" }.into(),
            client.unwrap_or_else(unknown).into(),
            orphan.home.clone().into(),
            orphan.path.clone().unwrap_or_else(unknown).into(),
        ]);
    }
    table
}

fn unknown() -> String {
    "-".to_owned()
}
