//! The bodies of requests and answers, as JSON.
//!
//! Durations are whole seconds, moments are UTC in RFC 3339. A field that is absent or `null` has its default; a field
//! that nobody knows is an error, so that a mistyped one is not passed over. Views of the keeper travel as they are
//! ([`tokenkeep_keeper::keeper`]).

mod desktop;

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use tokenkeep_keeper::config::{AccountName, Grant};
use tokenkeep_keeper::keeper::{
    AccountLease, AccountView, GivenLease, GivenToken, JournalLine, KeeperError, NewAccount,
    RefusedToken, SignInStep, Status, TokenRequest, Visit,
};
use tokenkeep_oauth::{AccessToken, Fingerprint};
use tokenkeep_protocol::account::{Holder, LeaseEnd, LeaseNews, LeaseRequest};
use url::Url;

pub use desktop::{
    Copied, CopyAnswer, CopyAsked, StartAtLogin, StartAtLoginAsked, WindowAsked, WindowRedirected,
    WindowTask,
};

/// The longest a request may ask to wait, or a lease to last: a day. Nobody waits longer, and sums of such durations
/// stay far from overflowing.
pub const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);
/// The most validity that can be asked for: no access token lives for ten years.
pub const LONGEST_VALIDITY: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// The most characters in what a holder of a lease is called: it has to fit into a table and a menu.
pub const LONGEST_NAME: usize = 60;

/// `POST /v1/accounts/{name}/token`: a token is wanted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenAsked {
    /// The least validity the token must have left, in seconds; absent asks for a token that lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_validity: Option<u64>,
    /// How long to wait for it, in seconds; absent waits 30 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<u64>,
    /// The lease to take on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<LeaseAsked>,
}

/// A lease that is wanted. It needs `hold`, or a `length`, or both.
///
/// A lease asks for a token that lives as long as it. It does not outlive the keeper, whose end breaks the response off:
/// a holder that goes on takes it up again by naming its token, and a keeper that has just started gives holders a moment
/// for that before it renews what is merely due.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaseAsked {
    /// How long it lasts at the most, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// What its holder calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The lease lasts as long as the response is held open: the first line of it is the token, a second one, a
    /// [`HeldEvent`], may follow, and closing the connection releases the lease. The keeper ends the response when the
    /// lease is over; one that ends without a [`HeldEvent::Ended`] ended with the keeper.
    #[serde(default)]
    pub hold: bool,
    /// The fingerprint of the token that its holder has already: the lease is taken up again on that token as it is, and
    /// refused (`token_replaced`) where another one is current by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// The process that uses the token, where that is another one than asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The program that uses the token, where that is another one than the process is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
}

/// `POST /v1/accounts/{name}/refused`: an API refused the token, so the next one is wanted. Where neither fingerprint
/// nor token says which one was refused, the current one is meant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedAsked {
    /// The refused token's fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// The refused token itself.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "exposed_token"
    )]
    pub access_token: Option<AccessToken>,
    /// As in [`TokenAsked`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_validity: Option<u64>,
    /// As in [`TokenAsked`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<u64>,
}

/// `POST …/refresh` and `POST …/sign-in`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitAsked {
    /// How long to wait for it, in seconds; absent waits 30 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<u64>,
}

/// The answer where a token was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenAnswer {
    /// The token.
    #[serde(serialize_with = "exposed")]
    pub access_token: AccessToken,
    /// How it is presented: `Bearer` (RFC 6750).
    pub token_type: String,
    /// How long it still lives, in seconds.
    pub expires_in: u64,
    /// When it dies.
    pub expires_at: DateTime<Utc>,
    /// Whether its end is a guess, because the provider named none.
    pub expiry_assumed: bool,
    /// Its fingerprint, by which it can be reported as refused.
    pub fingerprint: Fingerprint,
    /// The scope, where the provider named one.
    pub scope: Option<String>,
    /// The keychain does not hold this token yet: a crash now would lose it.
    pub unsaved: bool,
    /// The lease that was taken.
    pub lease: Option<GivenLease>,
}

/// A later line of a response that holds a lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum HeldEvent {
    /// The last safe moment has come: the token is renewed in spite of the lease, and stops working within seconds. When
    /// it has been replaced, the response ends.
    Renewing {
        /// What happens and what to do, in words for a person.
        message: String,
    },
    /// The lease is over, and the response ends with this.
    Ended {
        /// How.
        end: LeaseEnd,
        /// Why, and what to do, in words for a person.
        message: String,
    },
}

