//! Starts the keeper and its agent, or finds that they run already.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokenkeep_agent::hosting::{self, HostingError};
use tokenkeep_agent::{AgentClient, ClientError, Desktop, Server, Stopped};
use tokenkeep_keeper::home::{Home, HomeError};
use tokenkeep_keeper::keeper::Keeper;

use super::menu::TrayError;
use crate::arguments::TrayOptions;

/// How often to retry while another keeper releases the home. That keeper has finished its work when it answers that it
/// quits.
const HANDOVER_TRIES: u32 = 50;
/// How long between two tries.
const HANDOVER_PAUSE: Duration = Duration::from_millis(100);

/// Why Tokenkeep does not start.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The keeper cannot be started.
    #[error(transparent)]
    Hosting(#[from] HostingError),
    /// The icon cannot be shown.
    #[error("{0}")]
    Tray(#[from] TrayError),
    /// The keeper that runs already does not answer, or does not quit.
    #[error("Another keeper is running and could not be asked to quit. {0}")]
    Other(#[from] ClientError),
}

/// The result of starting.
pub(super) enum Started {
    /// It runs in this process.
    Here(Box<Engine>),
    /// It runs in another one, which has been asked to show its window.
    Elsewhere,
}

/// A keeper and the socket it listens at.
pub(super) struct Engine {
    /// The keeper.
    pub(super) keeper: Keeper,
    /// How long a copied token stays in the clipboard.
    pub(super) clipboard_cleared_after: Duration,
    server: Server,
}

impl Engine {
    /// Starts the keeper of `home`. A tray that has it already is asked to open its window; a keeper without a desktop is asked
    /// to quit.
    pub(super) async fn start(home: &Home, options: &TrayOptions) -> Result<Started, StartError> {
        let mut tries = HANDOVER_TRIES;
        loop {
            let error = match Self::here(home, options).await {
                Ok(engine) => return Ok(Started::Here(Box::new(engine))),
                Err(error) if error.is_home_taken() && tries > 0 => error,
                Err(error) => return Err(error.into()),
            };
            tries -= 1;
            match ask_the_other(home, options).await {
                Ok(true) => return Ok(Started::Elsewhere),
                Ok(false) => {}
                // It may be just starting, or just ending.
                Err(
                    ClientError::NotRunning { .. }
                    | ClientError::NotListening { .. }
                    | ClientError::Lost,
                ) => {}
                Err(other) => {
                    tracing::warn!("{error}");
                    return Err(other.into());
                }
            }
            tokio::time::sleep(HANDOVER_PAUSE).await;
        }
    }

    async fn here(home: &Home, options: &TrayOptions) -> Result<Self, HostingError> {
        let (keeper, server) = hosting::start(home, options.vault).await?;
        Ok(Self {
            clipboard_cleared_after: keeper.clipboard_cleared_after().await,
            keeper,
            server,
        })
    }

    /// Answers clients until `stop` is done or one asks the keeper to quit, and lets the keeper finish what it must.
    pub(super) async fn run(
        self,
        desktop: Arc<dyn Desktop>,
        stop: impl Future<Output = ()>,
    ) -> Stopped {
        self.server.with_desktop(desktop).run(stop).await
    }
}

/// Whether a tray has the home; it then opens its window. A keeper without a desktop is asked to quit. One that is
/// quitting is waited for.
async fn ask_the_other(home: &Home, options: &TrayOptions) -> Result<bool, ClientError> {
    let Ok(client) = AgentClient::new(home) else {
        return Ok(false);
    };
    if client.status().await?.desktop {
        if !options.hidden {
            client.open_main_window().await?;
        }
        return Ok(true);
    }
    tracing::info!("waiting for another keeper to quit");
    client.quit().await?;
    Ok(false)
}
