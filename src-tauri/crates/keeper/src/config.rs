//! `config.toml`: the accounts and the settings, without secrets.
//!
//! People edit this file too. What they wrote (comments, order, keys of a newer program) survives every change that the
//! program makes, and a file that cannot be read is never written.

mod account;
mod edit;
mod name;
mod settings;
mod source;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use toml_edit::{Document, DocumentMut};

use source::{Section, Source};

pub use account::{AccountEntry, Grant, UnknownGrant};
pub use name::{AccountName, AccountNameError};
pub use settings::{
    CLIPBOARD_CLEARED_AFTER, LONGEST_SIGN_IN, REQUESTS_PER_MINUTE, SIGN_IN_LIMIT, Setting, Settings,
};
pub use source::{ConfigError, UnknownKey};

/// The table that holds one table for each account.
const ACCOUNTS: &str = "accounts";

/// The key with the version of the file's form, at the top of the file.
const VERSION_KEY: &str = "version";

/// The version of the form that this program reads and writes. A file without a version is of the first.
const VERSION: i64 = 1;

/// What is configured, as it was last read.
#[derive(Clone, Debug)]
pub struct Config {
    path: PathBuf,
    accounts: BTreeMap<AccountName, AccountEntry>,
    settings: Settings,
    unknown: Vec<UnknownKey>,
}

impl Config {
    /// Reads the file. A missing file counts as an empty one.
    ///
    /// # Errors
    /// When it cannot be read, or something in it is wrong. The error says where, and what to do.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::read(path).map(|(config, _)| config)
    }

    /// The accounts by name.
    #[must_use]
    pub const fn accounts(&self) -> &BTreeMap<AccountName, AccountEntry> {
        &self.accounts
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Keys that have no effect, to warn about.
    #[must_use]
    pub fn unknown_keys(&self) -> &[UnknownKey] {
        &self.unknown
    }

    /// Adds an account and saves the file. The file is read again first, so that what a person has changed in the meantime
    /// is kept.
    ///
    /// # Errors
    /// When there is an account of this name, a field is wrong, or the file cannot be read or saved. The file is then
    /// unchanged.
    pub fn add_account(
        &mut self,
        name: &AccountName,
        account: &AccountEntry,
    ) -> Result<(), ConfigError> {
        let mut document = self.with_room_for(name, account)?;
        edit::add(&mut document, ACCOUNTS, name, account.to_table());
        self.save(&document)
    }

    /// Checks whether [`Config::add_account`] would accept the account, so that nothing else has to be undone if it would
    /// not.
    ///
    /// # Errors
    /// As [`Config::add_account`], except for saving.
    pub fn check_new_account(
        &self,
        name: &AccountName,
        account: &AccountEntry,
    ) -> Result<(), ConfigError> {
        self.with_room_for(name, account).map(drop)
    }

    /// The current file, after checking that the account can be added to it.
    fn with_room_for(
        &self,
        name: &AccountName,
        account: &AccountEntry,
    ) -> Result<DocumentMut, ConfigError> {
        if let Some((field, message)) = account.first_fault() {
            return Err(ConfigError::WrongAccount { field, message });
        }
        let (config, document) = Self::read(&self.path)?;
        match config.accounts.keys().find(|there| there.is_like(name)) {
            Some(there) => Err(ConfigError::Exists {
                name: there.clone(),
            }),
            None => Ok(with_version(document)),
        }
    }

    /// Removes an account and saves the file, as [`Config::add_account`] does. Returns whether there was one.
    ///
    /// # Errors
    /// When the file cannot be read or saved. It is then unchanged.
    pub fn remove_account(&mut self, name: &AccountName) -> Result<bool, ConfigError> {
        let (config, mut document) = Self::read(&self.path)?;
        if !config.accounts.contains_key(name) {
            *self = config;
            return Ok(false);
        }
        edit::remove(&mut document, ACCOUNTS, name);
        self.save(&document)?;
        Ok(true)
    }

    fn read(path: &Path) -> Result<(Self, DocumentMut), ConfigError> {
        let unreadable = |source| ConfigError::Unreadable {
            path: path.to_path_buf(),
            source,
        };
        let mut bytes = Vec::new();
        match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            opened => {
                let mut file = opened.map_err(unreadable)?;
                check_owner(&file, path)?;
                file.read_to_end(&mut bytes).map_err(unreadable)?;
            }
        }
        let text = String::from_utf8(bytes).map_err(|error| ConfigError::Unreadable {
            path: path.to_path_buf(),
            source: io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()),
        })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<(Self, DocumentMut), ConfigError> {
        let source = Source { path, text };
        let document = Document::parse(text).map_err(|error| source.not_toml(&error))?;
        let root = Section::root(&source, document.as_table());
        check_version(&source, &root)?;
        let (settings, unknown) = Settings::read(&root)?;
        let known: Vec<_> = Settings::tables()
            .into_iter()
            .chain([ACCOUNTS, VERSION_KEY])
            .collect();
        let mut config = Self {
            path: path.to_path_buf(),
            accounts: BTreeMap::new(),
            settings,
            unknown: root.unknown(&known).collect(),
        };
        if let Some(accounts) = root.section(ACCOUNTS)? {
            config.read_accounts(&accounts)?;
        }
        config.unknown.extend(unknown);
        Ok((config, document.into_mut()))
    }

    fn read_accounts(&mut self, accounts: &Section<'_>) -> Result<(), ConfigError> {
        // A map, because comparing each with each would be slow: the file is read again whenever an account is added.
        let mut without_case = HashMap::new();
        for (key, section) in accounts.sections()? {
            let name: AccountName = key
                .parse()
                .map_err(|error: AccountNameError| accounts.wrong(key, error.to_string()))?;
            if let Some(other) = without_case.insert(name.without_case(), name.clone()) {
                let message =
                    format!("It differs from {other} in nothing but case. Rename one of them.");
                return Err(accounts.wrong(key, message));
            }
            self.unknown.extend(AccountEntry::unknown_keys(&section));
            self.accounts.insert(name, AccountEntry::read(&section)?);
        }
        Ok(())
    }

    fn save(&mut self, document: &DocumentMut) -> Result<(), ConfigError> {
        let text = document.to_string();
        // Never write what could not be read again.
        let (config, _) = Self::parse(&self.path, &text)?;
        replace(&self.path, text.as_bytes()).map_err(|source| ConfigError::NotSaved {
            path: self.path.clone(),
            source,
        })?;
        *self = config;
        Ok(())
    }
}

