//! The log, on standard error.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The environment variable that says how much is logged.
const SETTING: &str = "TOKENKEEP_LOG";

/// `TOKENKEEP_LOG` names no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The environment variable {SETTING} has to be error, warn, info, debug, trace or off.")]
pub struct UnknownLogLevel;

/// Logs to standard error from now on, at the level that `TOKENKEEP_LOG` names: warnings where it names none. A log that
/// the process has already stays.
///
/// Only what Tokenkeep itself logs gets through: at their finest levels, libraries log headers and bodies, and secrets
/// with them.
///
/// # Errors
/// Where the level is none.
pub fn log_to_stderr() -> Result<(), UnknownLogLevel> {
    let level = level(&std::env::var(SETTING).unwrap_or_default())?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(Targets::new().with_target("tokenkeep", level))
        .try_init();
    Ok(())
}

fn level(setting: &str) -> Result<LevelFilter, UnknownLogLevel> {
    match setting.trim() {
        "" => Ok(LevelFilter::WARN),
        level => level.parse().map_err(|_| UnknownLogLevel),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_named_and_warnings_are_logged_where_none_is() {
        assert_eq!(level(""), Ok(LevelFilter::WARN));
        assert_eq!(level(" Debug "), Ok(LevelFilter::DEBUG));
        assert_eq!(level("off"), Ok(LevelFilter::OFF));
        let error = level("loud").unwrap_err();
        assert!(error.to_string().contains("TOKENKEEP_LOG has to be"));
    }
}
