//! Being asked to end.

use std::io;

/// Done when the terminal (Ctrl-C) or the system (SIGTERM) asks this process to end.
///
/// # Errors
/// When the operating system does not let us be told.
#[cfg(unix)]
pub(crate) fn end_asked() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};

    // From here on, not from when it is first waited for.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Done when the console (Ctrl-C, or its window closed) asks this process to end.
///
/// # Errors
/// When the operating system does not let us be told.
#[cfg(windows)]
pub(crate) fn end_asked() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::windows::{ctrl_c, ctrl_close};

    let mut interrupt = ctrl_c()?;
    let mut close = ctrl_close()?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = close.recv() => {}
        }
    })
}
