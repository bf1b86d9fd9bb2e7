//! The task of one account: passes events to its state machine, and carries out the effects.
//!
//! Each account has a task of its own, so that a provider that hangs delays no other account. The task itself waits only for
//! its inbox and for time: requests and writes run in tasks beside it and report back.

mod effects;
mod held_back;
mod removal;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use super::announcer::Announcer;
use super::api::{AccountView, LeaseView};
use super::client::{Sender, Spec};
use super::durable;
use super::error::KeeperError;
use super::happening::Happening;
use super::inbox::{Inbox, MachineEvent, Message, WeakInbox};
use super::pace_task::PaceTask;
use super::view;
use super::words;
use crate::clock;
use crate::http::HttpClient;
use crate::vault::{HomeMark, Item, Vault, VaultError};
use removal::Removing;
use tokenkeep_protocol::account::{
    Account, Answer, Decision, Effect, Event, LeaseNews, NoticeKey, Reader, ReaderId, VaultFailure,
};
use tokenkeep_protocol::clock::{Now, Tick};

/// How often listeners are told of leases that are taken and ended. A view lists them all, and there may be thousands.
const LEASES_SHOWN_EVERY: Duration = Duration::from_millis(250);

use held_back::HeldBack;

/// What all tasks of a keeper share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) http: HttpClient,
    pub(super) vault: Vault,
    pub(super) announcer: Announcer,
    /// Revocations and exchanges, which run beside the tasks and are waited for at the end.
    pub(super) errands: TaskTracker,
    /// Noted in every vault item.
    pub(super) home: HomeMark,
}

/// The task of one account.
pub(super) struct AccountTask {
    account: Account,
    spec: Arc<Spec>,
    name: Arc<str>,
    /// What the vault item holds that the state machine knows nothing of.
    beside: Item,
    loaded: bool,
    /// Why nothing can be done with the account before a person has mended it.
    held_back: Option<HeldBack>,
    /// Those who asked for a sender before the vault was read.
    want_sender: Vec<oneshot::Sender<Result<Sender, KeeperError>>>,
    readers: HashMap<ReaderId, oneshot::Sender<(Answer, Now)>>,
    /// The receivers of what becomes of leases.
    holders: HashMap<ReaderId, mpsc::UnboundedSender<LeaseNews>>,
    /// The last write to the vault. Writes are made one after another, in the order of the effects.
    last_write: Option<JoinHandle<()>>,
    removing: Option<Removing>,
    quitting: Vec<oneshot::Sender<()>>,
    shown: Option<view::Glance>,
    /// When listeners were last told, and when they are to be told what they were not told then.
    shown_at: Option<Tick>,
    show_again_at: Option<Tick>,
    /// The decision that was logged last.
    decided: Option<Decision>,
    inbox: WeakInbox,
    pacing: Arc<PaceTask>,
    shared: Shared,
}

