//! One account: the protocol by which its token is kept fresh, as a pure state machine.
//!
//! [`Account::handle`] takes an [`Event`] and the time, and returns [`Effect`]s. It does no I/O, reads
//! no clock and spawns nothing, so that the same code runs in the keeper and in a simulation. After
//! each event everything that the new state calls for is done at once (`settle`): what
//! happens next depends on the state and the time alone, never on the order in which timers fire.
//!
//! A renewal that kills the previous token goes through these phases; one that kills nothing passes
//! through them with the current token served throughout:
//!
//! ```text
//! Resting ──due, asked, refused──▶ Asking ──pace──▶ Draining ──leases over──▶ Marking ──▶ Sending
//!    ▲                                                                                      │
//!    ├──────────── refused or never sent: the current token still lives ◀───────────────────┤
//!    ├──────────── outcome unknown: in doubt, nobody is served, replay ◀────────────────────┤
//!    └──────────── Saving: saved, then served ◀──────────────── tokens ◀────────────────────┘
//! ```

mod answer;
mod event;
mod lapse;
mod lease;
mod notice;
mod reader;
mod renewal;
mod retiring;
mod saving;
mod schedule;
mod serve;
mod tell;
mod token_set;
mod view;

pub use event::{
    AssertionPolicy, AttemptId, Class, Effect, Entry, Event, Method, Pending, Policy, Record,
    Request, Revocable, SaveId, Urgency, VaultFailure,
};
pub use lapse::{Cause, Lapse};
pub use lease::{Holder, Lease};
pub use notice::{Notice, NoticeKey, Topic};
pub use reader::{Answer, Handout, LeaseTerm, Newer, Reader, ReaderId, Refusal, Want, Why};
pub use schedule::{
    ASSUMED_LIFETIME, HOLDERS_RETURN, PLAIN_LEASE, UNSAVED_HOLD, due, last_safe, longest_validity,
    margin,
};
pub use token_set::{End, TokenSet};
pub use view::{State, View};

use tokenkeep_oauth::{Fingerprint, Problem, ProblemKind, RenewalEffect};

use crate::clock::Tick;
use lease::Leases;
use notice::Told;
use retiring::Retiring;

/// The state machine of one account.
#[derive(Debug)]
pub struct Account {
    policy: Policy,
    phase: Phase,
    generation: u64,
    held: Option<TokenSet>,
    /// What the vault was last told of a refresh on its way.
    pending: Option<Pending>,
    doubt: Option<Doubt>,
    /// When the first refresh was sent that nobody knows the outcome of: the next one may return the
    /// answer to it.
    unanswered: Option<Tick>,
    need: Option<Need>,
    failing: Option<Failing>,
    /// The provider refused the held refresh token. It is kept all the same.
    refresh_rejected: bool,
    /// The generation whose token an API was reported to refuse.
    refused: Option<u64>,
    unsaved: Option<Unsaved>,
    /// The vault's times are wrong, because the clock was set.
    stale: Option<Stale>,
    vault_problem: Option<VaultTrouble>,
    leases: Leases,
    /// Until when those who held leases in the last run may still come to take them up again.
    holders_return_until: Option<Tick>,
    readers: Vec<Waiting>,
    retiring: Vec<Retiring>,
    told: Told,
    last_attempt: Option<Tick>,
    /// Attempts that are no longer the account's own and were not answered yet.
    strays: Vec<AttemptId>,
    /// Writes to the vault that were not answered yet.
    writing: u32,
    quiet_until: Option<Tick>,
    quitting: bool,
    next_attempt: u64,
    next_save: u64,
    settled_at: Tick,
}

/// Where a renewal stands.
#[derive(Debug)]
enum Phase {
    /// The record has not been read from the vault yet; `retry_at` once reading it failed.
    Loading {
        retry_at: Option<Tick>,
        failures: u32,
    },
    /// Nothing is under way.
    Resting,
    /// Waiting for the pace of the client.
    Asking { class: Class },
    /// No reader is let in, and the last plain reads run out.
    Draining { method: Method },
    /// The vault is told that a refresh is about to go out.
    Marking { save: SaveId },
    /// A request is out.
    Sending {
        attempt: AttemptId,
        method: Method,
        lives_from: Tick,
    },
    /// The next set was received and is being saved.
    Saving(Box<Arrival>),
    /// The account is gone; late answers are still tidied up.
    Removed,
}

