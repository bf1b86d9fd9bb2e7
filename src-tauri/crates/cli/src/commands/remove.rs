//! `tokenkeep remove`.

use clap::Args;
use serde_json::json;
use tokenkeep_keeper::config::AccountName;

use crate::client::client;
use crate::failure::Failure;
use crate::{output, runtime};

/// Remove an account, and everything that is kept of it
///
/// The provider is asked to end the session. If it does not within a few seconds, the session may live on.
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
            return output::json(&json!({
                "name": self.name,
                "revoking": removal.revoking,
                "session_left": removal.session_left,
            }));
        }
        if let Some(why) = removal.session_left {
            output::line(format_args!("Removed {}.", self.name))?;
            output::warning(format_args!("Its session may live on. {why}"));
            return Ok(());
        }
        let session = if removal.revoking {
            " Its session at the provider is being ended."
        } else {
            ""
        };
        output::line(format_args!("Removed {}.{session}", self.name))
    }
}
