//! An account's configuration, and its form in the file.

use serde::{Deserialize, Serialize};
use strum::VariantNames as _;
use toml_edit::{Table, value};
use url::Url;

use super::source::{ConfigError, Section};

/// The known keys of an account.
const KEYS: &[&str] = &["provider", "server", "client_id", "grant", "redirect_uri"];

/// Keys that somebody might write, for secrets that do not belong in a readable file.
const SECRETS: &[&str] = &[
    "client_secret",
    "secret",
    "assertion",
    "jwt",
    "password",
    "access_token",
    "refresh_token",
];

/// An account's configuration. Its secrets are in the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEntry {
    /// The provider's name: a preset, or one under `[providers]`.
    pub provider: String,
    /// The base URL of the provider's server, where it is not the preset's own.
    pub server: Option<String>,
    /// The id of the app registration.
    pub client_id: String,
    /// How tokens are first obtained.
    pub grant: Grant,
    /// The redirect URI, exactly as it is registered (RFC 6749, section 3.1.2.2).
    pub redirect_uri: Option<String>,
}

/// How an account's tokens are first obtained.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", parse_err_ty = UnknownGrant, parse_err_fn = unknown_grant)]
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

impl AccountEntry {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, ConfigError> {
        if let Some(secret) = SECRETS.iter().find(|key| section.has(key)) {
            return Err(section.wrong(
                secret,
                "It is a secret. Do not put secrets in this file. Remove the line, and give the secret to `tokenkeep add` with --secrets-stdin instead.",
            ));
        }
        let account = Self {
            provider: section
                .required("provider", "the provider's name, such as \"ringcentral\"")?,
            server: section.text("server")?,
            client_id: section.required("client_id", "the app's client id")?,
            grant: section
                .required("grant", &Grant::names())?
                .parse()
                .map_err(|error: UnknownGrant| section.wrong("grant", error.to_string()))?,
            redirect_uri: section.text("redirect_uri")?,
        };
        match account.first_fault() {
            Some((field, message)) => Err(section.wrong(field, message)),
            None => Ok(account),
        }
    }

    pub(super) fn unknown_keys(section: &Section<'_>) -> impl Iterator<Item = super::UnknownKey> {
        section.unknown(KEYS)
    }

    /// The first wrong field, and what is wrong with it, in whole sentences.
    pub(super) fn first_fault(&self) -> Option<(&'static str, String)> {
        if self.provider.is_empty() {
            return Some((
                "provider",
                "The provider's name is empty. Name a provider, such as \"ringcentral\".".into(),
            ));
        }
        if self.client_id.is_empty() {
            return Some((
                "client_id",
                "The client id is empty. Copy it from the app's page.".into(),
            ));
        }
        let server = self.server.as_deref().and_then(server_fault);
        let redirect_uri = self.redirect_uri.as_deref().and_then(redirect_uri_fault);
        server
            .map(|fault| ("server", fault))
            .or(redirect_uri.map(|fault| ("redirect_uri", fault)))
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

fn server_fault(server: &str) -> Option<String> {
    let why = match Url::parse(server) {
        Err(error) => format!("is no URL ({error})"),
        Ok(url) if !matches!(url.scheme(), "https" | "http") => "is no web address".to_owned(),
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            "has a user name or password in it, which do not belong there".to_owned()
        }
        Ok(url) if url.query().is_some() || url.fragment().is_some() => {
            "has a query or fragment".to_owned()
        }
        Ok(_) => return None,
    };
    Some(format!(
        "The server's address {why}. Give the server's base URL, such as https://platform.ringcentral.com."
    ))
}

fn redirect_uri_fault(redirect_uri: &str) -> Option<String> {
    let why = match Url::parse(redirect_uri) {
        Err(error) => format!("is no URI ({error})"),
        // RFC 6749, section 3.1.2.
        Ok(url) if url.fragment().is_some() => "has a fragment, which OAuth forbids".to_owned(),
        Ok(_) => return None,
    };
    Some(format!(
        "The redirect URI {why}. Copy it from the app's page; it is like http://localhost:8080/callback."
    ))
}

impl Grant {
    /// All grants, as a person would write them.
    fn names() -> String {
        let names: Vec<_> = Self::VARIANTS
            .iter()
            .map(|name| format!("{name:?}"))
            .collect();
        names.join(" or ")
    }
}

/// The name of an unknown grant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("There is no grant {0:?}. Use {names}.", names = Grant::names())]
pub struct UnknownGrant(String);

fn unknown_grant(name: &str) -> UnknownGrant {
    UnknownGrant(name.to_owned())
}
