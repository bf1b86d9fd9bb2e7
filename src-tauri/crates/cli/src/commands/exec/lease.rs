//! The lease of a command: held, and taken up again when the keeper was away.

use std::time::{Duration, Instant};

use tokenkeep_agent::client::Held;
use tokenkeep_agent::wire::{HeldEvent, TokenAnswer, TokenBody};
use tokenkeep_agent::{AgentClient, ClientError};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::ErrorKind;

use crate::output;

/// How often to look for a keeper that is gone. A keeper that has just started waits a few seconds for holders, and
/// this is many times in that wait.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// A lease that is held.
pub(super) struct CommandLease<'c> {
    client: &'c AgentClient,
    name: &'c AccountName,
    held: Held,
    /// The token by which it is taken up again.
    again: TokenBody,
    /// When its token expires, and with it the lease. Not in wall-clock time, which may be set meanwhile.
    until: Instant,
    /// Whether the person was told not to rely on the token any more.
    told: bool,
}

impl<'c> CommandLease<'c> {
    /// Takes a lease, and the token that it is on.
    pub(super) async fn take(
        client: &'c AgentClient,
        name: &'c AccountName,
        asked: TokenBody,
    ) -> Result<(TokenAnswer, Self), ClientError> {
        let (token, held) = client.hold(name, &asked).await?;
        let mut again = TokenBody {
            min_validity: None,
            wait: None,
            ..asked
        };
        if let Some(lease) = &mut again.lease {
            lease.fingerprint = Some(token.fingerprint);
        }
        let lease = Self {
            client,
            name,
            held,
            again,
            until: Instant::now() + Duration::from_secs(token.expires_in),
            told: false,
        };
        Ok((token, lease))
    }

    /// Holds it, even while the keeper restarts. Done when the lease is over and the person was told why.
    pub(super) async fn keep(mut self) {
        loop {
            match self.end().await {
                Ok(EndOf::Lease) => return,
                Ok(EndOf::Keeper) => {}
                Err(error) => return self.lost(&error),
            }
            match self.take_up_again().await {
                Ok(held) => self.held = held,
                Err(error) => return self.lost(&error),
            }
        }
    }

    /// Waits for the end of the lease, or of the keeper.
    async fn end(&mut self) -> Result<EndOf, ClientError> {
        loop {
            match self.held.next().await? {
                Some(HeldEvent::Renewing { message }) => self.tell(&message),
                Some(HeldEvent::Ended { message, .. }) => {
                    self.tell(&message);
                    return Ok(EndOf::Lease);
                }
                None => return Ok(EndOf::Keeper),
            }
        }
    }

    /// Waits for a keeper, and takes the lease up again on the same token.
    async fn take_up_again(&self) -> Result<Held, ClientError> {
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            match self.client.hold(self.name, &self.again).await {
                Ok((_, held)) => return Ok(held),
                Err(error) if may_pass(&error) && Instant::now() < self.until => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn lost(&mut self, error: &ClientError) {
        let name = self.name;
        self.tell(&format!(
            "The lease on the token of {name} could not be taken up again, so the token may be replaced at any moment. \
             The command goes on, and should ask for the next one with `tokenkeep get {name}`. {error}"
        ));
    }

    /// Says, once, not to rely on the token any more.
    fn tell(&mut self, message: &str) {
        if !std::mem::replace(&mut self.told, true) {
            output::warning(message);
        }
    }
}

/// What ended.
enum EndOf {
    Lease,
    Keeper,
}

/// Whether the keeper may answer otherwise later.
fn may_pass(error: &ClientError) -> bool {
    match error {
        ClientError::NotRunning { .. }
        | ClientError::NotListening { .. }
        | ClientError::Lost
        | ClientError::NoAnswer { .. } => true,
        ClientError::Unreachable { .. } | ClientError::Protocol { .. } => false,
        ClientError::Keeper(error) => matches!(
            error.kind,
            ErrorKind::NoToken
                | ErrorKind::VaultUnavailable
                | ErrorKind::TooManyConnections
                | ErrorKind::Quitting
        ),
    }
}

#[cfg(test)]
mod tests {
    use tokenkeep_keeper::keeper::KeeperError;

    use super::*;

    #[test]
    fn a_keeper_that_is_away_or_in_doubt_is_waited_for_and_a_replaced_token_is_not() {
        let refused = |kind| may_pass(&ClientError::Keeper(KeeperError::new(kind, "")));
        assert!(may_pass(&ClientError::Lost));
        assert!(refused(ErrorKind::NoToken) && refused(ErrorKind::Quitting));
        assert!(!refused(ErrorKind::TokenReplaced) && !refused(ErrorKind::NoSuchAccount));
    }
}
