//! An account as it is configured, and its form in the file.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use toml_edit::{Table, value};
use url::Url;

use super::source::{ConfigError, Section};

/// The keys of an account that this program knows.
const KEYS: &[&str] = &["provider", "server", "client_id", "grant", "redirect_uri"];

/// Keys that somebody may well write, of things that do not belong into a readable file.
const SECRETS: &[&str] = &[
    "client_secret",
    "secret",
    "assertion",
    "jwt",
    "password",
    "access_token",
    "refresh_token",
];

/// One sign-in that is kept, apart from its secrets: those are in the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The provider's name: a preset, or one under `[providers]`.
    pub provider: String,
    /// The base URL of the provider's server, where it is not the preset's own.
    pub server: Option<String>,
    /// The id of the app registration.
    pub client_id: String,
    /// How tokens are first obtained.
    pub grant: Grant,
    /// The redirect URI as it is registered, to the letter (RFC 6749, section 3.1.2.2).
    pub redirect_uri: Option<String>,
}

/// How an account's tokens are first obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[cfg_attr(feature = "ts-rs", derive(ts_rs::TS))]
pub enum Grant {
    /// A person signs in with a browser
    ///
    /// The authorization code grant (RFC 6749, section 4.1).
    Code,
    /// A JWT credential from the developer console
    ///
    /// The JWT bearer grant (RFC 7523).
    Jwt,
}

impl Account {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, ConfigError> {
        if let Some(secret) = SECRETS.iter().find(|key| section.has(key)) {
            return Err(section.wrong(
                secret,
                "is a secret, and this file is no place for one. Remove the line, and give it to `tokenkeep add` with --secrets-stdin instead",
            ));
        }
        let account = Self {
            provider: section
                .required("provider", "the provider's name, such as \"ringcentral\"")?,
            server: section.text("server")?,
            client_id: section.required("client_id", "the app's client id")?,
            grant: section
                .required("grant", "\"code\" or \"jwt\"")?
                .parse()
                .map_err(|error: UnknownGrant| section.wrong("grant", &error.to_string()))?,
            redirect_uri: section.text("redirect_uri")?,
        };
        match account.first_fault() {
            Some((field, why)) => Err(section.wrong(field, &why)),
            None => Ok(account),
        }
    }

    pub(super) fn unknown_keys(section: &Section<'_>) -> impl Iterator<Item = super::UnknownKey> {
        section.unknown(KEYS)
    }

    /// The first field that cannot be right, and what is wrong with it.
    pub(super) fn first_fault(&self) -> Option<(&'static str, String)> {
        if self.provider.is_empty() {
            return Some((
                "provider",
                "is empty; name a provider, such as \"ringcentral\"".into(),
            ));
        }
        if self.client_id.is_empty() {
            return Some((
                "client_id",
                "is empty; copy the client id from the app's page".into(),
            ));
        }
        if let Some(server) = &self.server {
            let why = match Url::parse(server) {
                Err(error) => format!("is no URL ({error})"),
                Ok(url) if !matches!(url.scheme(), "https" | "http") => "is no web address".into(),
                Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                    "has a user name or password in it, which is no place for one".into()
                }
                Ok(url) if url.query().is_some() || url.fragment().is_some() => {
                    "has a query or fragment".into()
                }
                Ok(_) => String::new(),
            };
            if !why.is_empty() {
                let how = "give the server's base URL, such as https://platform.ringcentral.com";
                return Some(("server", format!("{why}; {how}")));
            }
        }
        let redirect = self.redirect_uri.as_ref()?;
        let how =
            "copy the redirect URI from the app's page, such as http://localhost:8080/callback";
        match Url::parse(redirect) {
            Err(error) => Some(("redirect_uri", format!("is no URI ({error}); {how}"))),
            // RFC 6749, section 3.1.2.
            Ok(url) if url.fragment().is_some() => Some((
                "redirect_uri",
                format!("has a fragment, which OAuth forbids; {how}"),
            )),
            Ok(_) => None,
        }
    }

    pub(super) fn to_table(&self) -> Table {
        let mut table = Table::new();
        let grant = self.grant.to_string();
        for (key, text) in [
            ("provider", Some(&self.provider)),
            ("server", self.server.as_ref()),
            ("client_id", Some(&self.client_id)),
            ("grant", Some(&grant)),
            ("redirect_uri", self.redirect_uri.as_ref()),
        ] {
            if let Some(text) = text {
                table.insert(key, value(text));
            }
        }
        table
    }
}

/// Not a grant that this program knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is {0:?}; use \"code\" (a person signs in) or \"jwt\"")]
pub struct UnknownGrant(String);

impl FromStr for Grant {
    type Err = UnknownGrant;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "code" => Ok(Self::Code),
            "jwt" => Ok(Self::Jwt),
            _ => Err(UnknownGrant(text.to_owned())),
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Code => "code",
            Self::Jwt => "jwt",
        })
    }
}
