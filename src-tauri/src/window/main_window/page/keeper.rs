//! The keeper as a whole, as the page shows it.

use serde::Serialize;
use tokenkeep_agent::wire::{StartAtLogin, StatusAnswer};
use tokenkeep_keeper::keeper::VaultView;

/// How the keeper as a whole stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct PageKeeper {
    version: String,
    vault: VaultView,
    problems: Vec<String>,
    start_at_login: StartAtLogin,
}

impl PageKeeper {
    pub(in super::super) fn new(status: StatusAnswer, start_at_login: StartAtLogin) -> Self {
        let status = status.status;
        Self {
            version: status.version,
            vault: status.vault,
            problems: status.problems,
            start_at_login,
        }
    }
}
