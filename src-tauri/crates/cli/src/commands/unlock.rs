//! `tokenkeep unlock`.

use clap::Args;
use tokenkeep_agent::AgentClient;
use tokenkeep_keeper::keeper::VaultView;

use crate::client::client;
use crate::failure::Failure;
use crate::{output, runtime};

/// Unlock the keychain: it asks for its password in a window of its own
#[derive(Args)]
pub(crate) struct UnlockArgs {}

impl UnlockArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        output::note(runtime::on_this_thread(unlock(&client))?);
        Ok(())
    }
}

async fn unlock(client: &AgentClient) -> Result<&'static str, Failure> {
    if client.status().await?.status.vault == VaultView::MemoryOnly {
        return Ok(
            "This keeper keeps secrets in memory only, so there is no keychain to unlock; nothing has changed.",
        );
    }
    client.unlock().await?;
    Ok("The keychain is unlocked.")
}
