//! Some clients with their accounts, and a provider that always answers.

use std::time::Duration;

use tokenkeep_oauth::{AccessToken, Quota, RefreshToken, RenewalEffect, Reply, TokenResponse};
use tokenkeep_protocol::account::{
    Account, AttemptId, Effect, Event, Policy, Record, SaveId, TokenSet,
};
use tokenkeep_protocol::clock::Tick;
use tokenkeep_protocol::pace::{Pace, Remembered};

use crate::calendar::Calendar;

const LIFETIME: Duration = Duration::from_secs(3600);

/// How long the provider takes …
const ANSWERS_AFTER: Duration = Duration::from_millis(150);

/// … and the keychain.
const SAVED_AFTER: Duration = Duration::from_millis(5);

const MINUTE: Duration = Duration::from_secs(60);

/// An account's number.
type Id = u32;

/// What is on its way to an account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Coming {
    Loaded,
    Saved(SaveId),
    Answered(AttemptId),
}

/// One account, and when it is woken next.
struct Kept {
    heart: Account,
    client: usize,
    wake: Option<Tick>,
    /// The earliest wake-up in the queue; those that were queued before it count for nothing.
    queued: Option<Tick>,
}

/// All of them.
pub(crate) struct Shard {
    now: Tick,
    accounts: Vec<Kept>,
    paces: Vec<Pace<Id>>,
    coming: Calendar<(Id, Coming)>,
    wakes: Calendar<Id>,
    pace_wakes: Calendar<usize>,
    /// Each client's next wake-up in that queue: one is enough, however many of its accounts wait.
    pace_queued: Vec<Option<Tick>>,
    issued: u64,
    refreshes: u64,
}

impl Shard {
    /// Clients with so many accounts each.
    pub(crate) fn new(number: usize, clients: &[usize]) -> Self {
        let now = Tick::from_millis(0);
        let quota = Quota {
            requests: 5,
            window: MINUTE,
            penalty: MINUTE,
        };
        let mut shard = Self {
            now,
            accounts: Vec::with_capacity(clients.iter().sum()),
            paces: Vec::with_capacity(clients.len()),
            coming: Calendar::new(),
            wakes: Calendar::new(),
            pace_wakes: Calendar::new(),
            pace_queued: vec![None; clients.len()],
            issued: 0,
            refreshes: 0,
        };
        let mut seed = number as u64 + 1;
        for (client, accounts) in clients.iter().enumerate() {
            shard
                .paces
                .push(Pace::new(Some(quota), Remembered::default()));
            for _ in 0..*accounts {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                shard.accounts.push(Kept {
                    heart: Account::new(policy(seed >> 16), Vec::new(), now),
                    client,
                    wake: None,
                    queued: None,
                });
            }
        }
        shard
    }

    /// Keeps them all for that time; how often a token was renewed.
    pub(crate) fn run(mut self, time: Duration) -> u64 {
        let end = self.now + time;
        for id in 0..self.accounts.len() {
            self.deliver(id as Id, Event::Timeout);
        }
        while self.step(end) {}
        self.refreshes
    }

    /// Does what happens next, unless that is after `end`.
    fn step(&mut self, end: Tick) -> bool {
        let coming = self.coming.next_at();
        let wake = self.wakes.next_at();
        let pace = self.pace_wakes.next_at();
        let Some(at) = [coming, wake, pace].into_iter().flatten().min() else {
            return false;
        };
        if at > end {
            return false;
        }
        self.now = at;
        if coming == Some(at) {
            if let Some((id, what)) = self.coming.pop() {
                let event = self.event(id, what);
                self.deliver(id, event);
            }
        } else if wake == Some(at) {
            if let Some(id) = self.wakes.pop()
                && self.accounts[id as usize].queued == Some(at)
            {
                self.woken(id);
            }
        } else if let Some(client) = self.pace_wakes.pop()
            && self.pace_queued[client] == Some(at)
        {
            self.pace_queued[client] = None;
            self.grant(client);
        }
        true
    }

