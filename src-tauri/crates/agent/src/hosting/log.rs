//! The log, on standard error.

use std::io::{self, Write};

use tokenkeep_oauth::printable;
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
        .with_writer(|| HarmlessLines(io::stderr()))
        .with_ansi(false);
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(Targets::new().with_target("tokenkeep", level))
        .try_init();
    Ok(())
}

/// Passes the lines of the log on, without what would act on a terminal: there may be names and words of others in them.
struct HarmlessLines<W>(W);

impl<W: Write> Write for HarmlessLines<W> {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(lines);
        let mut parts = text.split('\n').map(printable);
        let mut harmless = parts.next().unwrap_or_default().into_owned();
        for part in parts {
            harmless.push('\n');
            harmless.push_str(&part);
        }
        self.0.write_all(harmless.as_bytes())?;
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
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
    fn a_line_of_the_log_acts_on_no_terminal() {
        let mut written = HarmlessLines(Vec::new());
        written
            .write_all("two\nlines \u{1b}[2J \u{202e}\n".as_bytes())
            .unwrap();
        let text = String::from_utf8(written.0).unwrap();
        assert_eq!(text, "two\nlines \u{fffd}[2J \u{fffd}\n");
    }

    #[test]
    fn a_level_is_named_and_warnings_are_logged_where_none_is() {
        assert_eq!(level(""), Ok(LevelFilter::WARN));
        assert_eq!(level(" Debug "), Ok(LevelFilter::DEBUG));
        assert_eq!(level("off"), Ok(LevelFilter::OFF));
        let error = level("loud").unwrap_err();
        assert!(error.to_string().contains("TOKENKEEP_LOG has to be"));
    }
}
