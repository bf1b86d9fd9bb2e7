//! What happened, and what happens.

use serde::{Deserialize, Serialize};
use tokenkeep_keeper::keeper::JournalLine;

/// The answer to `GET /v1/journal`, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JournalAnswer {
    /// The lines.
    pub lines: Vec<JournalLine>,
}

/// What is asked in the query of `GET /v1/journal`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalParameters {
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
pub struct EventsParameters {
    /// Only what is about this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}
