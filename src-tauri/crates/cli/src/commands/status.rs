//! `tokenkeep status`.

use clap::Args;
use tokenkeep_agent::wire::StatusAnswer;
use tokenkeep_keeper::keeper::VaultView;

use crate::client::client;
use crate::failure::Failure;
use crate::{output, runtime};

/// Show how the keeper itself stands
#[derive(Args)]
pub(crate) struct StatusArgs {
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl StatusArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        let answer = runtime::on_this_thread(async { Ok(client.status().await?) })?;
        if self.json {
            return output::json(&answer);
        }
        let StatusAnswer { status, desktop } = answer;
        let place = if desktop {
            "in the tray"
        } else {
            "without a desktop"
        };
        output::line(format_args!(
            "Tokenkeep {} runs {place}, as process {}.",
            status.version, status.pid
        ))?;
        output::line(match status.vault {
            VaultView::Ready => "Secrets rest in the keychain.".to_owned(),
            VaultView::MemoryOnly => "Secrets are in memory only, and gone when the keeper ends.".to_owned(),
            VaultView::Locked => {
                "The keychain is locked, so tokens cannot be read or saved. Unlock it with `tokenkeep unlock`.".to_owned()
            }
            VaultView::Absent(message) => message,
        })?;
        status.problems.iter().try_for_each(output::line)
    }
}
