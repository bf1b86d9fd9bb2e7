//! What the page is told and what it asks, as plain types. `cargo test` writes their TypeScript to
//! `ui/src/lib/backend/bindings`. Moments are milliseconds since 1970 in UTC. No token is in any of them.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokenkeep_agent::ClientError;
use tokenkeep_agent::wire::{self, StatusAnswer};
use tokenkeep_keeper::config;
use tokenkeep_keeper::keeper::{AccountView, KeeperError, LeaseView, NewAccount, VaultView};
use tokenkeep_oauth::preset;
use tokenkeep_protocol::account;
use url::Url;

use crate::window::host;

/// Something that the page is told by itself.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(super) enum Update {
    /// How everything stands.
    All {
        accounts: Vec<Account>,
        keeper: Keeper,
    },
    /// An account changed, or was added.
    Account { account: Account },
    /// An account was removed.
    Removed { name: String },
    /// The keeper as a whole changed.
    Keeper { keeper: Keeper },
    /// An `.env` file was dropped on the window.
    EnvFile { file: EnvFile },
    /// A file was dropped on the window that cannot be used.
    EnvFileRefused { message: String },
    /// The keeper has ended.
    Gone { message: String },
}

/// How an account stands.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    name: String,
    /// The provider as people call it.
    provider: String,
    /// The provider's host.
    server: Option<String>,
    grant: Grant,
    state: State,
    /// What is wrong and what to do, in words.
    problem: Option<String>,
    fingerprint: Option<String>,
    issued_at: Option<i64>,
    expires_at: Option<i64>,
    /// Whether that is a guess.
    expiry_assumed: bool,
    next_renewal: Option<i64>,
    lapse: Option<Lapse>,
    /// The keychain does not hold the current tokens yet.
    unsaved: bool,
    leases: Vec<Lease>,
}

/// How tokens are first obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub(super) enum Grant {
    Code,
    Jwt,
}

/// How an account stands, in one word.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Loading,
    SignedOut,
    Fresh,
    Renewing,
    InDoubt,
    Failing,
    Misconfigured,
    SignInNeeded,
}

/// When a credential stops working for good.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub(super) struct Lapse {
    at: i64,
    cause: Cause,
}

/// What ends.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub(super) enum Cause {
    NoRefreshToken,
    RefreshTokenEnds,
    SessionEnds,
    AssertionEnds,
}

/// Somebody's hold on the token.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub(super) struct Lease {
    /// Text, because it counts further than a number of the page does.
    id: String,
    /// Who holds it.
    holder: String,
    since: i64,
    until: i64,
}

/// How the keeper as a whole stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "camelCase")]
pub(super) struct Keeper {
    version: String,
    vault: Vault,
    problems: Vec<String>,
    start_at_login: StartAtLogin,
}

/// How the keychain stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case", tag = "state")]
pub(super) enum Vault {
    Ready,
    MemoryOnly,
    Locked,
    Absent { why: String },
}

/// Whether Tokenkeep starts at login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub(super) struct StartAtLogin {
    enabled: bool,
    /// Whether to offer it.
    offer: bool,
}

/// An `.env` file that was read, without its secrets.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "camelCase")]
pub(super) struct EnvFile {
    pub(super) id: u32,
    pub(super) file_name: String,
    pub(super) provider: String,
    pub(super) server: Option<String>,
    pub(super) client_id: String,
    pub(super) redirect_uri: Option<String>,
    pub(super) has_client_secret: bool,
    pub(super) has_assertion: bool,
    /// How one can sign in with it; the usual way first.
    pub(super) grants: Vec<Grant>,
}

/// An account as it was typed in. Its secrets go this one way.
#[derive(Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountForm {
    name: String,
    provider: ProviderChoice,
    server: Option<String>,
    client_id: String,
    grant: Grant,
    redirect_uri: Option<String>,
    #[cfg_attr(test, ts(type = "string | null"))]
    client_secret: Option<SecretString>,
    #[cfg_attr(test, ts(type = "string | null"))]
    assertion: Option<SecretString>,
}

