//! What the keeper is asked, and what it answers: plain types that also travel over the agent's socket.
//!
//! Durations are whole seconds, moments are UTC. Only [`GivenToken`] and [`NewAccount`] hold secrets.

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokenkeep_oauth::{AccessToken, Fingerprint};
use url::Url;

use crate::config::{AccountName, Grant};
use tokenkeep_protocol::account::{Cause, Holder, LeaseRequest, State};

/// How long a reader waits for a token unless it says otherwise.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// A request for a token.
#[derive(Clone, Debug, Default)]
pub struct TokenRequest {
    /// The least validity the token must have left; zero asks for a token that lives.
    pub min_validity: Duration,
    /// How long to wait for it; [`DEFAULT_WAIT`] where absent.
    pub wait: Option<Duration>,
    /// An API refused this token: only another one will do.
    pub refused: Option<RefusedToken>,
    /// Take a lease.
    pub lease: Option<LeaseRequest>,
}

/// Which token an API refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedToken {
    /// The one with this fingerprint.
    Named(Fingerprint),
    /// The one that is current, whichever that is.
    Current,
}

/// A token, handed out. Its `Debug` prints no secret.
#[derive(Clone, Debug)]
pub struct GivenToken {
    /// The token.
    pub access_token: AccessToken,
    /// Its fingerprint, by which it is reported as refused.
    pub fingerprint: Fingerprint,
    /// When it dies.
    pub expires_at: DateTime<Utc>,
    /// How long it still lives.
    pub expires_in: Duration,
    /// Whether that is a guess, because the provider named no life.
    pub expiry_assumed: bool,
    /// The scope, where the provider named one.
    pub scope: Option<String>,
    /// The keychain does not hold this token yet: a crash now would lose it.
    pub unsaved: bool,
    /// The lease that was taken.
    pub lease: Option<GivenLease>,
}

/// A lease that was taken.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct GivenLease {
    /// Its name.
    pub id: u64,
    /// When it ends of itself.
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
    /// The redirect URI, as registered for the client. Needed by the code grant.
    pub redirect_uri: Option<Url>,
    /// The client secret, where the client has one. Needed by the JWT grant.
    pub client_secret: Option<SecretString>,
    /// The JWT credential. Needed by the JWT grant.
    pub assertion: Option<SecretString>,
}

/// How an account stands. Holds no secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccountView {
    /// Its name.
    pub name: AccountName,
    /// The provider's name.
    pub provider: String,
    /// The provider's base URL, where the configuration makes sense.
    pub server: Option<Url>,
    /// How tokens are first obtained.
    pub grant: Grant,
    /// The client id.
    pub client_id: String,
    /// How it stands, in one word.
    pub state: State,
    /// What is wrong and what to do, in words.
    pub problem: Option<String>,
    /// Counts its token sets.
    pub generation: u64,
    /// The current access token's fingerprint.
    pub fingerprint: Option<Fingerprint>,
    /// When the current access token was asked for.
    pub issued_at: Option<DateTime<Utc>>,
    /// When it dies.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether that is a guess, because the provider named no life.
    pub expiry_assumed: bool,
    /// When it is next renewed, or a failed renewal next tried.
    pub next_renewal: Option<DateTime<Utc>>,
    /// When the refresh token dies, where known.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// The earliest end that no scheduled renewal moves.
    pub lapse: Option<LapseView>,
    /// The keychain does not hold the current tokens yet.
    pub unsaved: bool,
    /// The scope, where the provider named one.
    pub scope: Option<String>,
    /// Who holds the current token.
    pub leases: Vec<LeaseView>,
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
    /// Its name.
    pub id: u64,
    /// Who holds it.
    pub holder: Holder,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it ends of itself.
    pub until: DateTime<Utc>,
    /// Whether it is on the token that is current now.
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
    /// Names the sign-in.
    pub id: u64,
    /// The page.
    pub authorization_url: Url,
    /// Where the provider will redirect to: what starts with this is to be brought back.
    pub redirect_uri: Url,
    /// When the keeper no longer waits for it.
    pub until: DateTime<Utc>,
}

/// What became of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// Whether there was a session for the provider to end. Whether it did is not waited for.
    pub revoking: bool,
}

/// Which lines of the journal are asked for.
#[derive(Clone, Debug, Default)]
pub struct JournalQuery {
    /// Only lines about this account.
    pub account: Option<AccountName>,
    /// Only lines after this one.
    pub after: Option<i64>,
    /// The newest so many of them; all where absent.
    pub limit: Option<u32>,
}

/// How the keeper itself stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// The keeper's process id.
    pub pid: u32,
    /// Where secrets rest, in words, and whether they can be reached.
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
    /// There is none, and why.
    Absent(String),
}
