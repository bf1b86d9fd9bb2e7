//! Accounts: listed, added, renewed.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokenkeep_keeper::config::Grant;
use tokenkeep_keeper::keeper::{AccountView, KeeperError, NewAccount};
use tokenkeep_keeper::vault::Binding;

use super::exposed::exposed_text;
use super::fields::{parsed, url};

/// The answer to `GET /v1/accounts`, sorted by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccountsAnswer {
    /// The accounts.
    pub accounts: Vec<AccountView>,
}

/// `POST /v1/accounts`: an account to be added.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountAdded {
    /// Its name.
    pub name: String,
    /// The provider's name.
    pub provider: String,
    /// The provider's base URL, if it is not the preset's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The client id.
    pub client_id: String,
    /// How tokens are first obtained.
    pub grant: Grant,
    /// The redirect URI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// The client secret.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "exposed_text"
    )]
    pub client_secret: Option<SecretString>,
    /// The JWT credential.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "exposed_text"
    )]
    pub assertion: Option<SecretString>,
}

/// `POST …/confirm`: where the account's secrets may go, as a person has seen it in `unconfirmed.now`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBody {
    /// The client id.
    pub client_id: String,
    /// The servers' origins.
    pub origins: Vec<String>,
}

impl From<ConfirmBody> for Binding {
    fn from(agreed: ConfirmBody) -> Self {
        let ConfirmBody { client_id, origins } = agreed;
        Self { client_id, origins }
    }
}

/// `POST …/refresh` and `POST …/sign-in`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitBody {
    /// How long to wait for it, in seconds; 30 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<u64>,
}

impl AccountAdded {
    /// As the keeper understands it.
    pub(crate) fn new_account(self) -> Result<NewAccount, KeeperError> {
        Ok(NewAccount {
            name: parsed("name", &self.name)?,
            provider: self.provider,
            server: self
                .server
                .as_deref()
                .map(|server| url("server", server))
                .transpose()?,
            client_id: self.client_id,
            grant: self.grant,
            redirect_uri: self
                .redirect_uri
                .as_deref()
                .map(|uri| url("redirect_uri", uri))
                .transpose()?,
            client_secret: self.client_secret,
            assertion: self.assertion,
        })
    }
}

impl From<NewAccount> for AccountAdded {
    fn from(new: NewAccount) -> Self {
        Self {
            name: new.name.to_string(),
            provider: new.provider,
            server: new.server.map(String::from),
            client_id: new.client_id,
            grant: new.grant,
            redirect_uri: new.redirect_uri.map(String::from),
            client_secret: new.client_secret,
            assertion: new.assertion,
        }
    }
}
