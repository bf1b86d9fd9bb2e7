//! Removing an account: its item is deleted, then its sessions are ended, because that cannot be undone.

use tokenkeep_oauth::{Problem, Revocable};
use tokenkeep_protocol::account::{Effect, Event};
use tokio::sync::oneshot;

use super::super::inbox::{Message, Removed};
use super::AccountTask;
use crate::clock;
use crate::vault::VaultError;

/// A removal that is under way.
pub(super) struct Removing {
    /// Those who asked for it.
    asked: Vec<oneshot::Sender<Removed>>,
    /// The sessions to be ended.
    sessions: Vec<Revocable>,
}

impl AccountTask {
    /// Begins to remove the account. Nothing is written after its item is deleted.
    pub(super) fn remove(&mut self, answer: oneshot::Sender<Removed>) {
        if let Some(removing) = &mut self.removing {
            removing.asked.push(answer);
            return;
        }
        let now = clock::now();
        let mut sessions = Vec::new();
        let effects = self.account.handle(Event::Removed, now.tick);
        self.pacing.withdraw(&self.name);
        for effect in effects {
            match effect {
                Effect::Revoke(session) => sessions.push(session),
                other => self.carry_out(other, now),
            }
        }
        self.removing = Some(Removing {
            asked: vec![answer],
            sessions,
        });
        self.show(now);
        let last_write = self.last_write.take();
        let (vault, name, inbox) = (
            self.shared.vault.clone(),
            self.name.clone(),
            self.inbox.clone(),
        );
        tokio::spawn(async move {
            if let Some(last_write) = last_write {
                // It reports its own result; only the order matters here.
                let _ = last_write.await;
            }
            let deleted = vault.delete(&name).await;
            inbox.send(Message::Deleted(deleted));
        });
    }

    /// The item is deleted, or could not be.
    pub(super) fn deleted(&mut self, deleted: Result<(), VaultError>) {
        let Some(Removing { asked, sessions }) = self.removing.take() else {
            return;
        };
        let revoking = deleted.is_ok() && !sessions.is_empty();
        let revocation = revoking.then(|| self.end_sessions(sessions));
        let mut first = Some(Removed {
            deleted: deleted.clone(),
            revocation,
        });
        for answer in asked {
            let removed = first.take().unwrap_or_else(|| Removed {
                deleted: deleted.clone(),
                revocation: None,
            });
            // Whoever asked may have stopped waiting.
            let _ = answer.send(removed);
        }
    }

    /// Ends sessions at the provider; the receiver is told how that went.
    fn end_sessions(&self, sessions: Vec<Revocable>) -> oneshot::Receiver<Result<(), Problem>> {
        let (sender, announcer) = (self.sender(), self.shared.announcer.clone());
        let (ended, receiver) = oneshot::channel();
        let name = self.spec.name.clone();
        self.shared.errands.spawn(async move {
            let mut outcome = Ok(());
            for session in sessions {
                outcome = sender.revoke(session).await.and(outcome);
            }
            if let Err(problem) = &outcome {
                announcer.session_left(&name, problem, clock::now());
            }
            // Nobody may wait for it any more.
            let _ = ended.send(outcome);
        });
        receiver
    }
}
