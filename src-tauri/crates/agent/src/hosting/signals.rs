//! Signals: being asked to end, and which ones were ignored from the start.

use std::io;

/// Done when the terminal (Ctrl-C, or its end) or the system (SIGTERM) asks this process to end.
///
/// # Errors
/// When the operating system does not let us be told.
#[cfg(unix)]
pub fn end_asked() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};

    // From here on, not from when it is first waited for.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // Whoever started this with `nohup` wants it to outlive its terminal.
    let mut hangup = match is_ignored(SignalKind::hangup().as_raw_value()) {
        true => None,
        false => Some(signal(SignalKind::hangup())?),
    };
    let hung_up = async move {
        match &mut hangup {
            Some(hangup) => hangup.recv().await,
            None => std::future::pending().await,
        }
    };
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hung_up => {}
        }
    })
}

/// Whether this process ignores a signal, as it does from its start where whoever started it wants that (`nohup`, or a
/// shell that puts a command into the background). Only Linux tells without unsafe code, in the mask `SigIgn` of
/// proc_pid_status(5), whose lowest bit is that of signal 1.
#[cfg(unix)]
#[must_use]
pub fn is_ignored(signal: i32) -> bool {
    let bit = signal
        .checked_sub(1)
        .and_then(|bit| 1u64.checked_shl(bit.try_into().ok()?));
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & bit.unwrap_or_default() != 0)
}

/// Done when the console (Ctrl-C, or its window closed) asks this process to end.
///
/// # Errors
/// When the operating system does not let us be told.
#[cfg(windows)]
pub fn end_asked() -> io::Result<impl Future<Output = ()> + Send + 'static> {
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
