//! Reads the fields of a body. An error names its field.

use std::time::Duration;

use tokenkeep_keeper::keeper::KeeperError;
use url::Url;

/// The longest that a request may wait, or a lease may last: a day. Sums of such durations do not overflow.
pub const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);
/// The longest validity that can be asked for. No access token lives for ten years.
pub const LONGEST_VALIDITY: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// How long to wait, within bounds.
pub(crate) fn wait(seconds: Option<u64>) -> Result<Option<Duration>, KeeperError> {
    limited("wait", seconds, LONGEST_WAIT)
}

pub(super) fn validity(seconds: Option<u64>) -> Result<Duration, KeeperError> {
    Ok(limited("min_validity", seconds, LONGEST_VALIDITY)?.unwrap_or_default())
}

pub(super) fn limited(
    field: &str,
    seconds: Option<u64>,
    longest: Duration,
) -> Result<Option<Duration>, KeeperError> {
    let Some(asked) = seconds.map(Duration::from_secs) else {
        return Ok(None);
    };
    if asked > longest {
        let message = format!(
            "The field {field} is in seconds, and at most {}.",
            longest.as_secs()
        );
        return Err(KeeperError::invalid(field, message));
    }
    Ok(Some(asked))
}

/// Reads a value. Its type says in whole sentences what is wrong.
pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    field: &str,
    text: &str,
) -> Result<T, KeeperError> {
    text.parse()
        .map_err(|error: T::Err| KeeperError::invalid(field, error.to_string()))
}

/// Reads a URL. The error does not quote it, because it may hold a secret.
pub(crate) fn url(field: &str, text: &str) -> Result<Url, KeeperError> {
    text.trim().parse().map_err(|error| {
        KeeperError::invalid(
            field,
            format!(
                "The field {field} is not a URL ({error}). Give one such as https://example.com/path."
            ),
        )
    })
}
