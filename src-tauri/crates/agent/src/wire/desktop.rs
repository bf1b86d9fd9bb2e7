//! The bodies of requests that need a desktop.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokenkeep_keeper::config::AccountName;
use url::Url;

use super::exposed::exposed_secret;

/// `POST /v1/accounts/{name}/copy`: the token is wanted in the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyBody {
    /// In which form.
    pub what: Copied,
}

/// In which form a token is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts-rs", derive(ts_rs::TS), ts(export))]
pub enum Copied {
    /// The token alone.
    AccessToken,
    /// `Authorization: Bearer …`.
    AuthorizationHeader,
}

/// The answer if a token was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyAnswer {
    /// After how many seconds it is taken out of the clipboard again.
    pub cleared_after: u64,
}

/// `POST /v1/start-at-login`: whether Tokenkeep is to start at login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartAtLoginBody {
    /// Whether it is.
    pub enabled: bool,
}

/// The answer of `/v1/start-at-login`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts-rs", derive(ts_rs::TS))]
pub struct StartAtLogin {
    /// Whether Tokenkeep starts at login.
    pub enabled: bool,
    /// Whether this is the time to offer it.
    pub offer: bool,
}

/// `POST /v1/windows`: a window asks what it is to show.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowBody {
    /// The secret that shows that the desktop opened it.
    #[serde(serialize_with = "exposed_secret")]
    pub proof: SecretString,
}

/// What a window is to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "task")]
pub enum WindowTask {
    /// The main window.
    Main,
    /// A sign-in.
    SignIn {
        /// Whose.
        account: AccountName,
        /// The page to visit.
        authorization_url: Url,
        /// Where the provider will redirect to: that page is not visited, but brought back.
        redirect_uri: Url,
    },
}

/// `POST /v1/windows/redirect`: where a sign-in window was redirected to. The URL carries the authorization code, hence
/// a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowRedirected {
    /// The secret that shows that the desktop opened it.
    #[serde(serialize_with = "exposed_secret")]
    pub proof: SecretString,
    /// The URL that the provider redirected to, whole.
    #[serde(serialize_with = "exposed_secret")]
    pub redirect: SecretString,
}