/// A set that was received and is not current yet.
#[derive(Debug)]
struct Arrival {
    set: TokenSet,
    method: Method,
    received_at: Tick,
    write: Write,
}

/// A write to the vault that is tried until it succeeds.
#[derive(Debug)]
struct Write {
    /// The write under way; none while a failed one is waited out.
    save: Option<SaveId>,
    retry_at: Tick,
    failures: u32,
}

/// The current set is served, but the vault does not hold it.
#[derive(Debug)]
struct Unsaved {
    write: Write,
}

/// The clock was set, and the vault holds times of before until a write from `since` on succeeds.
#[derive(Debug)]
struct Stale {
    since: SaveId,
    write: Write,
}

/// The vault could not mark a refresh.
#[derive(Debug)]
struct VaultTrouble {
    message: String,
    failed_at: Tick,
    retry_at: Tick,
    failures: u32,
}

/// A refresh went out, and the provider may have rotated the tokens or not.
#[derive(Debug)]
struct Doubt {
    problem: Problem,
}

/// Only a person can mend it.
#[derive(Debug)]
enum Need {
    SignIn(Problem),
    Edit { problem: Problem, retry_at: Tick },
}

/// Renewals that failed in a row.
#[derive(Debug)]
struct Failing {
    count: u32,
    problem: Problem,
    last: Tick,
    retry_at: Tick,
    /// The provider asked to be left alone until then.
    not_before: Option<Tick>,
}

/// A reader that was not answered yet.
#[derive(Debug)]
struct Waiting {
    reader: Reader,
    asked_at: Tick,
    /// Only a later generation than this contents the reader.
    newer_than: Option<u64>,
}

impl Waiting {
    /// The token whose lease the reader takes up again, where it does.
    fn taken_up(&self) -> Option<Fingerprint> {
        self.reader.want.lease.as_ref().and_then(|term| term.token)
    }
}

impl Account {
    /// An account about which nothing is known yet but its policy, and which notices were `told`
    /// before. The first event to give it is [`Event::Timeout`]: it then asks for its record.
    #[must_use]
    pub fn new(policy: Policy, told: Vec<NoticeKey>, now: Tick) -> Self {
        Self {
            policy,
            phase: Phase::Loading {
                retry_at: Some(now),
                failures: 0,
            },
            generation: 0,
            held: None,
            pending: None,
            doubt: None,
            unanswered: None,
            need: None,
            failing: None,
            refresh_rejected: false,
            refused: None,
            unsaved: None,
            stale: None,
            vault_problem: None,
            leases: Leases::default(),
            holders_return_until: None,
            readers: Vec::new(),
            retiring: Vec::new(),
            told: Told::new(told),
            last_attempt: None,
            strays: Vec::new(),
            writing: 0,
            quiet_until: None,
            quitting: false,
            next_attempt: 1,
            next_save: 1,
            settled_at: now,
        }
    }

    /// Takes in what happened and tells what is to be done, in order.
    pub fn handle(&mut self, event: Event, now: Tick) -> Vec<Effect> {
        let mut effects = Vec::new();
        let fx = &mut effects;
        match event {
            Event::Timeout => {}
            Event::Loaded(result) => self.loaded(result, now, fx),
            Event::Ask(reader) => self.ask(reader, now, fx),
            Event::Left(id) => {
                self.readers.retain(|waiting| waiting.reader.id != id);
                self.leases.release(id);
            }
            Event::MaySend => self.may_send(now, fx),
            Event::Answered { attempt, reply } => self.answered(attempt, reply, now, fx),
            Event::Saved { save, result } => self.saved(save, result, now, fx),
            Event::SignedIn { tokens, sent_at } => self.signed_in(*tokens, sent_at, now, fx),
            Event::Removed => self.removed(fx),
            Event::Edited(policy) => self.edited(policy, now),
            Event::ClockSet => self.write_again(now, fx),
            Event::Woke => {
                self.quiet_until = Some(now + schedule::QUIET_AFTER_WAKE);
                self.retry_now(now);
            }
            Event::NetworkBack => self.retry_now(now),
            Event::Quit => self.quit(),
        }
        self.settle(now, fx);
        effects
    }

