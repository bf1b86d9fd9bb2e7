//! The agent's server: it listens for one keeper until that keeper quits.

mod connections;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokenkeep_keeper::home::Home;
use tokenkeep_keeper::keeper::Keeper;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use crate::app::App;
use crate::capacity::Capacity;
use crate::desktop::Desktop;
use crate::endpoint::{BindError, Endpoint};
use crate::routes::router;
use connections::Connections;

/// How long connections have to carry their last answer away.
const GRACE: Duration = Duration::from_secs(1);

/// A server that listens and does not answer yet.
pub struct Server {
    endpoint: Endpoint,
    keeper: Keeper,
    desktop: Option<Arc<dyn Desktop>>,
}

/// Why a server stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Its own process wanted it to.
    ByItself,
    /// A client asked the keeper to quit.
    ByRequest,
}

impl Server {
    /// Listens at the home's socket for `keeper`, without a desktop.
    ///
    /// # Errors
    /// When the socket cannot be had, for instance because somebody listens there already.
    pub async fn bind(home: &Home, keeper: Keeper) -> Result<Self, BindError> {
        let endpoint = Endpoint::bind(&home.socket()?).await?;
        Ok(Self {
            endpoint,
            keeper,
            desktop: None,
        })
    }

    /// Has what takes a desktop done by this one.
    #[must_use]
    pub fn with_desktop(mut self, desktop: Arc<dyn Desktop>) -> Self {
        self.desktop = Some(desktop);
        self
    }

    /// Where it listens: the path of a Unix socket, or the name of a Windows pipe.
    #[must_use]
    pub fn socket(&self) -> &Path {
        self.endpoint.path()
    }

    /// Serves until `stop` is done or a client asks the keeper to quit; then lets the keeper finish what it must
    /// (up to 10 s), still answering, and ends the connections.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Stopped {
        let (quit, has_quit) = watch::channel(false);
        let quit_asked = Arc::new(Notify::new());
        let app = App {
            keeper: self.keeper.clone(),
            desktop: self.desktop,
            quit_asked: Arc::clone(&quit_asked),
            has_quit: has_quit.clone(),
        };
        let connections = Connections::new(Capacity::claim(), has_quit);
        let serving = tokio::spawn(connections.serve(self.endpoint, router(app)));
        let stopped = tokio::select! {
            () = stop => Stopped::ByItself,
            () = quit_asked.notified() => Stopped::ByRequest,
        };
        self.keeper.quit().await;
        quit.send_replace(true);
        // A connection that does not read its answer is not waited for.
        let _ = timeout(GRACE, serving).await;
        stopped
    }
}
