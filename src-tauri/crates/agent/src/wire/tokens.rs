//! Tokens and the leases on them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokenkeep_keeper::keeper::{GivenLease, GivenToken, KeeperError, ReadRequest, RefusedToken};
use tokenkeep_oauth::{AccessToken, Fingerprint, acts};
use tokenkeep_protocol::account::{Holder, LeaseRequest};

use super::exposed::{exposed, exposed_token};
use super::fields::{LONGEST_WAIT, limited, validity, wait};

/// The most characters in the name of a holder, which has to fit into a table and a menu.
pub const LONGEST_NAME: usize = 60;

/// `POST /v1/accounts/{name}/token`: a token is wanted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenBody {
    /// How long the token must still be valid, in seconds. Without it, any valid token will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_validity: Option<u64>,
    /// How long to wait for it, in seconds; 30 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<u64>,
    /// The lease to take on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<LeaseBody>,
}

/// A lease that is wanted. It needs `hold`, or a `length`, or both.
///
/// The token must be valid as long as the lease lasts. If the keeper ends, the lease ends and the response breaks off.
/// A holder that goes on takes the lease up again by naming its token. A keeper that has just started waits a moment
/// for that before it starts a renewal that is only due.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaseBody {
    /// How long it lasts at most, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// What its holder calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The lease lasts as long as the response is held open. Its first line is the token.
    /// [`HeldEvent`](super::HeldEvent)s may follow. Closing the connection releases the lease. The keeper ends the
    /// response when the lease is over. If it ends without [`HeldEvent::Ended`](super::HeldEvent::Ended), the keeper has
    /// ended.
    #[serde(default)]
    pub hold: bool,
    /// The fingerprint of the token that the holder has already. The lease is taken up again on that token, or refused
    /// (`token_replaced`) if another one is current by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// The process that uses the token, if it is not the one that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The program that uses the token, if it is not that of the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
}

/// `POST /v1/accounts/{name}/refused`: an API refused the token, so the next one is wanted. If neither fingerprint nor
/// token says which one was refused, the current one is meant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedBody {
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
    /// As in [`TokenBody`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_validity: Option<u64>,
    /// As in [`TokenBody`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<u64>,
}

/// The answer to a request for a token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenAnswer {
    /// The token.
    #[serde(serialize_with = "exposed")]
    pub access_token: AccessToken,
    /// How it is presented: `Bearer` (RFC 6750).
    pub token_type: String,
    /// How long it is still valid, in seconds.
    pub expires_in: u64,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
    /// Whether that is assumed, because the provider named no lifetime.
    pub expiry_assumed: bool,
    /// Its fingerprint, by which it can be reported as refused.
    pub fingerprint: Fingerprint,
    /// The scope, if the provider named one.
    pub scope: Option<String>,
    /// The keychain does not hold this token yet: a crash now would lose it.
    pub unsaved: bool,
    /// You reported this token as refused, and the one before it was refused as soon: the refusals are not about the
    /// token, which is not renewed for them.
    #[serde(default)]
    pub refused_again: bool,
    /// The lease that was taken.
    pub lease: Option<GivenLease>,
}

impl TokenBody {
    /// As the keeper understands it; `holder` is who would hold a lease.
    pub(crate) fn request(self, holder: Holder) -> Result<ReadRequest, KeeperError> {
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
        Ok(ReadRequest {
            min_validity: validity(self.min_validity)?,
            wait: wait(self.wait)?,
            refused: None,
            lease: self.lease.map(|lease| lease.request(holder)).transpose()?,
        })
    }
}

impl LeaseBody {
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
                sandbox: holder.sandbox,
                label,
            },
            fingerprint: self.fingerprint,
        })
    }
}

impl RefusedBody {
    /// Which token was refused.
    pub(super) fn which(&self) -> Result<RefusedToken, KeeperError> {
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
    pub(crate) fn request(self) -> Result<ReadRequest, KeeperError> {
        let refused = Some(self.which()?);
        Ok(ReadRequest {
            min_validity: validity(self.min_validity)?,
            wait: wait(self.wait)?,
            refused,
            lease: None,
        })
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
            refused_again: given.refused_again,
            lease: given.lease,
        }
    }
}

/// The name of a holder, which is shown in tables and menus.
fn named(field: &str, text: String) -> Result<String, KeeperError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_NAME || text.contains(acts) {
        let message = format!(
            "The field {field} has to be one line of 1 to {LONGEST_NAME} characters that can be seen."
        );
        return Err(KeeperError::invalid(field, message));
    }
    Ok(text.to_owned())
}
