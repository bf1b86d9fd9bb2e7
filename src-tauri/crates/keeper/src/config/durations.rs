//! Durations that a person may set, each in seconds and within bounds.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::UnknownKey;
use super::source::{ConfigError, Section};

/// The longest that a person can be given to sign in: nobody sits before a page for an hour.
pub const LONGEST_SIGN_IN: Duration = Duration::from_secs(3600);

/// How long a person has to sign in. Less than the shortest is no time to type a password in.
pub(super) const SIGN_IN_LIMIT: Setting = Setting {
    section: "sign_in",
    key: "limit_seconds",
    default: Duration::from_secs(600),
    allowed: Duration::from_secs(10)..=LONGEST_SIGN_IN,
    what: "a person can be given {} to sign in",
};

/// How long a copied token stays in the clipboard.
pub(super) const CLIPBOARD_CLEARED_AFTER: Setting = Setting {
    section: "clipboard",
    key: "clear_after_seconds",
    default: Duration::from_secs(45),
    allowed: Duration::from_secs(5)..=Duration::from_secs(600),
    what: "a token can stay in the clipboard for {}",
};

/// A duration that can be set in a section of its own.
pub(super) struct Setting {
    pub(super) section: &'static str,
    key: &'static str,
    pub(super) default: Duration,
    allowed: RangeInclusive<Duration>,
    /// What is wrong with one out of bounds; `{}` stands for the bounds.
    what: &'static str,
}

impl Setting {
    /// What the file says; also the keys beside it that have no effect.
    pub(super) fn read(
        &self,
        root: &Section<'_>,
    ) -> Result<(Duration, Vec<UnknownKey>), ConfigError> {
        let Some(section) = root.section(self.section)? else {
            return Ok((self.default, Vec::new()));
        };
        let unknown = section.unknown(&[self.key]).collect();
        let Some(seconds) = section.number(self.key)? else {
            return Ok((self.default, unknown));
        };
        let duration = Duration::from_secs(seconds.into());
        if !self.allowed.contains(&duration) {
            let (shortest, longest) =
                (self.allowed.start().as_secs(), self.allowed.end().as_secs());
            let bounds = format!("{shortest} to {longest} seconds");
            let why = format!("is {seconds}; {}", self.what.replace("{}", &bounds));
            return Err(section.wrong(self.key, &why));
        }
        Ok((duration, unknown))
    }
}