impl AccountTask {
    /// Starts the task of an account. `told` has the notices that were given before.
    pub(super) fn start(
        spec: Arc<Spec>,
        told: Vec<String>,
        pacing: Arc<PaceTask>,
        shared: Shared,
    ) -> Inbox {
        let (inbox, receiver) = Inbox::new();
        let now = clock::now();
        let told: Vec<NoticeKey> = told
            .iter()
            .filter_map(|key| durable::key_of(key, now))
            .collect();
        let beside = Item::default();
        let task = Self {
            account: Account::new(spec.policy(&beside.credentials, now), told, now.tick),
            name: Arc::from(spec.name.as_str()),
            spec,
            beside,
            loaded: false,
            held_back: None,
            want_sender: Vec::new(),
            readers: HashMap::new(),
            holders: HashMap::new(),
            last_write: None,
            removing: None,
            quitting: Vec::new(),
            shown: None,
            shown_at: None,
            show_again_at: None,
            decided: None,
            inbox: inbox.downgrade(),
            pacing,
            shared,
        };
        tokio::spawn(task.run(receiver));
        inbox
    }

    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Box<Message>>) {
        self.step(Event::Timeout);
        while !self.account.is_gone() || self.removing.is_some() {
            let wake = self.account.wake_at().into_iter();
            let wake = wake.chain(self.show_again_at).min();
            tokio::select! {
                message = inbox.recv() => match message {
                    Some(message) => self.take(*message).await,
                    None => break,
                },
                () = clock::sleep_until(wake) => self.step(Event::Timeout),
            }
            if self.account.is_settled() && self.removing.is_none() {
                for done in self.quitting.drain(..) {
                    // The receiver may have stopped waiting.
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
                if let Some(held_back) = &self.held_back {
                    // The receiver may have stopped waiting.
                    let _ = answer.send((Err(held_back.not_served(&self.spec)), clock::now()));
                    return;
                }
                self.readers.insert(id, answer);
                self.holders.extend(holder.map(|holder| (id, holder)));
                self.step(Event::Ask(Reader { id, deadline, want }));
            }
            Message::Left(id) => {
                self.readers.remove(&id);
                self.step(Event::Left(id));
                // Only now, because somebody else may have ended the lease, and its holder is told.
                self.holders.remove(&id);
            }
            Message::Loaded(found) => self.loaded(*found),
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
            Message::Lease { id, answer } => drop(answer.send(self.lease(id))),
            Message::Sender(answer) => {
                self.want_sender.push(answer);
                self.give_senders();
            }
            Message::Confirm(binding, answer) => {
                let confirmed = self.confirm(binding).await;
                // The receiver may have stopped waiting.
                let _ = answer.send(confirmed);
            }
            Message::Remove(answer) => self.remove(answer),
            Message::Deleted(deleted) => self.deleted(deleted),
            Message::Machine(MachineEvent::ClockSet) => self.clock_set(),
            Message::Machine(MachineEvent::Woke) => self.step(Event::Woke),
            Message::Machine(MachineEvent::NetworkBack) => self.step(Event::NetworkBack),
            Message::Quit(done) => {
                self.quitting.push(done);
                self.step(Event::Quit);
            }
        }
    }

    /// Saves again what is stored in wall-clock time, because the clock was set.
    fn clock_set(&mut self) {
        let now = clock::now();
        self.pacing.keep();
        for key in self.account.told() {
            self.shared.announcer.remember(&self.spec.name, *key, now);
        }
        self.step(Event::Edited(
            self.spec.policy(&self.beside.credentials, now),
        ));
        self.step(Event::ClockSet);
    }

    fn step(&mut self, event: Event) {
        let now = clock::now();
        let is_plain_read = matches!(&event, Event::Ask(reader) if reader.want.lease.is_none());
        let effects = self.account.handle(event, now.tick);
        // There are many plain reads, and one that is answered at once changes nothing in the view.
        let unseen = is_plain_read && matches!(effects[..], [Effect::Answer { .. }]);
        for effect in effects {
            self.carry_out(effect, now);
        }
        if !unseen {
            self.show(now);
            self.log_decision(now);
        }
    }

    /// Logs whether to renew, and why or why not yet, where that has changed.
    fn log_decision(&mut self, now: Now) {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        let decision = self.account.decision();
        if self.decided.replace(decision) == Some(decision) {
            return;
        }
        let Decision {
            method,
            reason,
            wanted,
            obstacle,
            clear,
        } = decision;
        tracing::debug!(
            account = %self.name,
            ?method,
            ?reason,
            wanted = words::when(wanted, now),
            ?obstacle,
            clear = words::when(clear, now),
            "whether to renew"
        );
    }

    fn loaded(&mut self, found: Result<Option<Item>, VaultError>) {
        let item = match found {
            Ok(item) => item,
            Err(error) => {
                if error.is_lasting() {
                    self.hold_back(HeldBack::Unreadable(error.clone()));
                }
                return self.step(Event::Loaded(Err(failure(error))));
            }
        };
        match item {
            Some(item) => match HeldBack::by_binding(item, &self.spec) {
                Ok(item) => self.take_up(*item, true),
                Err(held_back) => {
                    let message = held_back.message(&self.spec);
                    self.hold_back(held_back);
                    self.step(Event::Loaded(Err(VaultFailure {
                        message,
                        lasting: true,
                    })));
                }
            },
            None => self.take_up(Item::default(), false),
        }
    }

    /// Begins with what the vault holds, if it holds anything.
    fn take_up(&mut self, item: Item, is_stored: bool) {
        let now = clock::now();
        self.beside = durable::beside(&item);
        self.loaded = true;
        self.held_back = None;
        self.beside
            .bound_to
            .get_or_insert_with(|| self.spec.binding());
        self.beside.home = Some(self.shared.home.clone());
        let is_new = self.beside.bound_to != item.bound_to || self.beside.home != item.home;
        // The assertion says when it expires, and it is known only now.
        self.step(Event::Edited(
            self.spec.policy(&self.beside.credentials, now),
        ));
        self.give_senders();
        self.step(Event::Loaded(Ok(durable::record_of(item, now))));
        if is_new && is_stored {
            // An item of the first form, or the home was moved. Written at once, as after a set clock, so that no later
            // change goes unseen.
            self.step(Event::ClockSet);
        }
    }

    fn give_senders(&mut self) {
        let found = match &self.held_back {
            Some(held_back) => Err(held_back.refusal(&self.spec)),
            None if self.loaded => Ok(self.sender()),
            None => return,
        };
        for waiting in std::mem::take(&mut self.want_sender) {
            // The receiver may have stopped waiting.
            let _ = waiting.send(found.clone());
        }
    }

    fn sender(&self) -> Sender {
        Sender {
            http: self.shared.http.clone(),
            spec: Arc::clone(&self.spec),
            credentials: self.beside.credentials.clone(),
        }
    }

    fn lease(&self, id: ReaderId) -> Option<LeaseView> {
        let now = clock::now();
        let lease = self.account.lease(id)?;
        let generation = self.account.view(now.tick).generation;
        Some(view::lease(lease, generation, now))
    }

    fn view(&self, now: Now) -> AccountView {
        let mut view = view::account(&self.spec, &self.account, now);
        if let Some(held_back) = &self.held_back {
            held_back.show(&self.spec, &mut view);
        }
        view
    }

    /// Tells listeners about the account if what they see of it has changed.
    fn show(&mut self, now: Now) {
        self.show_again_at = None;
        if !self.shared.announcer.is_heard() {
            return;
        }
        let glance = view::Glance::of(&self.account.view(now.tick));
        let shown = self.shown.as_ref();
        if shown == Some(&glance) {
            return;
        }
        let soonest = self.shown_at.map(|at| at + LEASES_SHOWN_EVERY);
        let leases_alone = shown.is_some_and(|shown| shown.differs_in_leases_alone(&glance));
        if let Some(soonest) = soonest.filter(|soonest| leases_alone && now.tick < *soonest) {
            self.show_again_at = Some(soonest);
            return;
        }
        self.shown = Some(glance);
        self.shown_at = Some(now.tick);
        let view = self.view(now);
        self.shared
            .announcer
            .tell(Happening::Account(Box::new(view)));
    }
}

fn failure(error: VaultError) -> VaultFailure {
    VaultFailure {
        message: error.to_string(),
        lasting: error.is_lasting(),
    }
}
