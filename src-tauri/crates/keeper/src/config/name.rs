//! The names that accounts can have.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest name, in bytes. It has to fit into the name of a keychain item and into a column of `tokenkeep list`.
const LONGEST: usize = 64;

/// An account's name: 1 to 64 letters (`A` to `Z`), digits, `.`, `_`, `-` and `@`, not beginning with `-` or `.`. So it can
/// be an argument, a file's name and a segment of a URL's path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountName(String);

/// Why a text cannot be an account's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountNameError {
    /// It is empty.
    #[error("An account's name cannot be empty.")]
    Empty,
    /// It has more than 64 characters.
    #[error("An account's name has at most {LONGEST} characters; this one has {0}.")]
    TooLong(usize),
    /// It begins with a character that has another meaning there.
    #[error("An account's name cannot begin with {0:?}.")]
    WrongStart(char),
    /// It contains a character that is not allowed.
    #[error(
        "An account's name cannot contain {0:?}; use letters (A-Z), digits, '.', '_', '-' and '@'."
    )]
    WrongCharacter(char),
}

impl AccountName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether two names are equal except for case. Windows' keychain takes such names for the same.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }

    /// A text that is the same for names that are [alike](Self::is_like), and only for those.
    pub(super) fn without_case(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl FromStr for AccountName {
    type Err = AccountNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for AccountName {
    type Error = AccountNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
        let first = text.chars().next().ok_or(AccountNameError::Empty)?;
        if let Some(wrong) = text.chars().find(|c| !allowed(c)) {
            return Err(AccountNameError::WrongCharacter(wrong));
        }
        if matches!(first, '-' | '.') {
            return Err(AccountNameError::WrongStart(first));
        }
        if text.len() > LONGEST {
            return Err(AccountNameError::TooLong(text.len()));
        }
        Ok(Self(text))
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> Self {
        name.0
    }
}

impl Deref for AccountName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for AccountName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_names_are_accepted() {
        for name in [
            "work",
            "a",
            "@me",
            "_x",
            "9",
            "first.last@example.com",
            &"x".repeat(64),
        ] {
            assert_eq!(name.parse::<AccountName>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_refusal_says_what_is_wrong() {
        for (name, words) in [
            ("", "empty"),
            (&*"x".repeat(65), "at most 64 characters; this one has 65"),
            ("-x", "begin with '-'"),
            (".x", "begin with '.'"),
            ("a b", "contain ' '"),
            ("a/b", "contain '/'"),
            ("ä", "contain 'ä'"),
            ("a\nb", "contain '\\n'"),
        ] {
            let error = name.parse::<AccountName>().unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_keeps_to_the_rule(text: String) {
            if let Ok(name) = text.parse::<AccountName>() {
                prop_assert!(name.as_str() == text && (1..=64).contains(&text.len()));
                prop_assert!(!text.contains(['/', '\\', ' ', '"', '\n']));
            }
        }
    }
}
