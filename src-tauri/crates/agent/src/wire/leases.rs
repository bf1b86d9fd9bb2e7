//! The leases that last.

use serde::{Deserialize, Serialize};
use tokenkeep_keeper::keeper::AccountLease;

/// The answer to `GET /v1/leases`, the oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeasesAnswer {
    /// The leases that last.
    pub leases: Vec<AccountLease>,
}

/// What is asked in the query of `GET /v1/leases`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeasesParameters {
    /// Only those on this account's tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}
