//! What every process needs that hosts a keeper: the keeper with its server, a log, and to know when it is asked to end.

mod log;
mod signals;
mod start;

pub use log::{UnknownLogLevel, log_to_stderr};
pub use signals::end_asked;
#[cfg(unix)]
pub use signals::is_ignored;
pub use start::{HostingError, start};
