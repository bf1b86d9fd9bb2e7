//! What the vault stores for one account, and its form there.

use std::io;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use zeroize::Zeroizing;

/// The version of the form in which items are written. Raise it when a field is added, changed or removed: an older
/// program then reports the item instead of losing what it does not know. Items of all earlier versions are read; what
/// they did not have is none. The head of a value in parts has a version, too: those of the two count together.
const VERSION: u32 = 2;

/// Everything that an account needs after a restart. Recovery reads this and nothing else.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Counts the token sets of this account; each saved set has the next number.
    pub generation: u64,
    /// The secrets that the user gave.
    pub credentials: Credentials,
    /// The token set as last received; none before the first sign-in.
    pub tokens: Option<StoredTokens>,
    /// Set before a renewal that kills the current token is sent, and cleared when its reply is saved. If it is set at a
    /// restart, it is not known whether the tokens are still good.
    pub pending: Option<PendingRefresh>,
    /// What the provider said last that only a person can mend.
    pub verdict: Option<StoredVerdict>,
    /// The provider refused the refresh token, which is kept all the same.
    #[serde(default)]
    pub refresh_rejected: bool,
    /// When the access token was reported refused by an API; no renewal has answered since.
    pub refused: Option<DateTime<Utc>>,
    /// Who the account belongs to, as a person has accepted it.
    pub owner: Option<String>,
    /// Who may be sent the secrets in this item.
    pub bound_to: Option<Binding>,
    /// A random id of the sign-in whose session the tokens belong to. A refresh keeps it.
    pub sign_in: Option<String>,
    /// The home that wrote it.
    pub home: Option<HomeMark>,
    /// When requests were sent that may have opened a session of which nothing is known.
    #[serde(default)]
    pub opened: Vec<DateTime<Utc>>,
}

/// The secrets of a client and its grant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The client's secret; a public client has none.
    #[serde(serialize_with = "expose_option")]
    pub client_secret: Option<SecretString>,
    /// The JWT that is presented as an assertion (RFC 7523).
    #[serde(serialize_with = "expose_option")]
    pub assertion: Option<SecretString>,
}

/// A token set as it is stored. All times are wall-clock times.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredTokens {
    /// The access token.
    #[serde(serialize_with = "expose")]
    pub access_token: SecretString,
    /// The refresh token, where one was issued.
    #[serde(serialize_with = "expose_option")]
    pub refresh_token: Option<SecretString>,
    /// The scope, where the provider says so.
    pub scope: Option<String>,
    /// When the request for this set was sent; lifetimes count from here.
    pub issued_at: DateTime<Utc>,
    /// When the access token expires.
    pub expires_at: DateTime<Utc>,
    /// The provider named no lifetime, so an hour was assumed.
    pub expiry_assumed: bool,
    /// When the refresh token expires, where the provider says so.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// Whether a refresh has left that time as it was.
    pub refresh_expiry_fixed: bool,
    /// When the session ends, where the provider says so.
    pub session_expires_at: Option<DateTime<Utc>>,
    /// Whether a refresh has left that time as it was.
    pub session_expiry_fixed: bool,
    /// RingCentral's id of the user who signed in.
    pub owner_id: Option<String>,
    /// RingCentral's id of this instance of the app.
    pub endpoint_id: Option<String>,
}

/// A renewal that was about to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingRefresh {
    /// The attempt's id.
    pub attempt: u64,
    /// When the first request of this attempt was sent, or was about to be.
    pub sent_at: DateTime<Utc>,
}

/// What the provider said that only a person can mend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredVerdict {
    /// What has to be done.
    pub kind: StoredVerdictKind,
    /// What the provider said.
    pub problem: StoredProblem,
    /// When it said so.
    pub at: DateTime<Utc>,
}

/// What a person has to do about a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredVerdictKind {
    /// Sign in.
    SignInNeeded,
    /// Mend the client or its configuration.
    Misconfigured,
}

/// A problem as it was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredProblem {
    /// Its kind in one word. A word that this program does not know is no fault of the item.
    pub kind: String,
    /// Its message.
    pub message: String,
}

/// The client and the servers that secrets are meant for. Nobody else is sent them before a person has agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The client's id.
    pub client_id: String,
    /// The origins of every endpoint that receives a secret, such as `https://platform.ringcentral.com`, in order.
    pub origins: Vec<String>,
}

/// A home, by its id and where it lay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeMark {
    /// Its id.
    pub id: String,
    /// The folder of its configuration.
    pub path: String,
}

/// Why a stored item cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A newer program wrote it.
    Newer(u32),
    /// It is not an item. Says where the first fault is, without quoting it.
    Damaged(String),
}

