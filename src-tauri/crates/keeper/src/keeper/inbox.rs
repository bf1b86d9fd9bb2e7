//! The messages to an account's task, and how they are sent.

use tokenkeep_oauth::{Problem, Reply, TokenResponse};
use tokio::sync::{mpsc, oneshot};

use super::api::{AccountView, LeaseView};
use super::client::Sender;
use super::error::KeeperError;
use crate::vault::{Binding, Item, VaultError};
use tokenkeep_protocol::account::{Answer, AttemptId, LeaseNews, ReaderId, SaveId, Want};
use tokenkeep_protocol::clock::{Now, Tick};

/// A message to an account's task.
pub(super) enum Message {
    /// A reader asks for the token, and waits until the deadline.
    Ask {
        id: ReaderId,
        want: Want,
        deadline: Tick,
        answer: oneshot::Sender<(Answer, Now)>,
        /// Receives what becomes of the lease that is taken.
        holder: Option<mpsc::UnboundedSender<LeaseNews>>,
    },
    /// A reader stopped waiting, or the holder of a lease released it.
    Left(ReaderId),
    /// The vault was read.
    Loaded(Box<Result<Option<Item>, VaultError>>),
    /// The client's pace allows a request.
    MaySend,
    /// A request was answered.
    Answered { attempt: AttemptId, reply: Reply },
    /// A write to the vault finished.
    Saved {
        save: SaveId,
        result: Result<(), VaultError>,
    },
    /// A person signed in.
    SignedIn {
        tokens: Box<TokenResponse>,
        sent_at: Tick,
    },
    /// Asks for the account's view.
    View(oneshot::Sender<AccountView>),
    /// Asks for one of the leases on the account's tokens.
    Lease {
        id: ReaderId,
        answer: oneshot::Sender<Option<LeaseView>>,
    },
    /// Asks for the account's sender. Answered once the vault has been read, or cannot be.
    Sender(oneshot::Sender<Result<Sender, KeeperError>>),
    /// A person agrees to where the account's secrets go.
    Confirm(Binding, oneshot::Sender<Result<(), KeeperError>>),
    /// Removes the account and its vault item.
    Remove(oneshot::Sender<Removed>),
    /// The vault item of the account, which is being removed, was deleted.
    Deleted(Result<(), VaultError>),
    /// Something happened to the machine.
    Machine(MachineEvent),
    /// The keeper shuts down. Answered once nothing is under way.
    Quit(oneshot::Sender<()>),
}

/// What became of a removal.
pub(super) struct Removed {
    pub(super) deleted: Result<(), VaultError>,
    /// Whether its sessions were ended, where there were any.
    pub(super) revocation: Option<oneshot::Receiver<Result<(), Problem>>>,
}

/// Something that happens to the machine, and so to every account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MachineEvent {
    ClockSet,
    Woke,
    NetworkBack,
}

/// Sends messages to an account's task. The task ends when the last clone is dropped.
///
/// Messages are boxed, because a queue allocates room for dozens of them from the start.
#[derive(Clone, Debug)]
pub(super) struct Inbox(mpsc::UnboundedSender<Box<Message>>);

/// An inbox that does not keep its task alive.
#[derive(Clone, Debug)]
pub(super) struct WeakInbox(mpsc::WeakUnboundedSender<Box<Message>>);

impl Inbox {
    /// An inbox, and the receiver for its task.
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Box<Message>>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// The same inbox, without keeping the task alive.
    pub(super) fn downgrade(&self) -> WeakInbox {
        WeakInbox(self.0.downgrade())
    }

    /// Sends a message. Does nothing if the task has ended.
    pub(super) fn send(&self, message: Message) {
        let _ = self.0.send(Box::new(message));
    }

    /// Tells the task about a sign-in.
    ///
    /// # Errors
    /// Returns the tokens if the task has ended, so that their session can be ended.
    pub(super) fn signed_in(
        &self,
        tokens: Box<TokenResponse>,
        sent_at: Tick,
    ) -> Result<(), Box<TokenResponse>> {
        let sent = self.0.send(Box::new(Message::SignedIn { tokens, sent_at }));
        match sent.map_err(|unsent| *unsent.0) {
            Err(Message::SignedIn { tokens, .. }) => Err(tokens),
            _ => Ok(()),
        }
    }
}

impl WeakInbox {
    /// The inbox, if the task has not ended.
    pub(super) fn upgrade(&self) -> Option<Inbox> {
        self.0.upgrade().map(Inbox)
    }

    /// Sends a message. Does nothing if the task has ended.
    pub(super) fn send(&self, message: Message) {
        if let Some(inbox) = self.upgrade() {
            inbox.send(message);
        }
    }
}