    /// A wake-up came up that may have been put off since.
    fn woken(&mut self, id: Id) {
        let kept = &mut self.accounts[id as usize];
        kept.queued = None;
        match kept.wake {
            Some(at) if at <= self.now => self.deliver(id, Event::Timeout),
            Some(_) => self.queue_wake(id),
            None => {}
        }
    }

    fn queue_wake(&mut self, id: Id) {
        let kept = &mut self.accounts[id as usize];
        if let Some(at) = kept.wake
            && kept.queued.is_none_or(|queued| at < queued)
        {
            kept.queued = Some(at);
            self.wakes.push(at, id);
        }
    }

    fn event(&mut self, id: Id, what: Coming) -> Event {
        match what {
            Coming::Loaded => Event::Loaded(Ok(self.first_record(id))),
            Coming::Saved(save) => Event::Saved {
                save,
                result: Ok(()),
            },
            Coming::Answered(attempt) => {
                self.refreshes += 1;
                let reply = Reply::Tokens(Box::new(self.issue()));
                Event::Answered { attempt, reply }
            }
        }
    }

    fn deliver(&mut self, id: Id, event: Event) {
        let now = self.now;
        let kept = &mut self.accounts[id as usize];
        let effects = kept.heart.handle(event, now);
        kept.wake = kept.heart.wake_at();
        let client = kept.client;
        self.queue_wake(id);
        for effect in effects {
            match effect {
                Effect::Load => self.come(SAVED_AFTER, id, Coming::Loaded),
                Effect::Save { save, .. } => self.come(SAVED_AFTER, id, Coming::Saved(save)),
                Effect::AskPace(urgency) => {
                    self.paces[client].ask(id, urgency);
                    self.grant(client);
                }
                Effect::LeaveUnused => self.paces[client].unused(&id),
                Effect::Send { attempt, .. } => {
                    if self.paces[client].sending(&id, now).is_ok() {
                        self.come(ANSWERS_AFTER, id, Coming::Answered(attempt));
                    }
                }
                Effect::Answer { .. }
                | Effect::Revoke(_)
                | Effect::Tell(_)
                | Effect::TellHolder { .. }
                | Effect::Notify(_) => {}
            }
        }
    }

    fn come(&mut self, after: Duration, id: Id, what: Coming) {
        self.coming.push(self.now + after, (id, what));
    }

    /// Lets those send whom the pace of a client allows to.
    fn grant(&mut self, client: usize) {
        let now = self.now;
        for id in self.paces[client].grant(now) {
            self.deliver(id, Event::MaySend);
        }
        let queued = self.pace_queued[client];
        if let Some(at) = self.paces[client].wake_at(now)
            && queued.is_none_or(|queued| at < queued)
        {
            self.pace_queued[client] = Some(at);
            self.pace_wakes.push(at, client);
        }
    }

    /// Accounts were signed in to one after another within the last hour.
    fn first_record(&mut self, id: Id) -> Record {
        let age = LIFETIME.mul_f64(f64::from(id % 1000) / 1250.0);
        let response = self.issue();
        Record {
            generation: 1,
            tokens: Some(TokenSet::received(response, self.now - age, None)),
            ..Record::default()
        }
    }

    fn issue(&mut self) -> TokenResponse {
        self.issued += 1;
        TokenResponse {
            access_token: AccessToken::new(format!("access-{}", self.issued)),
            refresh_token: Some(RefreshToken::new(format!("refresh-{}", self.issued))),
            expires_in: Some(LIFETIME),
            refresh_token_expires_in: Some(Duration::from_secs(604_800)),
            session_expires_in: None,
            scope: None,
            owner_id: None,
            endpoint_id: None,
            rate_limit: None,
        }
    }
}

fn policy(seed: u64) -> Policy {
    Policy {
        seed,
        refresh: RenewalEffect::KillsPrevious,
        assertion: None,
        request_time_limit: Duration::from_secs(30),
        replay_window: None,
        no_refresh_token_advice: String::new(),
    }
}