impl HeldEvent {
    pub(crate) fn of(name: &AccountName, news: LeaseNews) -> Self {
        match news {
            LeaseNews::Renewing => Self::renewing(name),
            LeaseNews::Ended(end) => Self::ended(name, end),
        }
    }

    fn renewing(name: &AccountName) -> Self {
        let message = format!(
            "The token of {name} is about to die, so it is renewed now although it is leased. Stop using it, and ask \
             for the next one with `tokenkeep get {name}`."
        );
        Self::Renewing { message }
    }

    fn ended(name: &AccountName, end: LeaseEnd) -> Self {
        let message = match end {
            LeaseEnd::Released => format!(
                "The lease on the token of {name} was ended, so the token may be replaced at any moment. Stop using it, \
                 and ask for one with `tokenkeep get {name}`."
            ),
            LeaseEnd::RanOut => format!(
                "The lease on the token of {name} has run out, or the token has. Stop using it, and ask for one \
                 with `tokenkeep get {name}`."
            ),
            LeaseEnd::Replaced => {
                format!(
                    "The token of {name} has been replaced. Ask for the next one with `tokenkeep get {name}`."
                )
            }
            LeaseEnd::Removed => {
                format!(
                    "The account {name} was removed, and its session ended: there is no token any more."
                )
            }
        };
        Self::Ended { end, message }
    }
}

/// `POST /v1/accounts`: an account to be added.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountAdded {
    /// Its name.
    pub name: String,
    /// The provider's name.
    pub provider: String,
    /// The provider's base URL, where it is not the preset's own.
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

/// `POST /v1/sign-ins/{id}`: where a sign-in ended. The URL carries the authorization code, hence a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redirected {
    /// The URL that the provider redirected to, whole.
    #[serde(serialize_with = "exposed_secret")]
    pub redirect: SecretString,
}

/// The answer to `POST …/sign-in`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum SignInAnswer {
    /// It is done.
    Done {
        /// How the account stands now.
        account: Box<AccountView>,
    },
    /// A person has to visit a page and bring the redirect back.
    Visit {
        /// The page, and what to bring back.
        visit: Visit,
    },
}

/// The answer to `GET /v1/status`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusAnswer {
    /// How the keeper itself stands.
    #[serde(flatten)]
    pub status: Status,
    /// Whether it has a desktop at hand, because it runs in the tray.
    pub desktop: bool,
}

/// The answer to `GET /v1/accounts`, sorted by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Accounts {
    /// The accounts.
    pub accounts: Vec<AccountView>,
}

/// The answer to `GET /v1/leases`, the oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Leases {
    /// The leases that last.
    pub leases: Vec<AccountLease>,
}

/// What is asked in the query of `GET /v1/leases`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeasesAsked {
    /// Only those on this account's tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// The answer to `GET /v1/journal`, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Journal {
    /// The lines.
    pub lines: Vec<JournalLine>,
}

/// What is asked in the query of `GET /v1/journal`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalAsked {
    /// Only lines about this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only lines after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// The newest so many of them; absent asks for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// What is asked in the query of `GET /v1/events`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsAsked {
    /// Only what is about this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// An event that says how many others this listener was too slow for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Missed {
    /// How many.
    pub missed: u64,
}

/// An answer without content.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Done {}

/// What every error looks like.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The error.
    pub error: KeeperError,
}

impl TokenAsked {
    /// As the keeper understands it; `holder` is who would hold a lease.
    pub(crate) fn request(self, holder: Holder) -> Result<TokenRequest, KeeperError> {
        let takes_up = self
            .lease
            .as_ref()
            .is_some_and(|lease| lease.fingerprint.is_some());
        if takes_up && self.min_validity.is_some() {
            return Err(KeeperError::invalid(
                "min_validity",
                "No min_validity can be asked of the token that `lease.fingerprint` names, which is taken as it is.",
            ));
        }
        Ok(TokenRequest {
            min_validity: validity(self.min_validity)?,
            wait: wait(self.wait)?,
            refused: None,
            lease: self.lease.map(|lease| lease.request(holder)).transpose()?,
        })
    }
}

