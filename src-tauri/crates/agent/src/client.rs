//! The agent's client, for the command line, the windows, and other programs in Rust.

mod blocking;
mod desktop;
mod error;
mod events;
mod exchange;
mod held;
mod limit;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::home::{Home, HomeError};
use tokenkeep_keeper::keeper::{
    AccountLease, AccountView, DEFAULT_WAIT, JournalLine, NewAccount, Orphan, Removal, Status,
};
use tokenkeep_keeper::vault::UNLOCK_LIMIT;

pub use blocking::Blocking;
pub use error::ClientError;
pub use events::Events;
pub use held::Held;

use crate::wire::{
    AccountAdded, AccountsAnswer, ConfirmBody, Done, EventsParameters, JournalAnswer,
    JournalParameters, LeasesAnswer, LeasesParameters, OrphansAnswer, Redirected, RefusedBody,
    SignInAnswer, StatusAnswer, TokenAnswer, TokenBody, WaitBody,
};
use exchange::{Target, exchange};
use limit::{SLACK, limit};

/// Asks the keeper of one home.
///
/// Each request has a connection of its own. Opening one takes some ten microseconds, and nothing has to be restored
/// when the keeper restarts. Dropping the future of a request closes its connection, so the keeper knows that nobody
/// waits any more. The client works in any tokio runtime with I/O and time, and starts no thread.
#[derive(Clone, Debug)]
pub struct AgentClient {
    home: Home,
    socket: PathBuf,
}

impl AgentClient {
    /// A client of the keeper of `home`. Only a request shows whether that keeper runs.
    ///
    /// # Errors
    /// When the home has no place for a socket.
    pub fn new(home: &Home) -> Result<Self, HomeError> {
        Ok(Self {
            home: home.clone(),
            socket: home.socket()?,
        })
    }

