//! Hands out tokens, and lists and ends leases.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::api::{
    AccountLease, AccountView, DEFAULT_WAIT, GivenLease, GivenToken, ReadRequest, RefusedToken,
};
use super::error::KeeperError;
use super::inbox::{Inbox, Message};
use super::{Keeper, Sound, start_asking, words};
use crate::clock;
use crate::config::AccountName;
use tokenkeep_protocol::account::{Handout, LeaseNews, Newer, ReaderId, Want};
use tokenkeep_protocol::clock::{Now, Tick};

impl Keeper {
    /// A token of the account. Dropping the future withdraws the request. A lease that was given lasts until it is
    /// released or ends by itself.
    ///
    /// # Errors
    /// Where there is no such account or no such token. The message says why, and what to do.
    pub async fn token(
        &self,
        name: &AccountName,
        request: ReadRequest,
    ) -> Result<GivenToken, KeeperError> {
        let account = self.sound(name)?;
        let wait = request.wait;
        let (id, handout, now) = self.ask(&account, want(request), wait).await?;
        Ok(given(id, *handout, now))
    }

    /// A token of the account under a lease that lasts as long as the second value is held. The future may be dropped
    /// as that of [`Keeper::token`].
    ///
    /// # Errors
    /// As [`Keeper::token`].
    pub async fn hold(
        &self,
        name: &AccountName,
        request: ReadRequest,
    ) -> Result<(GivenToken, HeldLease), KeeperError> {
        let account = self.sound(name)?;
        let wait = request.wait;
        let (told, news) = mpsc::unbounded_channel();
        let asked = self.ask_as(&account, want(request), wait, Some(told));
        let (id, handout, now) = asked.await?;
        let held = HeldLease {
            inbox: account.inbox,
            id,
            news,
        };
        Ok((given(id, *handout, now), held))
    }

    /// The leases that last, on tokens of one account or of all, the oldest first.
    ///
    /// # Errors
    /// Where there is no such account.
    pub async fn leases(&self, of: Option<&AccountName>) -> Result<Vec<AccountLease>, KeeperError> {
        let accounts = match of {
            Some(name) => vec![self.account(name).await?],
            None => self.accounts().await,
        };
        let mut leases: Vec<_> = accounts.into_iter().flat_map(leases_of).collect();
        leases.sort_by_key(|held| held.lease.id);
        Ok(leases)
    }

    /// Ends a lease, and returns it.
    ///
    /// # Errors
    /// Where there is no such lease.
    pub async fn end_lease(&self, id: u64) -> Result<AccountLease, KeeperError> {
        let ended = self.lease(ReaderId(id)).await;
        let ended = ended.ok_or_else(|| words::no_such_lease(id))?;
        self.release(&ended.account, id);
        Ok(ended)
    }

    /// A lease, whichever account's token it is on.
    async fn lease(&self, id: ReaderId) -> Option<AccountLease> {
        let asked: Vec<_> = self
            .inner
            .inboxes()
            .into_iter()
            .map(|(name, inbox)| {
                (
                    name,
                    start_asking(&inbox, |answer| Message::Lease { id, answer }),
                )
            })
            .collect();
        for (account, answer) in asked {
            if let Ok(Some(lease)) = answer.await {
                return Some(AccountLease { account, lease });
            }
        }
        None
    }

    /// Releases a lease. It is no error if it has ended already.
    pub fn release(&self, name: &AccountName, lease: u64) {
        if let Ok(account) = self.sound(name) {
            account.inbox.send(Message::Left(ReaderId(lease)));
        }
    }

    /// Renews the account's token now, and waits for it.
    ///
    /// # Errors
    /// As [`Keeper::token`].
    pub async fn refresh(
        &self,
        name: &AccountName,
        wait: Option<Duration>,
    ) -> Result<AccountView, KeeperError> {
        let account = self.sound(name)?;
        let want = Want {
            newer: Some(Newer::Renewal),
            ..Want::default()
        };
        self.ask(&account, want, wait).await?;
        self.account(name).await
    }

    /// Asks an account for a token, and waits for the answer.
    pub(super) async fn ask(
        &self,
        account: &Sound,
        want: Want,
        wait: Option<Duration>,
    ) -> Result<(ReaderId, Box<Handout>, Now), KeeperError> {
        self.ask_as(account, want, wait, None).await
    }

    /// The same, with news about the lease.
    async fn ask_as(
        &self,
        account: &Sound,
        want: Want,
        wait: Option<Duration>,
        holder: Option<mpsc::UnboundedSender<LeaseNews>>,
    ) -> Result<(ReaderId, Box<Handout>, Now), KeeperError> {
        let id = ReaderId(self.next_id());
        let deadline = clock::now().tick + wait.unwrap_or(DEFAULT_WAIT);
        let (answer, answered) = oneshot::channel();
        account.inbox.send(Message::Ask {
            id,
            want,
            deadline,
            answer,
            holder,
        });
        let mut withdrawal = Withdrawal {
            inbox: Some(account.inbox.clone()),
            id,
        };
        let answered = answered.await;
        withdrawal.inbox = None;
        match answered {
            Ok((Ok(handout), now)) => Ok((id, handout, now)),
            Ok((Err(why), _)) => Err(words::not_served(&account.spec.name, &why)),
            Err(_) => Err(words::no_such_account(&account.spec.name)),
        }
    }
}

/// A lease that is held: it ends when this is dropped.
#[derive(Debug)]
pub struct HeldLease {
    inbox: Inbox,
    id: ReaderId,
    news: mpsc::UnboundedReceiver<LeaseNews>,
}

impl HeldLease {
    /// What becomes of the lease next; none when the keeper has ended. After [`LeaseNews::Ended`] nothing more comes.
    pub async fn next(&mut self) -> Option<LeaseNews> {
        self.news.recv().await
    }
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        self.inbox.send(Message::Left(self.id));
    }
}

fn want(request: ReadRequest) -> Want {
    Want {
        min_validity: request.min_validity,
        newer: request.refused.map(|refused| match refused {
            RefusedToken::Named(fingerprint) => Newer::Refused(fingerprint),
            RefusedToken::Current => Newer::CurrentRefused,
        }),
        lease: request.lease,
    }
}

fn leases_of(account: AccountView) -> impl Iterator<Item = AccountLease> {
    let name = account.name;
    account.leases.into_iter().map(move |lease| AccountLease {
        account: name.clone(),
        lease,
    })
}

/// Withdraws a reader when it is dropped before the answer.
struct Withdrawal {
    inbox: Option<Inbox>,
    id: ReaderId,
}

impl Drop for Withdrawal {
    fn drop(&mut self) {
        if let Some(inbox) = self.inbox.take() {
            inbox.send(Message::Left(self.id));
        }
    }
}

fn given(id: ReaderId, handout: Handout, now: Now) -> GivenToken {
    GivenToken {
        fingerprint: handout.access_token.fingerprint(),
        access_token: handout.access_token,
        expires_at: now.wall_at(handout.expires_at),
        expires_in: now.tick.until(handout.expires_at),
        expiry_assumed: handout.expiry_assumed,
        scope: handout.scope,
        unsaved: handout.unsaved,
        refused_again: handout.refused_again,
        lease: handout.lease_until.map(|until: Tick| GivenLease {
            id: id.0,
            until: now.wall_at(until),
        }),
    }
}
