//! The one thread on which the store is called.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::Builder;

use tokio::sync::oneshot;

use super::VaultError;
use super::store::{Store, StoreError};

type Call = Box<dyn FnOnce(&mut dyn Store) + Send>;

/// The thread's queue. The thread ends when this is dropped and the queue is empty.
pub(super) struct StoreThread {
    calls: mpsc::Sender<Call>,
}

impl StoreThread {
    /// Gives the store a thread. Where the system has none to give, every call fails and says so.
    pub(super) fn start(mut store: Box<dyn Store>) -> Self {
        let (calls, queue) = mpsc::channel::<Call>();
        let started = Builder::new().name("vault".to_owned()).spawn(move || {
            for call in queue {
                // The keychain libraries panic on what they take for impossible. That must
                // not cost the vault of a process that lives for weeks.
                if catch_unwind(AssertUnwindSafe(|| call(store.as_mut()))).is_err() {
                    store.reset();
                }
            }
        });
        if let Err(error) = started {
            tracing::error!(%error, "the vault's thread could not be started");
        }
        Self { calls }
    }

    /// Calls the store after every call that was asked for before.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut dyn Store) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (answer, answered) = oneshot::channel();
        let call: Call = Box::new(move |store| {
            // Nobody may be waiting any more.
            let _ = answer.send(call(store));
        });
        self.calls.send(call).map_err(|_| ended())?;
        answered.await.unwrap_or_else(|_| Err(ended()))
    }
}

/// Makes one call on a thread of its own.
pub(super) async fn run_apart(
    call: impl FnOnce() -> Result<(), StoreError> + Send + 'static,
) -> Result<(), VaultError> {
    let (answer, answered) = oneshot::channel();
    Builder::new()
        .name("vault prompt".to_owned())
        .spawn(move || {
            let _ = answer.send(call());
        })
        .map_err(|error| VaultError::Failed {
            why: error.to_string(),
        })?;
    answered
        .await
        .map_or_else(|_| Err(ended()), |outcome| Ok(outcome?))
}

fn ended() -> VaultError {
    VaultError::Failed {
        why: "the call to the keychain broke off".to_owned(),
    }
}
