//! How much runtime a command starts.

use std::future::Future;

use tokio::runtime::Builder;

use crate::failure::Failure;

/// Runs a client's work on this thread alone. `get`, which is asked for often, does without even this.
pub(crate) fn on_this_thread<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Runtime)?;
    runtime.block_on(work)
}

/// Runs a server's work on two threads, so that one client never delays another.
pub(crate) fn on_two_threads<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::Runtime)?;
    runtime.block_on(work)
}
