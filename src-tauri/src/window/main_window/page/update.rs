//! What the page is told by itself.

use serde::Serialize;

use super::account::PageAccount;
use super::command_error::CommandError;
use super::env_file::PageEnvFile;
use super::keeper::PageKeeper;

/// Something that the page is told by itself.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(in super::super) enum Update {
    /// How everything stands.
    All {
        accounts: Vec<PageAccount>,
        keeper: PageKeeper,
    },
    /// An account changed, or was added.
    Account { account: PageAccount },
    /// An account was removed.
    Removed { name: String },
    /// The keeper as a whole changed.
    Keeper { keeper: PageKeeper },
    /// An `.env` file was dropped on the window.
    EnvFile { file: PageEnvFile },
    /// A file was dropped on the window that cannot be used.
    EnvFileUnusable { message: String },
    /// The keeper has ended.
    Gone { message: String },
}

impl From<Result<PageEnvFile, CommandError>> for Update {
    fn from(read: Result<PageEnvFile, CommandError>) -> Self {
        match read {
            Ok(file) => Self::EnvFile { file },
            Err(error) => Self::EnvFileUnusable {
                message: error.message,
            },
        }
    }
}
