//! What the user is told: ahead of a lapse, after a failure, and when it is over.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::lapse::{Cause, Lapse};
use crate::clock::Tick;

/// Something to tell the user.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What makes it the same notice as an earlier one.
    pub key: NoticeKey,
    /// What happened and what to do, where the provider or keychain said something to the point.
    pub detail: Option<String>,
    /// Until when the current access token can still be used; none where it cannot.
    pub token_until: Option<Tick>,
}

/// Tells notices apart: each is given once, across restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKey {
    /// A credential lapses in a while.
    LapseAhead {
        /// What ends, and when.
        lapse: Lapse,
        /// How long ahead this notice is meant to come.
        lead: Duration,
    },
    /// Something about the token set of this generation.
    About(Topic, u64),
}

/// What a notice about a token set says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A person must sign in again.
    SignInNeeded,
    /// The provider calls the account's set-up wrong.
    Misconfigured,
    /// Renewing keeps failing, and the token is about to die.
    RenewalFailing,
    /// The sign-in brought no refresh token.
    NoRefreshToken,
    /// The keychain does not hold the current tokens.
    Unsaved,
    /// What an earlier notice was about is over.
    Recovered,
    /// The account was removed, and its session may live on.
    SessionLeft,
}

/// Ends that differ by no more are the same end.
pub(super) const SAME_END: Duration = Duration::from_secs(300);

impl NoticeKey {
    /// Whether a notice says what another one said. Ends are compared with a tolerance, because a clock that is
    /// set moves the same end a little.
    pub(super) fn same(&self, other: &NoticeKey) -> bool {
        match (self, other) {
            (
                NoticeKey::LapseAhead {
                    lapse: a,
                    lead: lead_a,
                },
                NoticeKey::LapseAhead {
                    lapse: b,
                    lead: lead_b,
                },
            ) => {
                let apart = a.at.since(b.at).max(b.at.since(a.at));
                a.cause == b.cause && lead_a == lead_b && apart <= SAME_END.min(*lead_a / 2)
            }
            (a, b) => a == b,
        }
    }

    /// What kind of notice it is.
    #[must_use]
    pub fn kind(&self) -> NoticeKind {
        match self {
            Self::LapseAhead { lapse, .. } => NoticeKind::Ahead(lapse.cause),
            Self::About(topic, _) => NoticeKind::About(*topic),
        }
    }
}

/// The kinds of notices. In JSON each is one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NoticeKind {
    /// Something about a token set. Read first: `no_refresh_token` is a topic.
    About(Topic),
    /// A credential lapses before long.
    Ahead(#[serde(with = "ahead")] Cause),
}

/// The words for lapses ahead: the causes' own, but for the one that a topic has.
mod ahead {
    use serde::de::IntoDeserializer as _;
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    use super::Cause;

    const ACCESS_TOKEN_ENDS: &str = "access_token_ends";

    pub(super) fn serialize<S: Serializer>(cause: &Cause, to: S) -> Result<S::Ok, S::Error> {
        match cause {
            Cause::NoRefreshToken => to.serialize_str(ACCESS_TOKEN_ENDS),
            cause => cause.serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Cause, D::Error> {
        let word = String::deserialize(from)?;
        if word == ACCESS_TOKEN_ENDS {
            return Ok(Cause::NoRefreshToken);
        }
        Cause::deserialize(word.into_deserializer())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_notice_has_a_word_of_its_own() {
        for (kind, word) in [
            (
                NoticeKind::Ahead(Cause::NoRefreshToken),
                "access_token_ends",
            ),
            (
                NoticeKind::Ahead(Cause::RefreshTokenEnds),
                "refresh_token_ends",
            ),
            (NoticeKind::Ahead(Cause::SessionEnds), "session_ends"),
            (NoticeKind::Ahead(Cause::AssertionEnds), "assertion_ends"),
            (NoticeKind::About(Topic::SignInNeeded), "sign_in_needed"),
            (NoticeKind::About(Topic::Misconfigured), "misconfigured"),
            (NoticeKind::About(Topic::RenewalFailing), "renewal_failing"),
            (NoticeKind::About(Topic::NoRefreshToken), "no_refresh_token"),
            (NoticeKind::About(Topic::Unsaved), "unsaved"),
            (NoticeKind::About(Topic::Recovered), "recovered"),
            (NoticeKind::About(Topic::SessionLeft), "session_left"),
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), word);
            let read: NoticeKind = serde_json::from_value(word.into()).unwrap();
            assert_eq!(read, kind);
        }
    }
}
