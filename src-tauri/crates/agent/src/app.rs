//! What every route works with.

use std::sync::Arc;

use tokenkeep_keeper::keeper::Keeper;
use tokio::sync::{Notify, watch};

use crate::desktop::Desktop;

/// What every route works with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) keeper: Keeper,
    pub(crate) desktop: Option<Arc<dyn Desktop>>,
    pub(crate) quit_asked: Arc<Notify>,
    pub(crate) has_quit: watch::Receiver<bool>,
}

impl App {
    /// Asks the keeper to quit, and waits until it has.
    pub(crate) async fn quit(mut self) {
        self.quit_asked.notify_one();
        self.has_quit().await;
    }

    /// Done when the keeper has quit: what never ends by itself ends then.
    pub(crate) async fn has_quit(&mut self) {
        // A sender that is gone has quit, too.
        let _ = self.has_quit.wait_for(|quit| *quit).await;
    }
}
