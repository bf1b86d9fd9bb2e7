//! What every process needs that hosts a keeper: a log, and to know when it is asked to end.

mod log;
mod signals;

pub use log::{UnknownLogLevel, log_to_stderr};
pub use signals::end_asked;
#[cfg(unix)]
pub use signals::is_ignored;
