//! Every setting of `config.toml`, in one table. A new one takes an entry here, its use, and its row in the documentation,
//! which a test compares with the table.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::UnknownKey;
use super::source::{ConfigError, Section};

/// How long a person has to sign in. Nobody types a password in less than the shortest time.
pub const SIGN_IN_LIMIT: Setting = Setting {
    table: "sign_in",
    key: "limit_seconds",
    says: "how long a person has to sign in",
    default: Some(600),
    bounds: 10..=LONGEST_SIGN_IN_SECONDS,
};

/// After how long a copied token is taken out of the clipboard.
pub const CLIPBOARD_CLEARED_AFTER: Setting = Setting {
    table: "clipboard",
    key: "clear_after_seconds",
    says: "how long a copied token stays in the clipboard",
    default: Some(45),
    bounds: 5..=600,
};

/// How many token requests a minute the provider allows a client. Takes the place of the preset's quota.
pub const REQUESTS_PER_MINUTE: Setting = Setting {
    table: PROVIDERS,
    key: "requests_per_minute",
    says: "how many token requests a minute the provider allows a client; 0 for no limit",
    default: None,
    bounds: 0..=u32::MAX,
};

/// All settings, in the order of the documentation.
const TABLE: [&Setting; 3] = [
    &SIGN_IN_LIMIT,
    &CLIPBOARD_CLEARED_AFTER,
    &REQUESTS_PER_MINUTE,
];

/// Nobody sits in front of a page for more than an hour.
const LONGEST_SIGN_IN_SECONDS: u32 = 3600;

/// The longest that a person can be given to sign in.
pub const LONGEST_SIGN_IN: Duration = Duration::from_secs(LONGEST_SIGN_IN_SECONDS as u64);

/// The table that holds one table for each provider.
const PROVIDERS: &str = "providers";

/// A setting: a whole number within bounds.
#[derive(Debug)]
pub struct Setting {
    table: &'static str,
    key: &'static str,
    /// What the number says: a phrase, for the documentation and for errors.
    says: &'static str,
    /// What holds where it is not set; for a provider's setting, the preset's own where there is none.
    default: Option<u32>,
    bounds: RangeInclusive<u32>,
}

impl Setting {
    /// What a section says.
    fn read(&self, section: &Section<'_>) -> Result<Option<u32>, ConfigError> {
        if !section.has(self.key) {
            return Ok(None);
        }
        let number = section
            .integer(self.key)
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| self.bounds.contains(number));
        number.map(Some).ok_or_else(|| {
            let (says, bounds) = (self.says, self.bounds_in_words());
            section.wrong(self.key, format!("It says {says}, and has to be {bounds}."))
        })
    }

    fn bounds_in_words(&self) -> String {
        let (least, most) = (self.bounds.start(), self.bounds.end());
        if *most == u32::MAX {
            format!("a whole number, {least} or more")
        } else {
            format!("a whole number from {least} to {most}")
        }
    }
}

/// What is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// By table and key; where that table has one for each provider, by provider, too.
    set: BTreeMap<(&'static str, String, &'static str), u32>,
}

impl Settings {
    /// Reads all settings; also the keys beside them that have no effect.
    pub(super) fn read(root: &Section<'_>) -> Result<(Self, Vec<UnknownKey>), ConfigError> {
        let mut settings = Self::default();
        let mut unknown = Vec::new();
        for table in Self::tables() {
            let Some(section) = root.section(table)? else {
                continue;
            };
            let sections = match table {
                PROVIDERS => section.sections()?,
                _ => vec![("", section)],
            };
            for (provider, section) in sections {
                unknown.extend(settings.read_section(table, provider, &section)?);
            }
        }
        Ok((settings, unknown))
    }

    /// The top-level tables that settings are in.
    pub(super) fn tables() -> BTreeSet<&'static str> {
        TABLE.iter().map(|setting| setting.table).collect()
    }

    fn read_section(
        &mut self,
        table: &'static str,
        provider: &str,
        section: &Section<'_>,
    ) -> Result<Vec<UnknownKey>, ConfigError> {
        let mut known = Vec::new();
        for setting in TABLE.iter().filter(|setting| setting.table == table) {
            known.push(setting.key);
            if let Some(number) = setting.read(section)? {
                self.set
                    .insert((table, provider.to_owned(), setting.key), number);
            }
        }
        Ok(section.unknown(&known).collect())
    }

    /// A duration that is set in seconds.
    #[must_use]
    pub fn seconds(&self, setting: &Setting) -> Duration {
        Duration::from_secs(self.get(setting, "").unwrap_or_default().into())
    }

    /// What is set for a provider; none where nothing is, and the preset's own holds.
    #[must_use]
    pub fn of_provider(&self, provider: &str, setting: &Setting) -> Option<u32> {
        self.get(setting, provider)
    }

    fn get(&self, setting: &Setting, provider: &str) -> Option<u32> {
        let set = self
            .set
            .get(&(setting.table, provider.to_owned(), setting.key));
        set.copied().or(setting.default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file that documents the settings, from this crate's folder.
    const DOCUMENTATION: &str = "../cli/README.md";

    /// The table of all settings in Markdown.
    fn documentation() -> String {
        let heading =
            "| in `config.toml` | what it sets | default | allowed |\n|---|---|---|---|\n";
        let rows = TABLE.iter().map(|setting| {
            let table = match setting.table {
                PROVIDERS => "providers.NAME",
                table => table,
            };
            let default = setting.default.map_or_else(
                || "the provider's own quota".to_owned(),
                |default| default.to_string(),
            );
            let (key, says) = (setting.key, setting.says);
            let bounds = setting.bounds_in_words();
            format!("| `[{table}] {key}` | {says} | {default} | {bounds} |\n")
        });
        heading.to_owned() + &rows.collect::<String>()
    }

    #[test]
    fn every_setting_is_documented() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENTATION);
        let text = std::fs::read_to_string(&path).unwrap();
        let table = documentation();
        assert!(
            text.contains(&table),
            "{} should have this table:\n\n{table}",
            path.display()
        );
    }

    #[test]
    fn a_default_is_within_its_bounds_and_no_setting_is_there_twice() {
        let mut keys = BTreeSet::new();
        for setting in TABLE {
            let bounds = &setting.bounds;
            assert!(
                setting
                    .default
                    .is_none_or(|default| bounds.contains(&default))
            );
            assert!(keys.insert((setting.table, setting.key)));
        }
    }
}
