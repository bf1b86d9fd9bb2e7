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
            Self::LapseAhead { lapse, .. } => match lapse.cause {
                Cause::NoRefreshToken => NoticeKind::AccessTokenEnds,
                Cause::RefreshTokenEnds => NoticeKind::RefreshTokenEnds,
                Cause::SessionEnds => NoticeKind::SessionEnds,
                Cause::AssertionEnds => NoticeKind::AssertionEnds,
            },
            Self::About(topic, _) => match topic {
                Topic::SignInNeeded => NoticeKind::SignInNeeded,
                Topic::Misconfigured => NoticeKind::Misconfigured,
                Topic::RenewalFailing => NoticeKind::RenewalFailing,
                Topic::NoRefreshToken => NoticeKind::NoRefreshToken,
                Topic::Unsaved => NoticeKind::Unsaved,
                Topic::Recovered => NoticeKind::Recovered,
            },
        }
    }
}

/// The kinds of notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The access token ends before long, and there is nothing to renew it with.
    AccessTokenEnds,
    /// The refresh token ends before long.
    RefreshTokenEnds,
    /// The session ends before long.
    SessionEnds,
    /// The assertion ends before long.
    AssertionEnds,
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
