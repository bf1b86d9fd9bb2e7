//! `tokenkeep remove`.

use clap::Args;
use serde_json::json;
use tokenkeep_keeper::config::AccountName;

use crate::client::client;
use crate::failure::Failure;
use crate::{output, runtime};

/// Remove an account, and everything that is kept of it
///
/// The provider is asked to end the session; whether it does is not waited for.
#[derive(Args)]
pub(crate) struct RemoveArgs {
    /// The account
    name: AccountName,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl RemoveArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        let removal = runtime::on_this_thread(async { Ok(client.remove(&self.name).await?) })?;
        if self.json {
            return output::json(&json!({ "name": self.name, "revoking": removal.revoking }));
        }
        let session = if removal.revoking {
            " Its session at the provider is being ended."
        } else {
            ""
        };
        output::line(format_args!("Removed {}.{session}", self.name))
    }
}