/// The providers that can be chosen.
#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub(super) enum ProviderChoice {
    #[serde(rename = "ringcentral")]
    RingCentral,
    Practice,
}

/// What of a token is copied.
#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub(super) enum Copied {
    AccessToken,
    AuthorizationHeader,
}

/// Why a command was not carried out.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub(super) struct Refusal {
    /// What happened, what it means for the token, and what to do.
    pub(super) message: String,
    /// The field that was wrong, where one was.
    pub(super) field: Option<String>,
}

impl AccountForm {
    /// The account that the form describes.
    ///
    /// # Errors
    /// Names the field that cannot be read.
    pub(super) fn account(self) -> Result<NewAccount, Refusal> {
        let name = self
            .name
            .trim()
            .parse()
            .map_err(|error| Refusal::of_field("name", error))?;
        let given = |secret: &SecretString| {
            use secrecy::ExposeSecret as _;
            !secret.expose_secret().trim().is_empty()
        };
        Ok(NewAccount {
            name,
            provider: self.provider.name().to_owned(),
            server: address("server", self.server.as_deref())?,
            client_id: self.client_id.trim().to_owned(),
            grant: self.grant.into(),
            redirect_uri: address("redirect_uri", self.redirect_uri.as_deref())?,
            client_secret: self.client_secret.filter(given),
            assertion: self.assertion.filter(given),
        })
    }
}

/// An address that was typed in, where one was.
fn address(field: &str, typed: Option<&str>) -> Result<Option<Url>, Refusal> {
    let typed = typed.map(str::trim).filter(|typed| !typed.is_empty());
    typed
        .map(|typed| {
            Url::parse(typed).map_err(|error| {
                let words = format!(
                    "This is not an address ({error}). It has to be like https://example.com/path."
                );
                Refusal::of_field(field, words)
            })
        })
        .transpose()
}

impl ProviderChoice {
    fn name(self) -> &'static str {
        match self {
            Self::RingCentral => "ringcentral",
            Self::Practice => "practice",
        }
    }
}

/// A provider as people call it.
pub(super) fn provider_title(name: &str) -> String {
    preset(name, None).map_or_else(|_| name.to_owned(), |provider| provider.title)
}

