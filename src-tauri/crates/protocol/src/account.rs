//! One account: the protocol by which its token is kept fresh, as a pure state machine.
//!
//! [`Account::handle`] takes an [`Event`] and the time, and returns [`Effect`]s. It does no I/O, reads
//! no clock and spawns nothing, so that the same code runs in the keeper and in a simulation.
//!
//! The account owns parts, and each part alone changes its own state: where the renewal stands
//! (`phase`), the tokens that are current (`tokens`), the writes to the vault (`writes`), the attempts
//! and how they failed (`attempts`), the readers and their leases (`readers`), the sessions that were
//! replaced (`replaced`), and what the user was told (`told`). The other files say how these work
//! together: `decision` whether to renew, `renewal` how, `reply` what answers mean, `saving` what the
//! vault is told, `serve` who is answered, `tell` what the user is told.
//!
//! Conditions that time changes answer with a [`When`]: now, from a moment on, or never. After each event
//! whatever is due is done (`settle`), and [`Account::wake_at`] is the least of the same answers.

mod attempts;
mod decision;
mod effect;
mod event;
mod ids;
mod lapse;
mod lease;
mod loading;
mod news;
mod notice;
mod phase;
mod policy;
mod reader;
mod readers;
mod record;
mod refusal;
mod renewal;
mod replaced;
mod reply;
mod saving;
mod schedule;
mod serve;
mod tell;
mod token_set;
mod tokens;
mod told;
mod view;
mod writes;

pub use decision::{Decision, Obstacle, Reason};
pub use effect::{Effect, Request};
pub use event::Event;
pub use ids::{AttemptId, ReaderId, SaveId};
pub use lapse::{Cause, Lapse};
pub use lease::{Holder, Lease, LeaseEnd, LeaseNews, LeaseRequest};
pub use news::News;
pub use notice::{Notice, NoticeKey, NoticeKind, Topic};
pub use policy::{AssertionPolicy, Method, Policy};
pub use reader::{Answer, Handout, Newer, NotServed, Reader, WaitedFor, Want};
pub use record::{Pending, Record, VaultFailure, Verdict, VerdictKind};
pub use schedule::{
    ASSUMED_LIFETIME, HOLDERS_RETURN, PLAIN_LEASE, UNSAVED_HOLD, longest_validity, margin,
};
pub use token_set::{End, TokenSet};
pub use view::{State, View};

use attempts::Attempts;
use phase::{Phase, Stage};
use readers::Readers;
use replaced::Replaced;
use tokens::Tokens;
use told::Told;
use writes::Writes;

use crate::clock::Tick;
use crate::when::When;

/// The state machine of one account.
#[derive(Debug)]
pub struct Account {
    policy: Policy,
    phase: Phase,
    tokens: Tokens,
    writes: Writes,
    attempts: Attempts,
    readers: Readers,
    replaced: Replaced,
    told: Told,
    quitting: bool,
    settled_at: Tick,
}

impl Account {
    /// An account about which nothing is known yet but its policy, and which notices were `told`
    /// before. The first event to give it is [`Event::Timeout`]: it then asks for its record.
    #[must_use]
    pub fn new(policy: Policy, told: Vec<NoticeKey>, now: Tick) -> Self {
        Self {
            policy,
            phase: Phase::new(),
            tokens: Tokens::default(),
            writes: Writes::default(),
            attempts: Attempts::default(),
            readers: Readers::default(),
            replaced: Replaced::default(),
            told: Told::new(told),
            quitting: false,
            settled_at: now,
        }
    }