    /// When the account next wants [`Event::Timeout`].
    #[must_use]
    pub fn wake_at(&self) -> Option<Tick> {
        // What was due by the last event was settled then; only what lies ahead counts.
        let mut next: Option<Tick> = None;
        let mut at = |moment: Option<Tick>| {
            if let Some(moment) = moment.filter(|moment| *moment > self.settled_at) {
                next = Some(next.map_or(moment, |next| next.min(moment)));
            }
        };
        for waiting in &self.readers {
            at(Some(waiting.reader.deadline));
        }
        at(self.leases.next_end());
        for retiring in &self.retiring {
            at(Some(retiring.not_before));
        }
        at(self.unsaved.as_ref().map(|unsaved| unsaved.write.retry_at));
        at(self.stale.as_ref().map(|stale| stale.write.retry_at));
        match &self.phase {
            Phase::Loading { retry_at, .. } => at(retry_at.map(|at| self.load_at(at))),
            Phase::Saving(arrival) => {
                at(Some(arrival.write.retry_at));
                at(Some(arrival.received_at + UNSAVED_HOLD));
            }
            Phase::Resting | Phase::Asking { .. } | Phase::Draining { .. } => {
                self.renewal_moments(&mut at);
            }
            Phase::Marking { .. } | Phase::Sending { .. } | Phase::Removed => {}
        }
        self.notice_moments(&mut at);
        next
    }

    /// The notices that were given and may matter still.
    #[must_use]
    pub fn told(&self) -> &[NoticeKey] {
        self.told.keys()
    }

