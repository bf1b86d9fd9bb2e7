//! Keychain items whose home is gone.

use serde::{Deserialize, Serialize};
use tokenkeep_keeper::keeper::Orphan;

/// The answer to `GET /v1/orphans`, sorted by account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrphansAnswer {
    /// The items.
    pub orphans: Vec<Orphan>,
}
