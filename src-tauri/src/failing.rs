//! How a process ends that cannot do its work.

use std::error::Error;
use std::process::ExitCode;

/// Says on standard error why; with which code to exit.
pub(crate) fn failed(error: &dyn Error) -> ExitCode {
    tracing::error!("{error}");
    ExitCode::FAILURE
}