    /// The state of the keeper itself.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn status(&self) -> Result<StatusAnswer, ClientError> {
        self.get(&Target::new(["status"]), SLACK).await
    }

    /// All accounts, sorted by name.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn accounts(&self) -> Result<Vec<AccountView>, ClientError> {
        let answer: AccountsAnswer = self.get(&Target::new(["accounts"]), SLACK).await?;
        Ok(answer.accounts)
    }

    /// One account.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn account(&self, name: &AccountName) -> Result<AccountView, ClientError> {
        self.get(&Target::new(["accounts", name.as_str()]), SLACK)
            .await
    }

    /// A token.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn token(
        &self,
        name: &AccountName,
        asked: &TokenBody,
    ) -> Result<TokenAnswer, ClientError> {
        let target = Target::new(["accounts", name.as_str(), "token"]);
        self.post(&target, asked, limit(asked.wait)).await
    }

    /// The token after one that an API refused.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn refused(
        &self,
        name: &AccountName,
        asked: &RefusedBody,
    ) -> Result<TokenAnswer, ClientError> {
        let target = Target::new(["accounts", name.as_str(), "refused"]);
        self.post(&target, asked, limit(asked.wait)).await
    }

    /// A token with a lease. The lease is held as long as the value beside the token.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn hold(
        &self,
        name: &AccountName,
        asked: &TokenBody,
    ) -> Result<(TokenAnswer, Held), ClientError> {
        let target = Target::new(["accounts", name.as_str(), "token"]);
        let (body, limit) = (Some(exchange::body(asked)), limit(asked.wait));
        let response = exchange(self, "POST", &target, body, limit).await?;
        Held::begin(response, limit).await
    }

    /// The leases that last, on tokens of one account or of all, the oldest first.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn leases(
        &self,
        account: Option<&AccountName>,
    ) -> Result<Vec<AccountLease>, ClientError> {
        let asked = LeasesParameters {
            account: account.map(ToString::to_string),
        };
        let answer: LeasesAnswer = self
            .get(&Target::new(["leases"]).query(&asked), SLACK)
            .await?;
        Ok(answer.leases)
    }

    /// Ends a lease, whoever holds it. Returns the lease.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn release(&self, lease: u64) -> Result<AccountLease, ClientError> {
        self.delete(&Target::new(["leases", &lease.to_string()]))
            .await
    }

    /// Adds an account.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn add(&self, new: NewAccount) -> Result<AccountView, ClientError> {
        let limit = DEFAULT_WAIT + SLACK;
        self.post(&Target::new(["accounts"]), &AccountAdded::from(new), limit)
            .await
    }

    /// Removes an account and all that is stored for it. Its session is revoked, if the provider can be reached.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn remove(&self, name: &AccountName) -> Result<Removal, ClientError> {
        self.delete(&Target::new(["accounts", name.as_str()])).await
    }

    /// Renews now, and waits for it.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn refresh(
        &self,
        name: &AccountName,
        wait: Option<Duration>,
    ) -> Result<AccountView, ClientError> {
        let asked = WaitBody {
            wait: wait.map(whole_seconds),
        };
        self.post(
            &Target::new(["accounts", name.as_str(), "refresh"]),
            &asked,
            limit(asked.wait),
        )
        .await
    }

    /// Lets an account's secrets go where `agreed` says; the configuration has to say the same.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn confirm(
        &self,
        name: &AccountName,
        agreed: &ConfirmBody,
    ) -> Result<AccountView, ClientError> {
        let target = Target::new(["accounts", name.as_str(), "confirm"]);
        self.post(&target, agreed, SLACK).await
    }

    /// Signs in, or says which page a person has to visit.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn sign_in(
        &self,
        name: &AccountName,
        wait: Option<Duration>,
    ) -> Result<SignInAnswer, ClientError> {
        let asked = WaitBody {
            wait: wait.map(whole_seconds),
        };
        self.post(
            &Target::new(["accounts", name.as_str(), "sign-in"]),
            &asked,
            limit(asked.wait),
        )
        .await
    }

    /// Finishes a sign-in with the URL at which the browser ended.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn finish_sign_in(
        &self,
        id: u64,
        redirect: SecretString,
    ) -> Result<AccountView, ClientError> {
        let limit = DEFAULT_WAIT + SLACK;
        self.post(
            &Target::new(["sign-ins", &id.to_string()]),
            &Redirected { redirect },
            limit,
        )
        .await
    }

    /// Cancels a sign-in. One that has ended already is no error.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn cancel_sign_in(&self, id: u64) -> Result<(), ClientError> {
        let Done {} = self
            .delete(&Target::new(["sign-ins", &id.to_string()]))
            .await?;
        Ok(())
    }

    /// The keychain items whose home is gone.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn orphans(&self) -> Result<Vec<Orphan>, ClientError> {
        let answer: OrphansAnswer = self.get(&Target::new(["orphans"]), SLACK).await?;
        Ok(answer.orphans)
    }

    /// Lets the account of the same name take what the home has left behind.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn adopt(&self, home: &str, name: &AccountName) -> Result<AccountView, ClientError> {
        let target = Target::new(["orphans", home, name.as_str()]);
        self.post(&target, &Done {}, DEFAULT_WAIT + SLACK).await
    }

    /// Deletes what the home has left behind of the account.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn delete_orphan(&self, home: &str, name: &AccountName) -> Result<(), ClientError> {
        let target = Target::new(["orphans", home, name.as_str()]);
        let Done {} = self.delete(&target).await?;
        Ok(())
    }

    /// Lines of the journal, oldest first.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn journal(
        &self,
        asked: &JournalParameters,
    ) -> Result<Vec<JournalLine>, ClientError> {
        let answer: JournalAnswer = self
            .get(&Target::new(["journal"]).query(asked), SLACK)
            .await?;
        Ok(answer.lines)
    }

    /// What happens from now on, to one account or to all.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn events(&self, account: Option<&AccountName>) -> Result<Events, ClientError> {
        let asked = EventsParameters {
            account: account.map(ToString::to_string),
        };
        let target = Target::new(["events"]).query(&asked);
        Ok(Events::of(
            exchange(self, "GET", &target, None, SLACK).await?,
        ))
    }

    /// Asks the keychain to unlock, which asks a person.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn unlock(&self) -> Result<(), ClientError> {
        let Done {} = self
            .post(&Target::new(["unlock"]), &Done {}, UNLOCK_LIMIT + SLACK)
            .await?;
        Ok(())
    }

    /// Asks the keeper to quit, and waits until nothing is under way.
    ///
    /// # Errors
    /// As every request: a [`ClientError`].
    pub async fn quit(&self) -> Result<Status, ClientError> {
        self.post(&Target::new(["quit"]), &Done {}, SLACK).await
    }

    async fn get<T: DeserializeOwned>(
        &self,
        target: &Target,
        limit: Duration,
    ) -> Result<T, ClientError> {
        exchange(self, "GET", target, None, limit)
            .await?
            .json(limit)
            .await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        target: &Target,
        body: &impl Serialize,
        limit: Duration,
    ) -> Result<T, ClientError> {
        let body = Some(exchange::body(body));
        exchange(self, "POST", target, body, limit)
            .await?
            .json(limit)
            .await
    }

    async fn delete<T: DeserializeOwned>(&self, target: &Target) -> Result<T, ClientError> {
        let limit = DEFAULT_WAIT + SLACK;
        exchange(self, "DELETE", target, None, limit)
            .await?
            .json(limit)
            .await
    }
}

/// A duration in whole seconds, rounded up.
#[must_use]
pub fn whole_seconds(duration: Duration) -> u64 {
    duration
        .as_secs()
        .saturating_add(u64::from(duration.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_second_is_waited_for_wholly() {
        assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
        assert_eq!(whole_seconds(Duration::from_secs(30)), 30);
        assert_eq!(whole_seconds(Duration::MAX), u64::MAX);
    }
}
