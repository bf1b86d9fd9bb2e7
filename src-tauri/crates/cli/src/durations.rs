//! Durations as people write and read them.

use std::time::Duration;

use chrono::{DateTime, Local, Utc};
use tokenkeep_agent::wire::{LONGEST_VALIDITY, LONGEST_WAIT};
use tokenkeep_keeper::keeper::in_words;

/// Reads `90s`, `5m`, `1h 30m`. A bare number has no unit and is refused.
fn parse(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text.trim()).map_err(|error| {
        format!("This is no duration ({error}). Write one such as 90s, 5m or 1h30m.")
    })
}

/// Reads how long to wait, within what the keeper takes.
pub(crate) fn parse_wait(text: &str) -> Result<Duration, String> {
    at_most(LONGEST_WAIT, "24h", text)
}

/// Reads how much validity is wanted, within what the keeper takes.
pub(crate) fn parse_validity(text: &str) -> Result<Duration, String> {
    at_most(LONGEST_VALIDITY, "3650d", text)
}

fn at_most(longest: Duration, in_words: &str, text: &str) -> Result<Duration, String> {
    match parse(text)? {
        asked if asked > longest => Err(format!("It can be at most {in_words}.")),
        asked => Ok(asked),
    }
}

/// How far ahead `at` is, in words; none if it is not.
pub(crate) fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
    let left = (at - now).to_std().ok()?;
    (left.as_secs() > 0).then(|| in_words(left))
}

/// A moment on this machine's clock.
pub(crate) fn moment(at: DateTime<Utc>) -> String {
    at.with_timezone(&Local)
        .format("%Y-%m-%d %H:%M:%S")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        assert_eq!(parse("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse(" 5m "), Ok(Duration::from_secs(300)));
        assert_eq!(parse("1h30m"), Ok(Duration::from_secs(5400)));
        for wrong in [
            "",
            "5",
            "-5m",
            "soon",
            "5 parsecs",
            "999999999999999999999h",
        ] {
            let error = parse(wrong).unwrap_err();
            assert!(error.contains("such as 90s"), "{wrong}: {error}");
        }
    }

    #[test]
    fn the_longest_is_named_as_it_would_be_written() {
        for (parsed, longest) in [
            (parse_wait as fn(&str) -> _, LONGEST_WAIT),
            (parse_validity, LONGEST_VALIDITY),
        ] {
            let error = parsed("99999d").unwrap_err();
            let named = error
                .strip_prefix("It can be at most ")
                .and_then(|words| words.strip_suffix('.'))
                .unwrap();
            assert_eq!(parsed(named), Ok(longest));
            assert!(parsed(&format!("{named} 1s")).is_err());
        }
    }

    #[test]
    fn there_are_words_for_what_is_ahead_alone() {
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        let ahead = now + chrono::Duration::seconds(61);
        assert_eq!(until(ahead, now).as_deref(), Some("1 min 1 s"));
        assert_eq!(until(now, now), None);
        assert_eq!(until(now - chrono::Duration::days(1), now), None);
    }
}