fn milliseconds(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

impl From<AccountView> for Account {
    fn from(view: AccountView) -> Self {
        Self {
            name: view.name.to_string(),
            provider: provider_title(&view.provider),
            server: view.server.as_ref().and_then(host),
            grant: view.grant.into(),
            state: view.state.into(),
            problem: view.problem,
            fingerprint: view.fingerprint.map(|fingerprint| fingerprint.to_string()),
            issued_at: view.issued_at.map(milliseconds),
            expires_at: view.expires_at.map(milliseconds),
            expiry_assumed: view.expiry_assumed,
            next_renewal: view.next_renewal.map(milliseconds),
            lapse: view.lapse.map(|lapse| Lapse {
                at: milliseconds(lapse.at),
                cause: lapse.cause.into(),
            }),
            unsaved: view.unsaved,
            leases: view.leases.into_iter().map(Lease::from).collect(),
        }
    }
}

impl From<LeaseView> for Lease {
    fn from(lease: LeaseView) -> Self {
        Self {
            id: lease.id.to_string(),
            holder: lease.holder.to_string(),
            since: milliseconds(lease.since),
            until: milliseconds(lease.until),
        }
    }
}

impl Keeper {
    pub(super) fn new(status: StatusAnswer, start_at_login: wire::StartAtLogin) -> Self {
        let status = status.status;
        Self {
            version: status.version,
            vault: match status.vault {
                VaultView::Ready => Vault::Ready,
                VaultView::MemoryOnly => Vault::MemoryOnly,
                VaultView::Locked => Vault::Locked,
                VaultView::Absent(why) => Vault::Absent { why },
            },
            problems: status.problems,
            start_at_login: start_at_login.into(),
        }
    }
}

impl From<wire::StartAtLogin> for StartAtLogin {
    fn from(state: wire::StartAtLogin) -> Self {
        Self {
            enabled: state.enabled,
            offer: state.offer,
        }
    }
}

impl From<config::Grant> for Grant {
    fn from(grant: config::Grant) -> Self {
        match grant {
            config::Grant::Code => Self::Code,
            config::Grant::Jwt => Self::Jwt,
        }
    }
}

impl From<Grant> for config::Grant {
    fn from(grant: Grant) -> Self {
        match grant {
            Grant::Code => Self::Code,
            Grant::Jwt => Self::Jwt,
        }
    }
}

impl From<Copied> for wire::Copied {
    fn from(what: Copied) -> Self {
        match what {
            Copied::AccessToken => Self::AccessToken,
            Copied::AuthorizationHeader => Self::AuthorizationHeader,
        }
    }
}

impl From<account::State> for State {
    fn from(state: account::State) -> Self {
        match state {
            account::State::Loading => Self::Loading,
            account::State::SignedOut => Self::SignedOut,
            account::State::Fresh => Self::Fresh,
            account::State::Renewing => Self::Renewing,
            account::State::InDoubt => Self::InDoubt,
            account::State::Failing => Self::Failing,
            account::State::Misconfigured => Self::Misconfigured,
            account::State::SignInNeeded => Self::SignInNeeded,
        }
    }
}

impl From<account::Cause> for Cause {
    fn from(cause: account::Cause) -> Self {
        match cause {
            account::Cause::NoRefreshToken => Self::NoRefreshToken,
            account::Cause::RefreshTokenEnds => Self::RefreshTokenEnds,
            account::Cause::SessionEnds => Self::SessionEnds,
            account::Cause::AssertionEnds => Self::AssertionEnds,
        }
    }
}

impl Refusal {
    /// Words without a field.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            field: None,
        }
    }

    pub(super) fn of_field(field: &str, why: impl std::fmt::Display) -> Self {
        Self {
            message: why.to_string(),
            field: Some(field.to_owned()),
        }
    }
}

impl From<KeeperError> for Refusal {
    fn from(error: KeeperError) -> Self {
        Self {
            message: error.message,
            field: error.field,
        }
    }
}

impl From<ClientError> for Refusal {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refused(error) => error.into(),
            other => Self::new(other.to_string()),
        }
    }
}

impl From<Result<EnvFile, Refusal>> for Update {
    fn from(read: Result<EnvFile, Refusal>) -> Self {
        match read {
            Ok(file) => Self::EnvFile { file },
            Err(refusal) => Self::EnvFileRefused {
                message: refusal.message,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(more: serde_json::Value) -> AccountForm {
        let mut form = serde_json::json!({
            "name": " me ", "provider": "ringcentral", "server": "", "clientId": " id ", "grant": "code",
            "redirectUri": "http://localhost:5000/cb", "clientSecret": " ", "assertion": null,
        });
        for (field, value) in more.as_object().unwrap() {
            form[field] = value.clone();
        }
        serde_json::from_value(form).unwrap()
    }

    #[test]
    fn what_was_left_empty_is_absent_and_spaces_do_not_count() {
        let account = form(serde_json::json!({})).account().unwrap();
        assert_eq!(
            (account.name.as_str(), account.client_id.as_str()),
            ("me", "id")
        );
        assert!(account.server.is_none() && account.client_secret.is_none());
        assert_eq!(account.provider, "ringcentral");
    }

    #[test]
    fn a_field_that_cannot_be_read_is_named() {
        for (field, wrong, named) in [
            ("name", "a b", "name"),
            ("server", "nowhere", "server"),
            ("redirectUri", "cb", "redirect_uri"),
        ] {
            let refusal = form(serde_json::json!({ field: wrong }))
                .account()
                .unwrap_err();
            assert_eq!(refusal.field.as_deref(), Some(named));
        }
    }
}
