//! `tokenkeep unlock`.

use clap::Args;

use super::client;
use crate::failure::Failure;
use crate::{output, runtime};

/// Unlock the keychain: it asks for its password in a window of its own
#[derive(Args)]
pub(crate) struct Unlock {}

impl Unlock {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        runtime::on_this_thread(async { Ok(client.unlock().await?) })?;
        output::note("The keychain is unlocked.");
        Ok(())
    }
}
