//! Carrying out what an account wants done. Requests and writes run in tasks beside the account's and report back.

use std::sync::Arc;

use tokenkeep_oauth::{Problem, ProblemKind, Reply, Revocable};
use tokenkeep_protocol::account::{
    AttemptId, Effect, LeaseNews, ReaderId, Record, Request, SaveId,
};
use tokenkeep_protocol::clock::Now;

use super::super::durable;
use super::super::inbox::Message;
use super::AccountTask;

impl AccountTask {
    pub(super) fn carry_out(&mut self, effect: Effect, now: Now) {
        match effect {
            Effect::Load => self.load(),
            Effect::Answer { reader, answer } => {
                if answer.is_err() {
                    self.holders.remove(&reader);
                }
                if let Some(waiting) = self.readers.remove(&reader) {
                    // If the reader has gone, its own message says so.
                    let _ = waiting.send((answer, now));
                }
            }
            Effect::TellHolder { lease, news } => self.tell_holder(lease, news),
            Effect::AskPace(urgency) => self.pacing.ask(&self.name, urgency, &self.inbox),
            Effect::LeaveUnused => self.pacing.unused(&self.name),
            Effect::Send { attempt, request } => self.send(attempt, request, now),
            Effect::Save { save, record } => self.save(save, &record, now),
            Effect::Revoke(token) => self.revoke(token),
            Effect::Tell(news) => self.shared.announcer.news(&self.spec.name, &news, now),
            Effect::Notify(notice) => self.shared.announcer.notify(&self.spec.name, &notice, now),
        }
    }

    fn tell_holder(&mut self, lease: ReaderId, news: LeaseNews) {
        if let Some(holder) = self.holders.get(&lease) {
            // If the holder has gone, its own message says so.
            let _ = holder.send(news);
        }
        if matches!(news, LeaseNews::Ended(_)) {
            self.holders.remove(&lease);
        }
    }

    fn load(&self) {
        let (vault, name, inbox) = (
            self.shared.vault.clone(),
            Arc::clone(&self.name),
            self.inbox.clone(),
        );
        tokio::spawn(async move { inbox.send(Message::Loaded(Box::new(vault.load(&name).await))) });
    }

    fn send(&self, attempt: AttemptId, request: Request, now: Now) {
        if let Err(retry_after) = self.pacing.sending(&self.name, now.tick) {
            let problem = paused();
            let reply = Reply::Throttled {
                retry_after,
                problem,
            };
            return self.inbox.send(Message::Answered { attempt, reply });
        }
        // Held until the answer is there, because even an account that is removed in the meantime has to handle it.
        let Some(inbox) = self.inbox.upgrade() else {
            return;
        };
        let sender = self.sender();
        let (pacing, name, sent_at) = (Arc::clone(&self.pacing), Arc::clone(&self.name), now.tick);
        tokio::spawn(async move {
            // In a task of its own, so that the attempt is answered even if it panics.
            let reply = tokio::spawn(async move {
                failpoint!("before_request");
                sender.send(request).await
            });
            let reply = reply.await;
            let reply = reply.unwrap_or_else(|_| Reply::outcome_unknown(broken_off()));
            failpoint!("answered");
            pacing.learn(&name, sent_at, &reply);
            inbox.send(Message::Answered { attempt, reply });
        });
    }

    fn save(&mut self, save: SaveId, record: &Record, now: Now) {
        let item = durable::item_of(record, &self.beside, now);
        let (vault, name, inbox) = (
            self.shared.vault.clone(),
            Arc::clone(&self.name),
            self.inbox.clone(),
        );
        let before = self.last_write.take();
        self.last_write = Some(tokio::spawn(async move {
            if let Some(before) = before {
                // It reports its own result; only the order matters here.
                let _ = before.await;
            }
            let result = vault.save(&name, item).await;
            inbox.send(Message::Saved { save, result });
        }));
    }

    fn revoke(&self, token: Revocable) {
        let sender = self.sender();
        self.shared
            .errands
            .spawn(async move { drop(sender.revoke(token).await) });
    }
}

fn paused() -> Problem {
    Problem::new(
        ProblemKind::Throttled,
        "The provider takes no token requests from this client just now, so none is sent.",
    )
}

fn broken_off() -> Problem {
    Problem::new(
        ProblemKind::ConnectionLost,
        "The request broke off inside Tokenkeep, so its outcome is not known. It is being repeated.",
    )
}
