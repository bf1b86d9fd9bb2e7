//! The keeper's requests and answers: plain types, which the agent also sends over its socket.
//!
//! Durations are in whole seconds, times in UTC. Only [`GivenToken`] and [`NewAccount`] hold secrets.

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokenkeep_oauth::{AccessToken, Fingerprint};
use url::Url;

use crate::config::{AccountName, Grant};
use crate::vault::Binding;
use tokenkeep_protocol::account::{Cause, Holder, LeaseRequest, State};

/// How long a reader waits for a token unless it says otherwise.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// A request for a token.
#[derive(Clone, Debug, Default)]
pub struct ReadRequest {
    /// How long the token must still be valid; zero asks for any valid token.
    pub min_validity: Duration,
    /// How long to wait for it; [`DEFAULT_WAIT`] if none.
    pub wait: Option<Duration>,
    /// An API refused this token, so another one is wanted.
    pub refused: Option<RefusedToken>,
    /// The lease to take.
    pub lease: Option<LeaseRequest>,
}

/// Which token an API refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedToken {
    /// The one with this fingerprint.
    Named(Fingerprint),
    /// The current one.
    Current,
}

/// A token that was handed out. Its `Debug` prints no secret.
#[derive(Clone, Debug)]
pub struct GivenToken {
    /// The token.
    pub access_token: AccessToken,
    /// Its fingerprint, to report it as refused.
    pub fingerprint: Fingerprint,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
    /// How long it is still valid.
    pub expires_in: Duration,
    /// Whether that is assumed, because the provider named no lifetime.
    pub expiry_assumed: bool,
    /// The scope, where the provider named one.
    pub scope: Option<String>,
    /// Whether the keychain does not hold this token yet, so that a crash would lose it.
    pub unsaved: bool,
    /// Whether the reader reported this token as refused, and the one before it was refused as soon: the refusals are not
    /// about the token.
    pub refused_again: bool,
    /// The lease that was taken.
    pub lease: Option<GivenLease>,
}

/// A lease that was taken.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct GivenLease {
    /// Its id.
    pub id: u64,
    /// When it ends by itself.
    pub until: DateTime<Utc>,
}

/// An account to be added.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its name.
    pub name: AccountName,
    /// The provider's name: a preset.
    pub provider: String,
    /// The provider's base URL, where it is not the preset's own.
    pub server: Option<Url>,
    /// The client id.
    pub client_id: String,
    /// How tokens are first obtained.
    pub grant: Grant,
    /// The redirect URI, as registered for the client. The code grant needs it.
    pub redirect_uri: Option<Url>,
    /// The client secret, where the client has one. The JWT grant needs it.
    pub client_secret: Option<SecretString>,
    /// The JWT credential. The JWT grant needs it.
    pub assertion: Option<SecretString>,
}

/// A field of [`NewAccount`], as errors name it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    strum::AsRefStr,
    strum::EnumString,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "ts-rs", derive(ts_rs::TS))]
#[expect(missing_docs, reason = "they are described at NewAccount")]
pub enum AccountField {
    Name,
    Provider,
    Server,
    ClientId,
    Grant,
    RedirectUri,
    ClientSecret,
    Assertion,
}

/// How an account stands. Holds no secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccountView {
    /// Its name.
    pub name: AccountName,
    /// The provider's name.
    pub provider: String,
    /// The provider's base URL, if the configuration can be used.
    pub server: Option<Url>,
    /// How tokens are first obtained.
    pub grant: Grant,
    /// The client id.
    pub client_id: String,
    /// Its state.
    pub state: State,
    /// What is wrong and what to do, in words.
    pub problem: Option<String>,
    /// The number of its current token set, which counts up.
    pub generation: u64,
    /// The current access token's fingerprint.
    pub fingerprint: Option<Fingerprint>,
    /// When the current access token was requested.
    pub issued_at: Option<DateTime<Utc>>,
    /// When it expires.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether that is assumed, because the provider named no lifetime.
    pub expiry_assumed: bool,
    /// When it is next renewed, or a failed renewal is next tried again.
    pub next_renewal: Option<DateTime<Utc>>,
    /// When the refresh token expires, if that is known.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// When the account stops working without a person, if that is known.
    pub lapse: Option<LapseView>,
    /// Whether the keychain does not hold the current tokens yet.
    pub unsaved: bool,
    /// The scope, where the provider named one.
    pub scope: Option<String>,
    /// Who holds the current token.
    pub leases: Vec<LeaseView>,
    /// The configuration names another client or server than the secrets were given for, so that nothing is sent before a
    /// person agrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unconfirmed: Option<Unconfirmed>,
}

/// A change of where secrets go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unconfirmed {
    /// Whom they were given for.
    pub before: Binding,
    /// Whom the configuration names.
    pub now: Binding,
}

/// The moment a credential stops working and cannot be renewed without a person.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct LapseView {
    /// When.
    pub at: DateTime<Utc>,
    /// What ends.
    pub cause: Cause,
}

/// A lease.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeaseView {
    /// Its id.
    pub id: u64,
    /// Who holds it.
    pub holder: Holder,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it ends by itself.
    pub until: DateTime<Utc>,
    /// Whether it is on the current token.
    pub current: bool,
}

/// A lease, and the account whose token it is on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccountLease {
    /// The account.
    pub account: AccountName,
    /// The lease.
    #[serde(flatten)]
    pub lease: LeaseView,
}

/// What became of a request to sign in.
#[derive(Clone, Debug)]
pub enum SignInStep {
    /// It is done.
    Done(Box<AccountView>),
    /// A person has to visit a page and bring the redirect back.
    Visit(Visit),
}

/// A page that a person has to visit to sign in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Visit {
    /// The sign-in's id.
    pub id: u64,
    /// The page.
    pub authorization_url: Url,
    /// The beginning of the URL to which the provider will redirect, and which is to be brought back.
    pub redirect_uri: Url,
    /// When the keeper stops waiting for it.
    pub until: DateTime<Utc>,
}

/// A keychain item whose home is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orphan {
    /// The id of its home.
    pub home: String,
    /// Where that home lay, if the item says so; those of early versions do not.
    pub path: Option<String>,
    /// The account.
    pub account: String,
    /// Whom its secrets were given for, if it says so.
    pub bound_to: Option<Binding>,
    /// Whether there are tokens in it.
    pub signed_in: bool,
}

/// What became of a removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// Whether the provider was asked to end a session. The keeper waits for its reply for a few seconds.
    pub revoking: bool,
    /// Why the session may live on, in words, where the provider did not confirm in that time that it was ended.
    pub session_left: Option<String>,
}

/// Which lines of the journal are asked for.
#[derive(Clone, Debug, Default)]
pub struct JournalQuery {
    /// Only lines about this account.
    pub account: Option<AccountName>,
    /// Only lines after this one.
    pub after: Option<i64>,
    /// Only so many of the newest; all if none.
    pub limit: Option<u32>,
}

/// How the keeper itself stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// The keeper's process id.
    pub pid: u32,
    /// The state of the vault.
    pub vault: VaultView,
    /// What is wrong with the keeper as a whole, in words.
    pub problems: Vec<String>,
}

/// How the vault stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "why")]
#[cfg_attr(feature = "ts-rs", derive(ts_rs::TS))]
pub enum VaultView {
    /// It can be read and written.
    Ready,
    /// Secrets are kept in memory only, and are gone when the keeper ends.
    MemoryOnly,
    /// It is locked: a person has to unlock it.
    Locked,
    /// There is none. Says why, and what to do, in words.
    Absent(String),
}