/// Checks that nobody else decides what is in the file, because it says where secrets go. As `ssh` does, root is trusted.
#[cfg(unix)]
fn check_owner(file: &File, path: &Path) -> Result<(), ConfigError> {
    use std::os::unix::fs::MetadataExt;

    let found = file.metadata().map_err(|source| ConfigError::Unreadable {
        path: path.to_path_buf(),
        source,
    })?;
    let owners = [0, rustix::process::geteuid().as_raw()];
    let (why, what_to_do) = if !owners.contains(&found.uid()) {
        ("belongs to another user", "chown \"$USER\"")
    } else if found.mode() & 0o022 != 0 {
        ("can be written by other users", "chmod go-w")
    } else {
        return Ok(());
    };
    Err(ConfigError::NotYours {
        path: path.to_path_buf(),
        why,
        what_to_do,
    })
}

/// On Windows, the user's folders are closed to others.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn check_owner(_file: &File, _path: &Path) -> Result<(), ConfigError> {
    Ok(())
}

/// Checks that the file is of a form that this program knows, before anything else in it is looked at.
fn check_version(source: &Source<'_>, root: &Section<'_>) -> Result<(), ConfigError> {
    if !root.has(VERSION_KEY) {
        return Ok(());
    }
    match root.integer(VERSION_KEY) {
        Some(VERSION) => Ok(()),
        Some(version) if version > VERSION => Err(ConfigError::Newer {
            path: source.path.to_path_buf(),
            version,
        }),
        _ => Err(root.wrong(
            VERSION_KEY,
            format!("It is the version of the file's form, and has to be {VERSION}."),
        )),
    }
}

/// Gives a new file its version. One that a person wrote stays as it is: without a version, it is of the first.
fn with_version(mut document: DocumentMut) -> DocumentMut {
    if document.to_string().trim().is_empty() {
        document.insert(VERSION_KEY, toml_edit::value(VERSION));
    }
    document
}

/// Replaces a file atomically: a reader finds the old or the new content, even after a crash.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // If the file is a symbolic link, replace its target, not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let folder = path.parent().unwrap_or(Path::new("."));
    // Temporary files are created readable for this user only.
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(bytes)?;
    new.as_file().sync_all()?;
    new.persist(&path).map_err(|error| error.error)?;
    // So that the rename survives a power cut.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests;