    /// Whether nothing is under way that a quitting keeper should wait for.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let resting = matches!(
            self.phase,
            Phase::Loading { .. } | Phase::Resting | Phase::Asking { .. } | Phase::Removed
        );
        resting && self.writing == 0 && self.unsaved.is_none()
    }

    /// Whether the account was removed and everything that belonged to it is tidied up.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self.phase, Phase::Removed) && self.strays.is_empty()
    }

    /// Does everything that the state calls for at `now`.
    fn settle(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        self.settled_at = self.settled_at.max(now);
        self.leases.expire(now);
        self.load(now, fx);
        self.retry_writes(now, fx);
        self.progress(now, fx);
        self.serve(now, fx);
        // A reader that found nothing may be what a renewal was waiting for.
        self.progress(now, fx);
        self.retire(now, fx);
        self.tell(now, fx);
    }

    /// Asks for the record, where it is not known yet.
    fn load(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        let Phase::Loading {
            retry_at: Some(at),
            failures,
        } = self.phase
        else {
            return;
        };
        if self.load_at(at) <= now {
            self.phase = Phase::Loading {
                retry_at: None,
                failures,
            };
            fx.push(Effect::Load);
        }
    }

    /// When the record is asked for that was to be at `at`: whoever waits may make it sooner.
    fn load_at(&self, at: Tick) -> Tick {
        self.vault_retry_at().map_or(at, |soon| at.min(soon))
    }

    fn loaded(&mut self, result: Result<Record, VaultFailure>, now: Tick, fx: &mut Vec<Effect>) {
        let Phase::Loading { failures, .. } = self.phase else {
            return;
        };
        match result {
            Ok(record) => self.restore(record, now, fx),
            Err(failure) => {
                let failures = failures + 1;
                let wait = schedule::save_back_off(failures, self.policy.seed);
                if failures == 1 {
                    fx.push(Effect::Journal(Entry::VaultFailed {
                        message: failure.message.clone(),
                    }));
                }
                let retry_at = (!failure.lasting).then_some(now + wait);
                self.phase = Phase::Loading { retry_at, failures };
                self.vault_problem = Some(VaultTrouble {
                    message: failure.message,
                    failed_at: now,
                    retry_at: now + wait,
                    failures,
                });
            }
        }
    }

    /// Takes up where the last run of the keeper ended.
    fn restore(&mut self, record: Record, now: Tick, fx: &mut Vec<Effect>) {
        self.vault_problem = None;
        self.generation = record.generation;
        self.held = record.tokens.map(|set| set.not_from_the_future(now));
        self.pending = record.pending.map(|pending| Pending {
            sent_at: pending.sent_at.min(now),
            ..pending
        });
        self.phase = Phase::Resting;
        self.told.prune(self.generation, now);
        // Only now is it known which token those who came early want replaced.
        for waiting in std::mem::take(&mut self.readers) {
            self.ask(waiting.reader, now, fx);
        }
        if let Some(held) = &self.held {
            // Someone may have read it just before the last run ended, or held a lease on it.
            self.leases.read(now, held.expires_at);
            self.holders_return_until = Some(now + HOLDERS_RETURN);
        }
        let Some(pending) = self.pending else {
            return;
        };
        self.next_attempt = pending.attempt.0 + 1;
        self.unanswered = Some(pending.sent_at);
        if self.kills(Method::Refresh) && self.refresh_token().is_some() {
            let problem = interrupted();
            fx.push(Effect::Journal(Entry::InDoubt {
                attempt: pending.attempt,
                problem: problem.clone(),
            }));
            self.doubt = Some(Doubt { problem });
        }
    }

    fn removed(&mut self, fx: &mut Vec<Effect>) {
        self.abandon_attempt();
        if let Some(token) = self.held.as_ref().map(Revocable::session_of) {
            fx.push(Effect::Revoke(token));
        }
        if let Phase::Saving(arrival) = &self.phase {
            fx.push(Effect::Revoke(Revocable::session_of(&arrival.set)));
        }
        fx.extend(
            self.retiring
                .drain(..)
                .map(|retiring| Effect::Revoke(retiring.token)),
        );
        fx.push(Effect::Journal(Entry::Removed));
        self.phase = Phase::Removed;
        self.held = None;
        self.doubt = None;
        self.need = None;
        self.unsaved = None;
        self.stale = None;
    }

    fn edited(&mut self, policy: Policy, now: Tick) {
        self.policy = policy;
        if matches!(self.need, Some(Need::Edit { .. })) {
            self.need = None;
        }
        self.retry_now(now);
    }

    /// What failed for want of a network or a keychain is worth another try.
    fn retry_now(&mut self, now: Tick) {
        if let Some(failing) = &mut self.failing {
            failing.retry_at = now;
        }
        if let Some(trouble) = &mut self.vault_problem {
            trouble.retry_at = now;
        }
        if let Phase::Loading {
            retry_at: Some(at), ..
        } = &mut self.phase
        {
            *at = now;
        }
    }

    fn quit(&mut self) {
        self.quitting = true;
        if matches!(self.phase, Phase::Asking { .. } | Phase::Draining { .. }) {
            self.phase = Phase::Resting;
        }
    }

    /// The attempt under way is no longer the account's own: a late answer to it is dropped.
    fn abandon_attempt(&mut self) {
        if let Phase::Sending { attempt, .. } = self.phase {
            self.strays.push(attempt);
        }
    }

    fn refresh_token(&self) -> Option<&tokenkeep_oauth::RefreshToken> {
        self.held
            .as_ref()
            .and_then(|held| held.refresh_token.as_ref())
    }

    /// Whether obtaining a set this way kills the current access token.
    fn kills(&self, method: Method) -> bool {
        let effect = match method {
            Method::Refresh => self.policy.refresh,
            Method::Assertion => self
                .policy
                .assertion
                .map_or(RenewalEffect::KillsNothing, |assertion| assertion.effect),
            Method::Code => RenewalEffect::KillsNothing,
        };
        effect == RenewalEffect::KillsPrevious
    }
}

/// The doubt that a crash leaves behind.
fn interrupted() -> Problem {
    Problem::new(
        ProblemKind::ConnectionLost,
        "Tokenkeep was interrupted while it renewed this token, so the provider may have replaced it. \
         The renewal is being repeated; nothing is lost.",
    )
}