#[derive(Serialize)]
struct WrittenItem<'a> {
    version: u32,
    item: &'a Item,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(rename = "version")]
    _version: u32,
    item: Item,
}

impl Item {
    /// The item as it is stored.
    pub(super) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let written = WrittenItem {
            version: VERSION,
            item: self,
        };
        // Measured first, because a buffer that grows leaves copies of secrets in memory.
        let mut length = Length(0);
        serde_json::to_writer(&mut length, &written)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(length.0));
        serde_json::to_writer(&mut *bytes, &written)?;
        Ok(bytes)
    }

    /// Reads an item as it is stored.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let Version { version } = serde_json::from_slice(bytes).map_err(damaged)?;
        if version > VERSION {
            return Err(Unreadable::Newer(version));
        }
        serde_json::from_slice(bytes)
            .map(|read: Read| read.item)
            .map_err(damaged)
    }
}

/// serde's own message may quote what it found, which may be a secret.
#[expect(clippy::needless_pass_by_value, reason = "is passed to map_err")]
fn damaged(error: serde_json::Error) -> Unreadable {
    Unreadable::Damaged(format!(
        "{:?} error at byte {}",
        error.classify(),
        error.column()
    ))
}

fn expose<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
fn expose_option<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret
        .as_ref()
        .map(ExposeSecret::expose_secret)
        .serialize(serializer)
}

/// A writer that only counts.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::samples;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_is_read_again() {
        let item = samples::full();
        let read = Item::decode(&item.encode().unwrap()).unwrap();
        assert_eq!(samples::plain(&read), samples::plain(&item));
        assert!(samples::plain(&read).contains(samples::ACCESS));
    }

    /// Every later version reads what an earlier one wrote: this file is never changed. A new form adds one.
    #[test]
    fn an_item_of_the_first_form_is_read_and_what_it_did_not_have_is_none() {
        let read = Item::decode(include_bytes!("../../tests/fixtures/item-1.json")).unwrap();
        let expected = Item {
            verdict: None,
            refresh_rejected: false,
            refused: None,
            owner: None,
            bound_to: None,
            sign_in: None,
            home: None,
            opened: Vec::new(),
            ..samples::full()
        };
        assert_eq!(samples::plain(&read), samples::plain(&expected));
    }

    /// Every later version reads it: this file is never changed.
    #[test]
    fn an_item_of_the_second_form_is_read() {
        let read = Item::decode(include_bytes!("../../tests/fixtures/item-2.json")).unwrap();
        assert_eq!(samples::plain(&read), samples::plain(&samples::full()));
    }

    #[test]
    fn the_buffer_is_measured_so_that_it_never_moves() {
        let bytes = samples::full().encode().unwrap();
        assert_eq!(bytes.len(), bytes.capacity());
    }

    #[test]
    fn an_item_of_a_newer_program_is_refused_as_such() {
        let newer = br#"{"version": 3, "something": "else"}"#;
        assert_eq!(Item::decode(newer).unwrap_err(), Unreadable::Newer(3));
    }

    #[test]
    fn an_unknown_field_is_refused_and_not_lost() {
        let text = String::from_utf8(samples::full().encode().unwrap().to_vec()).unwrap();
        for field in [
            "generation",
            "client_secret",
            "access_token",
            "attempt",
            "problem",
            "message",
            "client_id",
        ] {
            let more = text.replacen(
                &format!("\"{field}\""),
                &format!("\"new\":1,\"{field}\""),
                1,
            );
            assert_ne!(more, text);
            assert!(matches!(
                Item::decode(more.as_bytes()),
                Err(Unreadable::Damaged(_))
            ));
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:#?}", samples::full());
        for secret in samples::SECRETS {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    proptest! {
        /// Truncated, or with a byte changed, an item is read, or refused without quoting it.
        #[test]
        fn a_refusal_quotes_nothing(cut in 0_usize..2000, at in 0_usize..2000, byte: u8) {
            let mut bytes = samples::full().encode().unwrap().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            bytes.truncate(bytes.len().saturating_sub(cut % 7 * cut));
            if let Err(refusal) = Item::decode(&bytes) {
                let shown = format!("{refusal:?}");
                for secret in samples::SECRETS {
                    prop_assert!(!shown.contains(secret), "{}", shown);
                }
            }
        }
    }

    #[test]
    fn a_secret_in_the_wrong_place_is_not_quoted() {
        let text = format!(
            r#"{{"version":1,"item":{{"generation":"{}"}}}}"#,
            samples::ACCESS
        );
        let Err(Unreadable::Damaged(why)) = Item::decode(text.as_bytes()) else {
            panic!()
        };
        assert!(!why.contains(samples::ACCESS), "{why}");
    }
}
