//! The task of one account: gives its heart what happens, and carries out what it wants done.
//!
//! One task per account, so that one account's hung provider never delays another. The task itself
//! waits for nothing but its inbox and the time: requests and writes run beside it and report back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokenkeep_oauth::{Problem, ProblemKind, Reply, Revocable, TokenResponse};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use super::announcer::Announcer;
use super::asked::AccountView;
use super::client::{Sender, Spec};
use super::durable;
use super::happening::Happening;
use super::pacing::Pacing;
use super::view;
use crate::clock;
use crate::http::HttpClient;
use crate::vault::{Credentials, Item, Vault, VaultError};
use tokenkeep_protocol::account::{
    Account, Answer, AttemptId, Effect, Event, LeaseNews, NoticeKey, Reader, ReaderId, Record,
    Request, SaveId, VaultFailure, View, Want,
};
use tokenkeep_protocol::clock::{Now, Tick};

/// What an account's task is told.
pub(super) enum Message {
    /// A reader asks for the token, and no longer waits at the deadline.
    Ask {
        id: ReaderId,
        want: Want,
        deadline: Tick,
        answer: oneshot::Sender<(Answer, Now)>,
        /// Who is told what becomes of the lease that is taken.
        holder: Option<mpsc::UnboundedSender<LeaseNews>>,
    },
    /// A reader went away, or the holder of a lease let go.
    Left(ReaderId),
    /// The vault was read.
    Loaded(Result<Option<Item>, VaultError>),
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
    /// How does the account stand?
    View(oneshot::Sender<AccountView>),
    /// What does the account send requests with? Answered once the vault has been read.
    Sender(oneshot::Sender<Sender>),
    /// The account is to be removed, its vault item with it.
    Remove(oneshot::Sender<Removed>),
    /// Something happened to the machine.
    Machine(MachineEvent),
    /// The keeper shuts down; answered once nothing is under way.
    Quit(oneshot::Sender<()>),
}

/// What became of a removal.
pub(super) struct Removed {
    pub(super) revoking: bool,
    pub(super) deleted: Result<(), VaultError>,
}

/// What happens to the machine and so to every account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MachineEvent {
    ClockSet,
    Woke,
    NetworkBack,
}

/// Where an account's task is told things. Clones share it; the task ends with the last of them.
///
/// Messages are boxed, because a queue has room for dozens of them from the start.
#[derive(Clone, Debug)]
pub(super) struct Inbox(mpsc::UnboundedSender<Box<Message>>);

/// An inbox that does not keep its task alive.
#[derive(Clone, Debug)]
pub(super) struct WeakInbox(mpsc::WeakUnboundedSender<Box<Message>>);

impl Inbox {
    /// Tells the task. One that is gone has nobody left to care.
    pub(super) fn send(&self, message: Message) {
        let _ = self.0.send(Box::new(message));
    }

    /// Tells the task of a sign-in.
    ///
    /// # Errors
    /// With the tokens, where the task is gone: their session is to be ended.
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
    /// The inbox that keeps its task alive, while anybody else does.
    fn upgrade(&self) -> Option<Inbox> {
        self.0.upgrade().map(Inbox)
    }

    /// Tells the task. One that is gone has nobody left to care.
    pub(super) fn send(&self, message: Message) {
        if let Some(inbox) = self.upgrade() {
            inbox.send(message);
        }
    }
}

/// What all tasks of a keeper share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) http: HttpClient,
    pub(super) vault: Vault,
    pub(super) announcer: Announcer,
    /// What runs beside the tasks and is waited for at the end: revocations.
    pub(super) errands: TaskTracker,
}

pub(super) struct AccountTask {
    heart: Account,
    spec: Arc<Spec>,
    name: Arc<str>,
    credentials: Credentials,
    loaded: bool,
    /// Who wants to send requests and waits for the vault to be read.
    want_sender: Vec<oneshot::Sender<Sender>>,
    readers: HashMap<ReaderId, oneshot::Sender<(Answer, Now)>>,
    /// Who holds leases and is told what becomes of them.
    holders: HashMap<ReaderId, mpsc::UnboundedSender<LeaseNews>>,
    /// Writes are made one after another, in the order in which the heart wanted them.
    last_write: Option<JoinHandle<()>>,
    quitting: Vec<oneshot::Sender<()>>,
    shown: Option<view::Glance>,
    inbox: WeakInbox,
    pacing: Arc<Pacing>,
    shared: Shared,
}

