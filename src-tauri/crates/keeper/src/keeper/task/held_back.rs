//! Accounts with which nothing can be done before a person has mended something.

use tokenkeep_oauth::{Problem, ProblemKind};
use tokenkeep_protocol::account::{Event, NotServed, WaitedFor};

use super::super::api::{AccountView, Unconfirmed};
use super::super::client::Spec;
use super::super::error::KeeperError;
use super::super::words;
use super::AccountTask;
use crate::clock;
use crate::vault::{Binding, Item, VaultError};
use tokenkeep_protocol::account::State;

/// Why nothing can be done with an account. Whoever asks is told at once: waiting is of no use.
pub(super) enum HeldBack {
    /// Its vault item cannot be read.
    Unreadable(VaultError),
    /// The configuration names another client or server than the secrets in this item were given for.
    Rebound {
        item: Box<Item>,
        change: Unconfirmed,
    },
}

impl HeldBack {
    /// The item, unless the secrets in it were given for somebody else.
    pub(super) fn by_binding(item: Item, spec: &Spec) -> Result<Box<Item>, Self> {
        let now = spec.binding();
        let item = Box::new(item);
        match item.bound_to.clone().filter(|before| *before != now) {
            None => Ok(item),
            Some(before) => Err(Self::Rebound {
                item,
                change: Unconfirmed { before, now },
            }),
        }
    }

    pub(super) fn message(&self, spec: &Spec) -> String {
        match self {
            Self::Unreadable(error) => error.to_string(),
            Self::Rebound { change, .. } => words::unconfirmed(&spec.name, change),
        }
    }

    /// What a reader is answered.
    pub(super) fn not_served(&self, spec: &Spec) -> NotServed {
        let message = self.message(spec);
        NotServed::OutOfTime(match self {
            Self::Unreadable(_) => WaitedFor::Vault(message),
            Self::Rebound { .. } => {
                WaitedFor::Misconfigured(Problem::new(ProblemKind::UnauthorizedClient, message))
            }
        })
    }

    pub(super) fn refusal(&self, spec: &Spec) -> KeeperError {
        words::not_served(&spec.name, &self.not_served(spec))
    }

    pub(super) fn show(&self, spec: &Spec, view: &mut AccountView) {
        if let Self::Rebound { change, .. } = self {
            view.state = State::Misconfigured;
            view.problem = Some(self.message(spec));
            view.unconfirmed = Some(change.clone());
        }
    }
}

impl AccountTask {
    /// Nothing can be done with the account, and everybody who waits is told so.
    pub(super) fn hold_back(&mut self, held_back: HeldBack) {
        let why = held_back.not_served(&self.spec);
        self.held_back = Some(held_back);
        self.give_senders();
        for (id, answer) in std::mem::take(&mut self.readers) {
            // The receiver may have stopped waiting.
            let _ = answer.send((Err(why.clone()), clock::now()));
            self.holders.remove(&id);
            self.step(Event::Left(id));
        }
    }

    /// A person agrees to where the secrets go from now on.
    pub(super) async fn confirm(&mut self, agreed: Binding) -> Result<(), KeeperError> {
        if agreed != self.spec.binding() {
            return Err(words::not_what_was_agreed(&self.spec.name));
        }
        let Some(HeldBack::Rebound { item, .. }) = &self.held_back else {
            return match &self.held_back {
                Some(other) => Err(other.refusal(&self.spec)),
                None => Ok(()),
            };
        };
        let mut item = Item::clone(item);
        item.bound_to = Some(agreed);
        // Before anything is sent, so that the answer holds after a crash, too.
        let saved = self.shared.vault.save(&self.name, item.clone()).await;
        saved.map_err(|error| words::vault_error(&error))?;
        self.take_up(item, true);
        Ok(())
    }
}
