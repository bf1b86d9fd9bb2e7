//! A lease that lasts as long as its response is held open.

use std::time::Duration;

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::error::ClientError;
use super::exchange::{OpenResponse, in_time};
use crate::wire::{HeldEvent, TokenAnswer};

/// A lease that is held. Dropping this ends it.
pub struct Held {
    response: OpenResponse,
    /// What was received and not read yet. The first part is a token.
    waiting: Zeroizing<Vec<u8>>,
}

impl Held {
    /// Reads the token with which the response begins.
    pub(super) async fn begin(
        response: OpenResponse,
        limit: Duration,
    ) -> Result<(TokenAnswer, Self), ClientError> {
        let mut held = Self {
            response,
            // Room for a long token, so that no copy is left behind when the buffer grows.
            waiting: Zeroizing::new(Vec::with_capacity(16 * 1024)),
        };
        let token = in_time(limit, held.line()).await?;
        Ok((token.ok_or(ClientError::Lost)?, held))
    }

    /// The next thing to know about the lease; none when the response has ended.
    ///
    /// # Errors
    /// [`ClientError::Protocol`] if the response is not one of a keeper of this version.
    pub async fn next(&mut self) -> Result<Option<HeldEvent>, ClientError> {
        self.line().await
    }

    async fn line<T: DeserializeOwned>(&mut self) -> Result<Option<T>, ClientError> {
        loop {
            if let Some(end) = self.waiting.iter().position(|&byte| byte == b'\n') {
                let line: Zeroizing<Vec<u8>> = Zeroizing::new(self.waiting.drain(..=end).collect());
                return serde_json::from_slice(&line).map(Some).map_err(|error| {
                    ClientError::Protocol {
                        // The error's own words may quote a secret.
                        why: format!("a line that does not fit, at column {}", error.column()),
                    }
                });
            }
            let Some(chunk) = self.response.chunk().await else {
                return Ok(None);
            };
            self.waiting.extend_from_slice(&chunk);
        }
    }
}
