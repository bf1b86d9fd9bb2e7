//! What every handler shares.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};

use super::away::GoAway;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::options::Options;
use crate::state::ProviderState;

/// What every handler shares.
pub(crate) struct Context {
    pub(crate) options: Options,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) log: Box<dyn Fn(&str) + Send + Sync>,
    /// Tells requests that a delay holds up to go on, because the faults were cleared.
    pub(crate) faults_cleared: watch::Sender<()>,
    /// Asks the accept loop to be away for a while.
    pub(crate) away: mpsc::UnboundedSender<GoAway>,
    state: Mutex<ProviderState>,
    faults: Mutex<Faults>,
}

impl Context {
    pub(crate) fn new(
        options: Options,
        clock: Arc<dyn Clock>,
        log: impl Fn(&str) + Send + Sync + 'static,
        away: mpsc::UnboundedSender<GoAway>,
    ) -> Self {
        Self {
            state: Mutex::new(ProviderState::new(options.rate_limit)),
            options,
            clock,
            log: Box::new(log),
            faults_cleared: watch::Sender::new(()),
            away,
            faults: Mutex::default(),
        }
    }

    /// What the provider remembers. Never held across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, ProviderState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What tests have ordered to go wrong. Never held across an await.
    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
