//! Starting a keeper and the server that its clients reach it by.

use tokenkeep_keeper::home::{Home, LockError};
use tokenkeep_keeper::keeper::{Keeper, OpenError};
use tokenkeep_keeper::vault::VaultKind;

use crate::endpoint::BindError;
use crate::server::Server;

/// Why a keeper cannot be hosted.
#[derive(Debug, thiserror::Error)]
pub enum HostingError {
    /// There can be no keeper.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The agent cannot listen.
    #[error(transparent)]
    Bind(#[from] BindError),
}

impl HostingError {
    /// Whether another keeper has the home.
    #[must_use]
    pub fn is_home_taken(&self) -> bool {
        matches!(
            self,
            Self::Open(OpenError::Lock(LockError::Held { .. }))
                | Self::Bind(BindError::InUse { .. })
        )
    }
}

/// Starts the keeper of `home`, and listens for it. It answers once the server runs.
///
/// # Errors
/// Where the home cannot be used, or another keeper has it.
pub async fn start(home: &Home, vault: VaultKind) -> Result<(Keeper, Server), HostingError> {
    let identity = home.identity().map_err(OpenError::from)?;
    let keeper = Keeper::open(home, vault.open(identity.id())).await?;
    match Server::bind(home, keeper.clone()).await {
        Ok(server) => Ok((keeper, server)),
        Err(error) => {
            // It may have begun a renewal already.
            keeper.quit().await;
            Err(error.into())
        }
    }
}
