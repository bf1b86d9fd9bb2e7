//! `tokenkeep release`.

use clap::Args;

use crate::client::client;
use crate::failure::Failure;
use crate::{output, runtime};

/// End a lease early
///
/// The program that holds it goes on. It is told only if it listens, as `tokenkeep exec` does: what it still does with the token
/// may fail at any moment.
#[derive(Args)]
#[command(after_help = "Example:
  tokenkeep leases
  tokenkeep release 1806336000001025")]
pub(crate) struct ReleaseArgs {
    /// The lease, by the id that `leases` shows and `get --lease` says
    id: u64,
}

impl ReleaseArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        let ended = runtime::on_this_thread(async { Ok(client.release(self.id).await?) })?;
        output::line(format_args!(
            "Ended the lease of {} on the token of {}.",
            ended.lease.holder, ended.account
        ))
    }
}
