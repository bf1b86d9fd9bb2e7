//! The keeper as a whole, and what every answer may be.

use serde::{Deserialize, Serialize};
use tokenkeep_keeper::keeper::{KeeperError, Status};

/// The answer to `GET /v1/status`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusAnswer {
    /// How the keeper itself stands.
    #[serde(flatten)]
    pub status: Status,
    /// Whether it has a desktop at hand, because it runs in the tray.
    pub desktop: bool,
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
