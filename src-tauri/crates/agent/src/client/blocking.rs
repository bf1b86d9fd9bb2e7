//! A client without a runtime, for a program that asks for one token and ends.

use std::time::Duration;

use serde::Serialize;
use tokenkeep_keeper::config::AccountName;

use super::exchange::Target;
use super::limit::limit;
use super::{AgentClient, ClientError};
use crate::wire::{RefusedBody, TokenAnswer, TokenBody};

#[cfg(target_os = "linux")]
mod http;

/// A client that has its thread wait.
#[derive(Clone, Copy, Debug)]
pub struct Blocking<'a>(&'a AgentClient);

impl AgentClient {
    /// The same client for a thread that may wait.
    #[must_use]
    pub const fn blocking(&self) -> Blocking<'_> {
        Blocking(self)
    }
}

impl Blocking<'_> {
    /// As [`AgentClient::token`].
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub fn token(self, name: &AccountName, asked: &TokenBody) -> Result<TokenAnswer, ClientError> {
        let target = Target::new(["accounts", name.as_str(), "token"]);
        self.post(&target, asked, limit(asked.wait))
    }

    /// As [`AgentClient::refused`].
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub fn refused(
        self,
        name: &AccountName,
        asked: &RefusedBody,
    ) -> Result<TokenAnswer, ClientError> {
        let target = Target::new(["accounts", name.as_str(), "refused"]);
        self.post(&target, asked, limit(asked.wait))
    }

    #[cfg(target_os = "linux")]
    fn post(
        self,
        target: &Target,
        asked: &impl Serialize,
        limit: Duration,
    ) -> Result<TokenAnswer, ClientError> {
        http::post(self.0, target, asked, limit)
    }

    /// Elsewhere, checking who listens takes a runtime.
    #[cfg(not(target_os = "linux"))]
    fn post(
        self,
        target: &Target,
        asked: &impl Serialize,
        limit: Duration,
    ) -> Result<TokenAnswer, ClientError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|source| ClientError::Unreachable {
            socket: self.0.socket.clone(),
            source,
        })?;
        runtime.block_on(self.0.post(target, asked, limit))
    }
}
