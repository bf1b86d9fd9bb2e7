//! `tokenkeep quit`.

use clap::Args;

use super::client;
use crate::failure::Failure;
use crate::{output, runtime};

/// End the keeper; it finishes a renewal that is under way first
///
/// While no keeper runs, no token is kept fresh, and sign-ins lapse.
#[derive(Args)]
pub(crate) struct Quit {}

impl Quit {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        let status = runtime::on_this_thread(async { Ok(client.quit().await?) })?;
        output::note(format_args!(
            "The keeper (process {}) has ended.",
            status.pid
        ));
        Ok(())
    }
}
