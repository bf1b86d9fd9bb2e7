//! The header `Retry-After` (RFC 9110 section 10.2.3).

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::header::{DATE, HeaderMap, RETRY_AFTER};

/// The longest wait that is obeyed. A provider that is away for longer is asked once an hour.
pub const LONGEST: Duration = Duration::from_secs(60 * 60);

/// The shortest wait: "at once" would be a loop.
const SHORTEST: Duration = Duration::from_secs(1);

/// Whether the header is present, readable or not.
pub(crate) fn is_present(headers: &HeaderMap) -> bool {
    headers.contains_key(RETRY_AFTER)
}

/// How long to wait; `default` where the header is missing or cannot be read.
///
/// A date is compared with the reply's own `Date`, because this machine's clock may be wrong. `now`
/// is used where the reply has none.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>, default: Duration) -> Duration {
    let value = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .map(str::trim);
    let wait = value.and_then(|value| seconds(value).or_else(|| until(value, headers, now)));
    wait.unwrap_or(default).clamp(SHORTEST, LONGEST)
}

fn seconds(value: &str) -> Option<Duration> {
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // A number that does not fit is a very long time.
    Some(value.parse().map_or(Duration::MAX, Duration::from_secs))
}

fn until(value: &str, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let then = http_date(value)?;
    let sent = headers
        .get(DATE)
        .and_then(|date| http_date(date.to_str().ok()?))
        .unwrap_or(now);
    Some((then - sent).to_std().unwrap_or(Duration::ZERO))
}

fn http_date(value: &str) -> Option<DateTime<Utc>> {
    httpdate::parse_http_date(value).ok().map(DateTime::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: Duration = Duration::from_secs(60);

    fn wait(headers: &[(&'static str, &'static str)]) -> u64 {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let now = DateTime::parse_from_rfc3339("2026-03-01T12:00:00Z")
            .unwrap()
            .to_utc();
        retry_after(&headers, now, DEFAULT).as_secs()
    }

    #[test]
    fn seconds_are_taken_as_they_are() {
        assert_eq!(wait(&[("retry-after", "17")]), 17);
        assert_eq!(wait(&[("retry-after", " 17 ")]), 17);
    }

    #[test]
    fn a_date_counts_from_the_servers_clock() {
        assert_eq!(
            wait(&[("retry-after", "Sun, 01 Mar 2026 12:01:30 GMT")]),
            90
        );
        assert_eq!(
            wait(&[
                ("retry-after", "Sun, 01 Mar 2026 12:01:30 GMT"),
                ("date", "Sun, 01 Mar 2026 12:01:00 GMT")
            ]),
            30
        );
    }

    #[test]
    fn a_wait_is_neither_endless_nor_none() {
        assert_eq!(wait(&[("retry-after", "0")]), 1);
        assert_eq!(wait(&[("retry-after", "Sun, 01 Mar 2020 12:00:00 GMT")]), 1);
        assert_eq!(wait(&[("retry-after", "86400")]), 3600);
        assert_eq!(wait(&[("retry-after", "99999999999999999999999999")]), 3600);
        assert_eq!(
            wait(&[("retry-after", "Tue, 01 Mar 2050 12:00:00 GMT")]),
            3600
        );
    }

    #[test]
    fn an_unreadable_or_missing_header_means_the_default() {
        for value in ["", "-5", "soon", "1.5", "+5"] {
            assert_eq!(wait(&[("retry-after", value)]), 60, "{value}");
        }
        assert_eq!(wait(&[]), 60);
    }
}
