//! Signals: being asked to end, and which ones were ignored from the start.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};

/// Done when the terminal (Ctrl-C, or its end) or the system (SIGTERM) asks this process to end.
///
/// # Errors
/// When the operating system does not let us be told.
#[cfg(unix)]
pub fn end_asked() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    // From here on, not from when it is first waited for.
    let mut terminate = signal(SignalKind::terminate())?;
    // Whoever has them ignored, by `nohup` or by a script's `&`, wants this to outlive its terminal.
    let interrupted = unless_ignored(SignalKind::interrupt())?;
    let hung_up = unless_ignored(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            () = interrupted => {}
            () = hung_up => {}
        }
    })
}

/// Done when that signal comes, and never where this process ignores it.
#[cfg(unix)]
fn unless_ignored(kind: SignalKind) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut signals = match is_ignored(kind.as_raw_value()) {
        true => None,
        false => Some(signal(kind)?),
    };
    Ok(async move {
        match &mut signals {
            Some(signals) => drop(signals.recv().await),
            None => std::future::pending().await,
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
