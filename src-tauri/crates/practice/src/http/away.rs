//! The request to be away, from a handler to the accept loop.

use std::time::Duration;

use tokio::sync::oneshot;

/// Asks the accept loop to be away.
pub(crate) struct GoAway {
    pub(crate) length: Duration,
    /// Told once nobody can connect any more.
    pub(crate) gone: oneshot::Sender<()>,
}