    /// Takes in what happened and tells what is to be done, in order.
    pub fn handle(&mut self, event: Event, now: Tick) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.take_in(event, now, &mut effects);
        self.settle(now, &mut effects);
        effects
    }

    fn take_in(&mut self, event: Event, now: Tick, fx: &mut Vec<Effect>) {
        match event {
            Event::Timeout => {}
            Event::Loaded(result) => self.loaded(result, now, fx),
            Event::Ask(reader) => self.ask(reader, now, fx),
            Event::Left(id) => {
                self.readers.leave(id);
                fx.extend(self.readers.leases.release(id).map(Effect::tell_holder));
            }
            Event::MaySend => self.may_send(now, fx),
            Event::Answered { attempt, reply } => self.answered(attempt, reply, now, fx),
            Event::Saved { save, result } => self.saved(save, result, now, fx),
            Event::SignedIn { tokens, sent_at } => self.signed_in(*tokens, sent_at, now, fx),
            Event::Removed => self.removed(fx),
            Event::Edited(policy) => {
                self.policy = policy;
                if self.attempts.edited() {
                    self.write_again(fx);
                }
                self.retry_now(now);
            }
            Event::ClockSet => self.write_again(fx),
            Event::Woke => {
                self.told.woke(now);
                self.retry_now(now);
            }
            Event::NetworkBack => self.retry_now(now),
            Event::Quit => self.quit(),
        }
    }

    /// When the account next wants [`Event::Timeout`].
    #[must_use]
    pub fn wake_at(&self) -> Option<Tick> {
        let now = self.settled_at;
        [
            self.load_due(now),
            self.writes_due(now),
            self.renewal_proceeds(now),
            self.readers.next_deadline(now),
            self.readers.leases.next_end(now),
            self.session_ends(now),
            self.notice_due(now),
        ]
        .into_iter()
        .filter_map(When::to_come)
        .min()
    }

    /// The notices that were given and may matter still.
    #[must_use]
    pub fn told(&self) -> &[NoticeKey] {
        self.told.keys()
    }

    /// Whether nothing is under way that a quitting keeper should wait for.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let resting = self.phase.is_idle() || self.phase.is_unknown();
        resting && self.writes.are_settled()
    }

    /// Whether the account was removed and everything that belonged to it is tidied up.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self.phase.stage(), Stage::Removed) && self.attempts.are_answered()
    }

    /// Does everything that the state calls for at `now`: what happens next depends on the state and the
    /// time alone, never on the order in which timers fire.
    fn settle(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        self.settled_at = self.settled_at.max(now);
        let ended = self.readers.leases.expire(now);
        fx.extend(ended.into_iter().map(Effect::tell_holder));
        self.load(now, fx);
        self.retry_writes(now, fx);
        self.proceed(now, fx);
        self.serve(now, fx);
        // A reader that found nothing may be what a renewal was waiting for.
        self.proceed(now, fx);
        self.end_replaced_sessions(now, fx);
        self.tell(now, fx);
    }

    fn removed(&mut self, fx: &mut Vec<Effect>) {
        self.abandon_attempt();
        if let Some(set) = self.tokens.current() {
            fx.push(Effect::Revoke(set.revocable()));
        }
        if let Stage::Saving(arrival) = self.phase.stage() {
            fx.push(Effect::Revoke(arrival.set.revocable()));
        }
        fx.extend(self.replaced.end_all());
        fx.extend(
            self.readers
                .leases
                .end_all()
                .into_iter()
                .map(Effect::tell_holder),
        );
        fx.push(Effect::Tell(News::Removed));
        self.phase.remove();
        self.tokens.forget();
        self.attempts.forget();
        self.writes.forget();
    }

    /// What failed for want of a network or a keychain is worth another try.
    fn retry_now(&mut self, now: Tick) {
        self.attempts.retry_now(now);
        self.writes.retry_now(now);
    }

    fn quit(&mut self) {
        self.quitting = true;
        if matches!(
            self.phase.stage(),
            Stage::Asking { .. } | Stage::Draining { .. }
        ) {
            self.phase.rest();
        }
    }

    /// The attempt under way is no longer the account's own: a late answer to it is dropped.
    fn abandon_attempt(&mut self) {
        if let Some(request) = self.phase.request() {
            self.attempts.abandon(request.attempt);
        }
    }
}