impl AccountTask {
    /// Starts the task of an account. `told`: the notices given before.
    pub(super) fn start(
        spec: Arc<Spec>,
        told: Vec<String>,
        pacing: Arc<Pacing>,
        shared: Shared,
    ) -> Inbox {
        let (sender, receiver) = mpsc::unbounded_channel();
        let inbox = Inbox(sender);
        let now = clock::now();
        let told: Vec<NoticeKey> = told
            .iter()
            .filter_map(|key| durable::key_of(key, now))
            .collect();
        let credentials = Credentials::default();
        let task = Self {
            heart: Account::new(spec.policy(&credentials, now), told, now.tick),
            name: Arc::from(spec.name.as_str()),
            spec,
            credentials,
            loaded: false,
            want_sender: Vec::new(),
            readers: HashMap::new(),
            holders: HashMap::new(),
            last_write: None,
            quitting: Vec::new(),
            shown: None,
            inbox: WeakInbox(inbox.0.downgrade()),
            pacing,
            shared,
        };
        tokio::spawn(task.run(receiver));
        inbox
    }

    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Box<Message>>) {
        self.step(Event::Timeout);
        while !self.heart.is_gone() {
            let wake = self.heart.wake_at();
            tokio::select! {
                message = inbox.recv() => match message {
                    Some(message) => self.take(*message).await,
                    None => break,
                },
                () = sleep_until(wake) => self.step(Event::Timeout),
            }
            if self.heart.is_settled() {
                for done in self.quitting.drain(..) {
                    // Who asked may have stopped waiting.
                    let _ = done.send(());
                }
            }
        }
    }

    async fn take(&mut self, message: Message) {
        match message {
            Message::Ask {
                id,
                want,
                deadline,
                answer,
                holder,
            } => {
                self.readers.insert(id, answer);
                self.holders.extend(holder.map(|holder| (id, holder)));
                self.step(Event::Ask(Reader { id, deadline, want }));
            }
            Message::Left(id) => {
                self.readers.remove(&id);
                self.holders.remove(&id);
                self.step(Event::Left(id));
            }
            Message::Loaded(found) => self.loaded(found),
            Message::MaySend => self.step(Event::MaySend),
            Message::Answered { attempt, reply } => self.step(Event::Answered { attempt, reply }),
            Message::Saved { save, result } => {
                self.step(Event::Saved {
                    save,
                    result: result.map_err(failure),
                });
            }
            Message::SignedIn { tokens, sent_at } => self.step(Event::SignedIn { tokens, sent_at }),
            Message::View(answer) => drop(answer.send(self.view(clock::now()))),
            Message::Sender(answer) => {
                self.want_sender.push(answer);
                self.give_senders();
            }
            Message::Remove(answer) => self.remove(answer).await,
            Message::Machine(MachineEvent::ClockSet) => self.clock_set(),
            Message::Machine(MachineEvent::Woke) => self.step(Event::Woke),
            Message::Machine(MachineEvent::NetworkBack) => self.step(Event::NetworkBack),
            Message::Quit(done) => {
                self.quitting.push(done);
                self.step(Event::Quit);
            }
        }
    }

    /// What is stored in wall-clock time is written again in the clock's new setting.
    fn clock_set(&mut self) {
        let now = clock::now();
        self.pacing.keep();
        for key in self.heart.told() {
            self.shared.announcer.remember(&self.spec.name, *key, now);
        }
        self.step(Event::Edited(self.spec.policy(&self.credentials, now)));
        self.step(Event::ClockSet);
    }

    fn step(&mut self, event: Event) {
        let now = clock::now();
        let is_plain_read = matches!(&event, Event::Ask(reader) if reader.want.lease.is_none());
        let effects = self.heart.handle(event, now.tick);
        // Plain reads are many, and one that is answered at once changes nothing to be seen.
        let unseen = is_plain_read && matches!(effects[..], [Effect::Answer { .. }]);
        for effect in effects {
            self.carry_out(effect, now);
        }
        if !unseen {
            self.show(now);
        }
    }

    fn carry_out(&mut self, effect: Effect, now: Now) {
        match effect {
            Effect::Load => self.load(),
            Effect::Answer { reader, answer } => {
                if answer.is_err() {
                    self.holders.remove(&reader);
                }
                if let Some(waiting) = self.readers.remove(&reader) {
                    // One that went away meanwhile says so itself.
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
            // One that went away meanwhile says so itself.
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
        tokio::spawn(async move { inbox.send(Message::Loaded(vault.load(&name).await)) });
    }

    fn loaded(&mut self, found: Result<Option<Item>, VaultError>) {
        let now = clock::now();
        let record = found.map_err(failure).map(|item| {
            let item = item.unwrap_or_default();
            self.credentials = item.credentials.clone();
            self.loaded = true;
            durable::record_of(item, now)
        });
        if self.loaded {
            // Only now is it known when the assertion ends.
            self.step(Event::Edited(self.spec.policy(&self.credentials, now)));
            self.give_senders();
        }
        self.step(Event::Loaded(record));
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
        // Held until the answer is there: even an account that is removed meanwhile has to tidy up after it.
        let Some(inbox) = self.inbox.upgrade() else {
            return;
        };
        let sender = self.sender();
        let (pacing, name, sent_at) = (Arc::clone(&self.pacing), Arc::clone(&self.name), now.tick);
        tokio::spawn(async move {
            // In a task of its own, so that whatever happens to it the attempt is answered.
            let reply = tokio::spawn(async move {
                failpoint!("before_request");
                sender.send(request).await
            });
            let reply = reply.await;
            let reply = reply.unwrap_or_else(|_| Reply::OutcomeUnknown(broken_off()));
            failpoint!("answered");
            pacing.learn(&name, sent_at, &reply);
            inbox.send(Message::Answered { attempt, reply });
        });
    }

    fn save(&mut self, save: SaveId, record: &Record, now: Now) {
        let item = durable::item_of(record, &self.credentials, now);
        let (vault, name, inbox) = (
            self.shared.vault.clone(),
            Arc::clone(&self.name),
            self.inbox.clone(),
        );
        let before = self.last_write.take();
        self.last_write = Some(tokio::spawn(async move {
            if let Some(before) = before {
                // Whether it succeeded is said by itself; only the order matters here.
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
            .spawn(async move { sender.revoke(token).await });
    }

    /// Ends the account: nothing is written after its item is deleted, and only then is its session
    /// ended, which no later mishap could bring back.
    async fn remove(&mut self, answer: oneshot::Sender<Removed>) {
        let now = clock::now();
        let (revocations, others): (Vec<_>, Vec<_>) = self
            .heart
            .handle(Event::Removed, now.tick)
            .into_iter()
            .partition(|effect| matches!(effect, Effect::Revoke(_)));
        self.pacing.withdraw(&self.name);
        for effect in others {
            self.carry_out(effect, now);
        }
        if let Some(last_write) = self.last_write.take() {
            let _ = last_write.await;
        }
        let deleted = self.shared.vault.delete(&self.name).await;
        let revoking = deleted.is_ok() && !revocations.is_empty();
        if revoking {
            for effect in revocations {
                self.carry_out(effect, now);
            }
        }
        let _ = answer.send(Removed { revoking, deleted });
    }

    fn give_senders(&mut self) {
        if self.loaded {
            for waiting in std::mem::take(&mut self.want_sender) {
                // Who asked may have stopped waiting.
                let _ = waiting.send(self.sender());
            }
        }
    }

    fn sender(&self) -> Sender {
        Sender {
            http: self.shared.http.clone(),
            spec: Arc::clone(&self.spec),
            credentials: self.credentials.clone(),
        }
    }

    fn view(&self, now: Now) -> AccountView {
        view::account(&self.spec, &self.heart.view(now.tick), now)
    }

    /// Tells listeners when what they see of the account has changed.
    fn show(&mut self, now: Now) {
        if !self.shared.announcer.is_heard() {
            return;
        }
        let heart: View = self.heart.view(now.tick);
        let glance = view::Glance::of(&heart);
        if self.shown.as_ref() != Some(&glance) {
            self.shown = Some(glance);
            let view = view::account(&self.spec, &heart, now);
            self.shared
                .announcer
                .tell(Happening::Account(Box::new(view)));
        }
    }
}

fn failure(error: VaultError) -> VaultFailure {
    let lasting = matches!(error, VaultError::Damaged { .. } | VaultError::Newer { .. });
    VaultFailure {
        message: error.to_string(),
        lasting,
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

/// Sleeps until `wake`, or for ever where there is none.
pub(super) async fn sleep_until(wake: Option<Tick>) {
    match wake {
        // A millisecond more, because the heart's clock is read with less precision than the timer's.
        Some(wake) => {
            tokio::time::sleep(clock::now().tick.until(wake) + Duration::from_millis(1)).await;
        }
        None => std::future::pending().await,
    }
}
