//! What happened, as the journal stores it and listeners are told. It never contains a secret.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokenkeep_oauth::{Fingerprint, ProblemKind};
use tokenkeep_protocol::account::{Method, News, NoticeKind};

/// Something that happened: a line of the journal, and what listeners are told at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JournalLine {
    /// Its number; later lines have higher numbers.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The account that it is about; none if it is about the keeper.
    pub account: Option<String>,
    /// What happened, in words for a person.
    pub message: String,
    /// What happened, for programs.
    #[serde(flatten)]
    pub what: What,
}

/// What happened, for programs: `kind` and `detail` in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum What {
    /// A kind that this version of the program knows.
    Known(JournalNews),
    /// A kind that only another version knows.
    Other {
        /// The kind, in one word.
        kind: String,
        /// The details.
        detail: Value,
    },
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "detail", rename_all = "snake_case")]
pub enum JournalNews {
    /// A new set was received and is current.
    Renewed {
        /// How.
        method: Method,
        /// Its number.
        generation: u64,
        /// The access token's fingerprint.
        fingerprint: Fingerprint,
        /// Its lifetime, in seconds.
        lifetime: u64,
        /// Whether that is assumed, because the provider named no lifetime.
        expiry_assumed: bool,
        /// Whether the keychain does not hold it yet.
        unsaved: bool,
    },
    /// A request went out.
    Sent {
        /// Which one.
        attempt: u64,
        /// How.
        method: Method,
    },
    /// A request failed and left everything as it was.
    Failed {
        /// How it failed.
        problem: ProblemKind,
    },
    /// It is not known whether the provider rotated the tokens.
    InDoubt {
        /// Why.
        problem: ProblemKind,
    },
    /// The provider refused for good.
    Rejected {
        /// Its reason.
        problem: ProblemKind,
    },
    /// An answer came to a request that no longer mattered.
    LateAnswer {},
    /// A renewal no longer waits for these leases.
    LeasesOverridden {
        /// Which ones.
        leases: Vec<u64>,
    },
    /// A reader reported that an API refused the current token.
    TokenRefused {
        /// The token's fingerprint.
        fingerprint: Fingerprint,
        /// Its predecessor was refused as soon: the refusals are not about the token.
        #[serde(default)]
        again: bool,
    },
    /// The keychain could not be written or read.
    VaultFailed {},
    /// What was unsaved is saved.
    SavedLate {
        /// Which set.
        generation: u64,
    },
    /// The account was removed.
    Removed {},
    /// The session of an account, which was removed, may live on.
    SessionLeft {
        /// Why.
        problem: ProblemKind,
    },
    /// The user was told something.
    Notice {
        /// What kind of notice it was.
        notice: NoticeKind,
    },
}

impl JournalLine {
    /// The kind of event, in one word.
    #[must_use]
    pub fn kind(&self) -> String {
        self.what.parts().0
    }
}

impl What {
    /// Reads what [`What::parts`] wrote.
    #[must_use]
    pub fn read(kind: String, detail: Value) -> Self {
        let known = serde_json::from_value(json!({ "kind": kind, "detail": detail }));
        known.map_or(Self::Other { kind, detail }, Self::Known)
    }

    /// The kind and the details, as they are written.
    #[must_use]
    pub fn parts(&self) -> (String, Value) {
        match self {
            Self::Known(recorded) => recorded.parts(),
            Self::Other { kind, detail } => (kind.clone(), detail.clone()),
        }
    }
}

impl JournalNews {
    fn parts(&self) -> (String, Value) {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        let kind = value["kind"].as_str().unwrap_or_default().to_owned();
        (kind, value["detail"].take())
    }
}

impl From<&News> for JournalNews {
    fn from(news: &News) -> Self {
        match news {
            News::Renewed {
                method,
                generation,
                fingerprint,
                lifetime,
                expiry_assumed,
                unsaved,
            } => Self::Renewed {
                method: *method,
                generation: *generation,
                fingerprint: *fingerprint,
                lifetime: lifetime.as_secs(),
                expiry_assumed: *expiry_assumed,
                unsaved: *unsaved,
            },
            News::Sent { attempt, method } => Self::Sent {
                attempt: attempt.0,
                method: *method,
            },
            News::Failed { problem, .. } => Self::Failed {
                problem: problem.kind,
            },
            News::InDoubt { problem, .. } => Self::InDoubt {
                problem: problem.kind,
            },
            News::Rejected { problem, .. } => Self::Rejected {
                problem: problem.kind,
            },
            News::LateAnswer { .. } => Self::LateAnswer {},
            News::LeasesOverridden { leases } => Self::LeasesOverridden {
                leases: leases.iter().map(|lease| lease.0).collect(),
            },
            News::TokenRefused { fingerprint, again } => Self::TokenRefused {
                fingerprint: *fingerprint,
                again: *again,
            },
            News::VaultFailed { .. } => Self::VaultFailed {},
            News::SavedLate { generation } => Self::SavedLate {
                generation: *generation,
            },
            News::Removed => Self::Removed {},
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokenkeep_protocol::account::Topic;

    fn line(what: What) -> JournalLine {
        JournalLine {
            id: 7,
            at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            account: Some("work".into()),
            message: "Something happened.".into(),
            what,
        }
    }

    #[test]
    fn a_line_survives_the_way_to_a_listener_and_back() {
        for what in [
            What::Known(JournalNews::LeasesOverridden { leases: vec![1, 2] }),
            What::Known(JournalNews::Removed {}),
            What::Known(JournalNews::Notice {
                notice: NoticeKind::About(Topic::Recovered),
            }),
            What::read("teleported".into(), json!({ "to": 5 })),
        ] {
            let text = serde_json::to_string(&line(what.clone())).unwrap();
            assert_eq!(
                serde_json::from_str::<JournalLine>(&text).unwrap(),
                line(what)
            );
        }
    }

    #[test]
    fn what_a_later_version_wrote_is_kept_as_it_is() {
        let read = What::read(
            "sent".into(),
            json!({ "attempt": 3, "method": "carrier_pigeon" }),
        );
        let (kind, detail) = read.parts();
        assert_eq!(
            (kind.as_str(), &detail["method"]),
            ("sent", &json!("carrier_pigeon"))
        );
    }
}
