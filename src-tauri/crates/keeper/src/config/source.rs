//! Reads values from the configuration's text, and names file, line and key in errors.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml_edit::{Item, TableLike};

/// Why the configuration cannot be used. The file is left unchanged.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error(
        "The configuration {path} cannot be read ({source}). Check who may read it. Nothing has been changed."
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Somebody else may have written it.
    #[error(
        "The configuration {path} {why}, and it says where your secrets go, so it is not used. Look at what is in it, then run `{what_to_do} {path}`. Nothing has been changed."
    )]
    NotYours {
        /// The file.
        path: PathBuf,
        /// What is wrong, as a clause.
        why: &'static str,
        /// The command that mends it, without the file.
        what_to_do: &'static str,
    },
    /// A newer program wrote it.
    #[error(
        "The configuration {path} was written by a newer Tokenkeep (form {version}), so this one does not read it. Nothing has been changed. Start that version again."
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The form that the newer program writes.
        version: i64,
    },
    /// It is not TOML.
    #[error(
        "The configuration {path} cannot be understood in line {line} ({why}). Correct that line. Nothing has been changed."
    )]
    NotToml {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What the parser said, without quoting the line.
        why: String,
    },
    /// Something in it is wrong.
    #[error(
        "The configuration {path} is wrong in line {line}, at `{key}`. {message} Nothing has been changed."
    )]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The key with the tables that it is in.
        key: String,
        /// What is wrong with it and what to do, in whole sentences.
        message: String,
    },
    /// A field of the account to be added is wrong.
    #[error("{message}")]
    WrongAccount {
        /// The field.
        field: &'static str,
        /// What is wrong with it and what to do, in whole sentences.
        message: String,
    },
    /// There is an account of this name, or of one that differs only in case.
    #[error(
        "There is an account called {name} already, and it is left as it is. Choose another name, or remove that one first with `tokenkeep remove {name}`."
    )]
    Exists {
        /// The name of the account that is there.
        name: super::AccountName,
    },
    /// The file cannot be written; it is as it was before.
    #[error(
        "The configuration {path} cannot be saved ({source}), so it is as it was. Check that its folder can be written and has space."
    )]
    NotSaved {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// A key that this program does not know. It is kept and has no effect. It may be a typing error, so the user is warned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The configuration {path} has the key `{key}` in line {line}, which this version of Tokenkeep does not know. It has no effect; check its spelling."
)]
pub struct UnknownKey {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The key with the tables that it is in.
    pub key: String,
}

/// The file's path and text.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// The line at which `span` begins; the first line if there is no span.
    fn line(&self, span: Option<Range<usize>>) -> usize {
        let start = span.map_or(0, |span| span.start.min(self.text.len()));
        1 + self.text.as_bytes()[..start]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
    }

    /// The error for a text that is not TOML. It leaves out the parser's quotation of the line, in which somebody may have
    /// written a secret.
    pub(super) fn not_toml(&self, error: &toml_edit::TomlError) -> ConfigError {
        let why = error.message().lines().next().unwrap_or("it is not TOML");
        ConfigError::NotToml {
            path: self.path.to_path_buf(),
            line: self.line(error.span()),
            why: why.to_owned(),
        }
    }
}

/// A table of the file.
pub(super) struct Section<'a> {
    source: &'a Source<'a>,
    /// Its name as it is written in the file, such as `accounts.work`; empty for the whole file.
    name: String,
    table: &'a dyn TableLike,
    span: Option<Range<usize>>,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(super) fn root(source: &'a Source<'a>, table: &'a dyn TableLike) -> Self {
        Self {
            source,
            name: String::new(),
            table,
            span: None,
        }
    }

    /// The table `key` in this one, if it is there.
    pub(super) fn section(&self, key: &str) -> Result<Option<Self>, ConfigError> {
        let Some(item) = self.table.get(key) else {
            return Ok(None);
        };
        let table = item.as_table_like().ok_or_else(|| {
            self.wrong(key, "It has to be a table, with a line of its own in [ ].")
        })?;
        let span = item.span().or_else(|| self.key_span(key));
        Ok(Some(Self {
            source: self.source,
            name: self.path_of(key),
            table,
            span,
        }))
    }

    /// Every table in this one, by name.
    pub(super) fn sections(&self) -> Result<Vec<(&'a str, Self)>, ConfigError> {
        let found = self
            .table
            .iter()
            .map(|(key, _)| Ok((key, self.section(key)?)));
        let found: Vec<_> = found.collect::<Result<_, ConfigError>>()?;
        Ok(found
            .into_iter()
            .filter_map(|(key, section)| Some((key, section?)))
            .collect())
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The text of `key`, if it is there.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, ConfigError> {
        let Some(item) = self.table.get(key) else {
            return Ok(None);
        };
        match item.as_str() {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(self.wrong(key, "It has to be text in quotes.")),
        }
    }

    /// The text of `key`, which is required. `what` names it in the error.
    pub(super) fn required(&self, key: &str, what: &str) -> Result<String, ConfigError> {
        self.text(key)?
            .ok_or_else(|| self.wrong(key, format!("It is missing. Add {what}.")))
    }

    /// The whole number of `key`, if it is there and is one.
    pub(super) fn integer(&self, key: &str) -> Option<i64> {
        self.table.get(key)?.as_integer()
    }

    /// The keys of this table that are not among those known.
    pub(super) fn unknown(&self, known: &[&str]) -> impl Iterator<Item = UnknownKey> {
        self.table
            .iter()
            .filter(|(key, _)| !known.contains(key))
            .map(|(key, _)| UnknownKey {
                path: self.source.path.to_path_buf(),
                line: self.source.line(self.key_span(key)),
                key: self.path_of(key),
            })
    }

    /// The error for a wrong key, with its line, or with this table's line if the key is missing. The message is in whole
    /// sentences, in which "it" is the key.
    pub(super) fn wrong(&self, key: &str, message: impl Into<String>) -> ConfigError {
        let span = self.key_span(key).or_else(|| self.span.clone());
        ConfigError::Wrong {
            path: self.source.path.to_path_buf(),
            line: self.source.line(span),
            key: self.path_of(key),
            message: message.into(),
        }
    }

    fn key_span(&self, key: &str) -> Option<Range<usize>> {
        let (key, item) = self.table.get_key_value(key)?;
        key.span().or_else(|| Item::span(item))
    }

    fn path_of(&self, key: &str) -> String {
        let key = toml_edit::Key::new(key);
        if self.name.is_empty() {
            key.to_string()
        } else {
            format!("{}.{key}", self.name)
        }
    }
}
