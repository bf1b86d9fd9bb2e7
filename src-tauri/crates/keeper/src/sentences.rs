//! Checks that errors are whole sentences, as they are shown to people without any change.

use std::io;

use crate::config::{AccountNameError, ConfigError, UnknownKey};
use crate::env_file::{EnvFileError, Needed};
use crate::home::{HomeError, LockError};
use crate::journal::{JournalError, ReplacedJournal};
use crate::vault::VaultError;

fn are_whole_sentences(text: &str) -> bool {
    text.starts_with(char::is_uppercase) && text.ends_with('.') && !text.contains("..")
}

fn check(errors: &[&dyn std::error::Error]) {
    for error in errors {
        assert!(are_whole_sentences(&error.to_string()), "{error}");
    }
}

fn why() -> String {
    "it is so".to_owned()
}

fn source() -> io::Error {
    io::ErrorKind::PermissionDenied.into()
}

#[test]
fn errors_of_the_vault_are_whole_sentences() {
    let account = why();
    check(&[
        &VaultError::Locked,
        &VaultError::Absent { why: why() },
        &VaultError::TimedOut,
        &VaultError::Damaged {
            account: account.clone(),
            why: why(),
        },
        &VaultError::Newer {
            account,
            version: 2,
        },
        &VaultError::Dismissed,
        &VaultError::Failed { why: why() },
    ]);
}

#[test]
fn errors_of_the_configuration_are_whole_sentences() {
    let (path, line, key) = (|| "config.toml".into(), 1, || "sign_in.limit".to_owned());
    check(&[
        &ConfigError::Unreadable {
            path: path(),
            source: source(),
        },
        &ConfigError::NotToml {
            path: path(),
            line,
            why: why(),
        },
        &ConfigError::Wrong {
            path: path(),
            line,
            key: key(),
            message: "It is wrong.".to_owned(),
        },
        &ConfigError::Exists {
            name: "work".parse().unwrap(),
        },
        &ConfigError::NotSaved {
            path: path(),
            source: source(),
        },
        &UnknownKey {
            path: path(),
            line,
            key: key(),
        },
        &AccountNameError::Empty,
        &AccountNameError::TooLong(65),
        &AccountNameError::WrongStart('-'),
        &AccountNameError::WrongCharacter('/'),
    ]);
}

#[test]
fn errors_of_journal_and_home_are_whole_sentences() {
    let path = || "journal.sqlite".into();
    check(&[
        &JournalError::Unusable {
            path: path(),
            why: why(),
        },
        &JournalError::Failed { why: why() },
        &ReplacedJournal {
            why: why(),
            moved_to: path(),
        },
        &HomeError::Nowhere { why: why() },
        &HomeError::Io {
            path: path(),
            source: source(),
        },
        &HomeError::SocketPathTooLong {
            path: path(),
            limit: 100,
        },
        &HomeError::NotOurs {
            path: path(),
            why: "is not a folder",
        },
        &LockError::Held { pid: Some(1) },
        &LockError::Io {
            path: path(),
            source: source(),
        },
    ]);
}

#[test]
fn errors_of_env_files_are_whole_sentences() {
    let path = || "work.env".into();
    let missing = |needed| EnvFileError::Missing {
        path: path(),
        needed,
    };
    check(&[
        &EnvFileError::Unreadable {
            path: path(),
            why: why(),
        },
        &EnvFileError::Wrong {
            path: path(),
            line: 1,
            why: why(),
        },
        &missing(Needed::ClientId),
        &missing(Needed::Assertion),
        &missing(Needed::ClientSecret),
        &missing(Needed::RedirectUri),
    ]);
}