impl LeaseAsked {
    fn request(self, holder: Holder) -> Result<LeaseRequest, KeeperError> {
        if !self.hold && self.length.is_none() {
            return Err(KeeperError::invalid(
                "lease",
                "A lease needs a `length` in seconds, or `\"hold\": true` to last as long as its connection.",
            ));
        }
        let program = self
            .program
            .map(|program| named("lease.program", program))
            .transpose()?;
        let label = self
            .label
            .map(|label| named("lease.label", label))
            .transpose()?;
        Ok(LeaseRequest {
            length: limited("lease.length", self.length, LONGEST_WAIT)?,
            holder: Holder {
                pid: holder.pid,
                program: program.or(holder.program),
                label,
            },
            fingerprint: self.fingerprint,
        })
    }
}

impl RefusedAsked {
    /// Which token was refused.
    fn which(&self) -> Result<RefusedToken, KeeperError> {
        match (self.fingerprint, &self.access_token) {
            (Some(given), Some(token)) if given != token.fingerprint() => {
                Err(KeeperError::invalid(
                    "fingerprint",
                    "The fields fingerprint and access_token are not of the same token. Give one of them.",
                ))
            }
            (given, token) => Ok(given
                .or_else(|| token.as_ref().map(AccessToken::fingerprint))
                .map_or(RefusedToken::Current, RefusedToken::Named)),
        }
    }

    /// As the keeper understands it.
    pub(crate) fn request(self) -> Result<TokenRequest, KeeperError> {
        let refused = Some(self.which()?);
        Ok(TokenRequest {
            min_validity: validity(self.min_validity)?,
            wait: wait(self.wait)?,
            refused,
            lease: None,
        })
    }
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

impl From<GivenToken> for TokenAnswer {
    fn from(given: GivenToken) -> Self {
        Self {
            access_token: given.access_token,
            token_type: "Bearer".to_owned(),
            expires_in: given.expires_in.as_secs(),
            expires_at: given.expires_at,
            expiry_assumed: given.expiry_assumed,
            fingerprint: given.fingerprint,
            scope: given.scope,
            unsaved: given.unsaved,
            lease: given.lease,
        }
    }
}

impl From<SignInStep> for SignInAnswer {
    fn from(step: SignInStep) -> Self {
        match step {
            SignInStep::Done(account) => Self::Done { account },
            SignInStep::Visit(visit) => Self::Visit { visit },
        }
    }
}

/// What a holder is called, which is shown in tables and menus.
fn named(field: &str, text: String) -> Result<String, KeeperError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_NAME || text.contains(char::is_control) {
        let message =
            format!("The field {field} has to be one line of 1 to {LONGEST_NAME} characters.");
        return Err(KeeperError::invalid(field, message));
    }
    Ok(text.to_owned())
}

/// How long to wait, within bounds.
pub(crate) fn wait(seconds: Option<u64>) -> Result<Option<Duration>, KeeperError> {
    limited("wait", seconds, LONGEST_WAIT)
}

fn validity(seconds: Option<u64>) -> Result<Duration, KeeperError> {
    Ok(limited("min_validity", seconds, LONGEST_VALIDITY)?.unwrap_or_default())
}

fn limited(
    field: &str,
    seconds: Option<u64>,
    longest: Duration,
) -> Result<Option<Duration>, KeeperError> {
    let Some(asked) = seconds.map(Duration::from_secs) else {
        return Ok(None);
    };
    if asked > longest {
        let message = format!(
            "The field {field} is in seconds, and at most {}.",
            longest.as_secs()
        );
        return Err(KeeperError::invalid(field, message));
    }
    Ok(Some(asked))
}

/// Reads a value whose type says itself, in whole sentences, what is wrong with it.
pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    field: &str,
    text: &str,
) -> Result<T, KeeperError> {
    text.parse()
        .map_err(|error: T::Err| KeeperError::invalid(field, error.to_string()))
}

/// Reads a URL. What is wrong is told without the URL, which may hold a secret.
pub(crate) fn url(field: &str, text: &str) -> Result<Url, KeeperError> {
    text.trim().parse().map_err(|error| {
        KeeperError::invalid(
            field,
            format!(
                "The field {field} is not a URL ({error}). Give one such as https://example.com/path."
            ),
        )
    })
}

fn exposed<S: Serializer>(token: &AccessToken, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

fn exposed_token<S: Serializer>(
    token: &Option<AccessToken>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    token
        .as_ref()
        .map(AccessToken::expose)
        .serialize(serializer)
}

fn exposed_text<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret
        .as_ref()
        .map(|secret| secret.expose_secret())
        .serialize(serializer)
}

fn exposed_secret<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

#[cfg(test)]
mod tests;
