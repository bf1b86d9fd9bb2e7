//! `[sign_in]`: what a person prefers of signing in.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::UnknownKey;
use super::source::{ConfigError, Section};

/// How long a person has to sign in where the file does not say.
pub(super) const DEFAULT_LIMIT: Duration = Duration::from_secs(600);

/// The longest that a person can be given to sign in: nobody sits before a page for an hour.
pub const LONGEST_SIGN_IN: Duration = Duration::from_secs(3600);

/// Less than the shortest is no time to type a password in.
const ALLOWED: RangeInclusive<Duration> = Duration::from_secs(10)..=LONGEST_SIGN_IN;

const LIMIT: &str = "limit_seconds";

/// How long a person has to sign in.
pub(super) fn limit(section: &Section<'_>) -> Result<Duration, ConfigError> {
    let Some(seconds) = section.number(LIMIT)? else {
        return Ok(DEFAULT_LIMIT);
    };
    let limit = Duration::from_secs(seconds.into());
    if !ALLOWED.contains(&limit) {
        let (shortest, longest) = (ALLOWED.start().as_secs(), ALLOWED.end().as_secs());
        let why = format!(
            "is {seconds}; a person can be given {shortest} to {longest} seconds to sign in"
        );
        return Err(section.wrong(LIMIT, &why));
    }
    Ok(limit)
}

pub(super) fn unknown_keys(section: &Section<'_>) -> impl Iterator<Item = UnknownKey> {
    section.unknown(&[LIMIT])
}
