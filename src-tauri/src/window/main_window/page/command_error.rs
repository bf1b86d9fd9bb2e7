//! Why a command of the page was not carried out.

use serde::Serialize;
use tokenkeep_agent::ClientError;
use tokenkeep_keeper::keeper::{AccountField, KeeperError};

/// Why a command was not carried out.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub(in super::super) struct CommandError {
    /// What happened, what it means for the token, and what to do.
    pub(in super::super) message: String,
    /// The field of the form that was wrong, if one was.
    pub(in super::super) field: Option<AccountField>,
}

impl CommandError {
    /// Words without a field.
    pub(in super::super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            field: None,
        }
    }

    pub(in super::super) fn of_field(field: AccountField, why: impl std::fmt::Display) -> Self {
        Self {
            message: why.to_string(),
            field: Some(field),
        }
    }
}

impl From<KeeperError> for CommandError {
    fn from(error: KeeperError) -> Self {
        Self {
            message: error.message,
            // The keeper also names what is no field of the form.
            field: error.field.and_then(|field| field.parse().ok()),
        }
    }
}

impl From<ClientError> for CommandError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Keeper(error) => error.into(),
            other => Self::new(other.to_string()),
        }
    }
}
