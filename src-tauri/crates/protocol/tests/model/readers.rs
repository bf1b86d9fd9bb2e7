//! Those who ask for tokens, and use them.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::RngExt as _;
use tokenkeep_oauth::{AccessToken, Fingerprint};
use tokenkeep_protocol::account::{
    Answer, Event, LeaseRequest, Newer, NotServed, Reader, ReaderId, Want, longest_validity,
};
use tokenkeep_protocol::clock::Tick;

use super::checks::Cause;
use super::errands::Errand;
use super::faults::drawn_wait;
use super::provider::By;
use super::world::{Happening, World};

/// A program that asks again and again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habit {
    pub(crate) kind: Kind,
    pub(crate) every: Duration,
    pub(crate) wait: Duration,
}

/// What a program asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    MinValidity,
    Lease,
    OpenLease,
    FalseReport,
    CurrentRefused,
    Than,
    PersonRefreshes,
    PersonSignsIn,
}

/// A request that is not answered yet.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) account: usize,
    pub(crate) asked_at: Tick,
    pub(crate) deadline: Tick,
    pub(crate) want: Want,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Readers {
    open: BTreeMap<ReaderId, Open>,
    asked: u64,
    /// For scripts: every answer.
    pub(crate) keep_answers: bool,
    answers: BTreeMap<ReaderId, Answer>,
    pub(crate) signing_in: Vec<usize>,
}

impl Readers {
    pub(crate) fn is_answered(&self, reader: ReaderId) -> bool {
        !self.open.contains_key(&reader)
    }

    pub(crate) fn answer(&self, reader: ReaderId) -> Option<&Answer> {
        self.answers.get(&reader)
    }

    /// A reader goes away.
    pub(crate) fn leave(&mut self, reader: ReaderId) {
        self.open.remove(&reader);
    }

    /// What those want who wait for the account's token.
    pub(crate) fn wants_of(&self, account: usize) -> impl Iterator<Item = &Want> {
        let open = self
            .open
            .values()
            .filter(move |open| open.account == account);
        open.map(|open| &open.want)
    }

    /// A reader whose time was up before `now`.
    pub(crate) fn overdue(&self, now: Tick) -> Option<(&ReaderId, &Open)> {
        self.open.iter().find(|(_, open)| open.deadline < now)
    }
}

impl World {
    /// A reader asks the keeper that lives now.
    pub(crate) fn ask(&mut self, account: usize, want: Want, wait: Duration) -> ReaderId {
        self.check_asked(account, &want);
        self.readers.asked += 1;
        let id = ReaderId(self.readers.asked);
        let deadline = self.now + wait;
        let open = Open {
            account,
            asked_at: self.now,
            deadline,
            want: want.clone(),
        };
        self.readers.open.insert(id, open);
        if !self.readers.keep_answers && self.rng.random_bool(0.03) {
            let after = wait.mul_f64(self.rng.random_range(0.0..1.0));
            let life = self.life;
            let leaves = Errand::Leave {
                life,
                account,
                reader: id,
            };
            self.after(after, Happening::Errand(leaves));
        }
        self.deliver(account, Event::Ask(Reader { id, deadline, want }));
        id
    }

    /// A reader got its answer.
    pub(crate) fn answered(&mut self, account: usize, reader: ReaderId, answer: Answer) {
        let Some(open) = self.readers.open.remove(&reader) else {
            return self.checks.answered_twice(reader);
        };
        self.check_answer(account, reader, &open, &answer);
        match &answer {
            Ok(handout) => {
                let waited = self.now.since(open.asked_at);
                if waited.is_zero() {
                    self.report.served_at_once += 1;
                } else {
                    self.report.waited.push(waited.as_millis() as u64);
                }
                self.report.served_unsaved += u64::from(handout.unsaved);
                let token = handout.access_token.clone();
                let until = handout.expires_at;
                match handout.lease_until {
                    Some(until) => self.uses_lease(account, reader, token, until),
                    None => {
                        let after = Duration::from_millis(self.rng.random_range(0..2_000));
                        let plain = true;
                        let errand = Errand::Use {
                            account,
                            token,
                            until,
                            plain,
                        };
                        self.after(after, Happening::Errand(errand));
                    }
                }
            }
            Err(refusal) => {
                if matches!(refusal, NotServed::SignInNeeded(_)) {
                    self.person_is_told(account);
                }
            }
        }
        if self.readers.keep_answers {
            self.readers.answers.insert(reader, answer);
        }
    }

    fn uses_lease(&mut self, account: usize, reader: ReaderId, token: AccessToken, until: Tick) {
        let span = self.now.until(until).as_millis() as u64;
        for _ in 0..3 {
            let after = Duration::from_millis(self.rng.random_range(0..=span));
            let errand = Errand::Use {
                account,
                token: token.clone(),
                until,
                plain: false,
            };
            self.after(after, Happening::Errand(errand));
        }
        if !self.readers.keep_answers && self.rng.random_bool(0.7) {
            let after = Duration::from_millis(self.rng.random_range(0..=span));
            let life = self.life;
            let release = Errand::Leave {
                life,
                account,
                reader,
            };
            self.after(after, Happening::Errand(release));
        }
    }

    /// The keeper is gone: who waited sees the connection close.
    pub(crate) fn readers_lose_keeper(&mut self) {
        for _ in std::mem::take(&mut self.readers.open) {
            self.report.not_served(Cause::KeeperGone);
        }
        // Those who hold leases look for the keeper several times a second.
        for account in 0..self.specs.len() {
            for (token, until) in self.leased(account) {
                if !self.readers.keep_answers && self.rng.random_bool(0.5) {
                    let errand = Errand::TakeUp {
                        account,
                        token,
                        until,
                    };
                    self.after(Duration::from_secs(1), Happening::Errand(errand));
                }
            }
        }
    }

    /// The holder of a lease asks for the same token again.
    pub(crate) fn take_up(&mut self, account: usize, token: &str, until: Tick) {
        if self.now >= until || self.checks.accounts[account].removed {
            return;
        }
        if self.keeper.is_none() {
            let again = Errand::TakeUp {
                account,
                token: token.to_owned(),
                until,
            };
            return self.after(Duration::from_secs(1), Happening::Errand(again));
        }
        let term = LeaseRequest {
            fingerprint: Some(Fingerprint::of(token)),
            ..lease(Some(self.now.until(until)))
        };
        let want = Want {
            lease: Some(term),
            ..Want::default()
        };
        self.ask(account, want, Duration::from_secs(10));
    }

    /// A program asks, and will again.
    pub(crate) fn run_habit(&mut self, account: usize, habit: Habit) {
        let wait = drawn_wait(habit.every, &mut self.rng);
        self.after(wait, Happening::Errand(Errand::Habit { account, habit }));
        if self.keeper.is_some() && !self.checks.accounts[account].removed {
            let want = self.draw_want(account, habit.kind);
            self.ask(account, want, habit.wait);
        }
    }

    fn draw_want(&mut self, account: usize, kind: Kind) -> Want {
        let lifetime = self.provider.behaviour.lifetime;
        let secs = |most: Duration, rng: &mut rand::rngs::StdRng| {
            Duration::from_millis(rng.random_range(0..=most.as_millis() as u64))
        };
        let longest = longest_validity(lifetime);
        let mut want = Want::default();
        match kind {
            Kind::Plain => {}
            Kind::MinValidity => {
                let most = if self.rng.random_bool(0.1) {
                    lifetime
                } else {
                    longest
                };
                want.min_validity = secs(most, &mut self.rng);
            }
            Kind::Lease => {
                let most = longest.min(Duration::from_secs(1800));
                let length = secs(most, &mut self.rng);
                want.lease = Some(lease(Some(length)));
            }
            Kind::OpenLease => want.lease = Some(lease(None)),
            Kind::FalseReport => {
                let held = self.vault.item(account).and_then(|item| item.access());
                let token = Fingerprint::of(held.unwrap_or("none"));
                want.newer = Some(Newer::Refused(token));
            }
            Kind::CurrentRefused => want.newer = Some(Newer::CurrentRefused),
            Kind::Than => {
                let held = self.vault.item(account).map_or(0, |item| item.generation());
                want.newer = Some(Newer::Than(held));
            }
            Kind::PersonRefreshes => want.newer = Some(Newer::Renewal),
            Kind::PersonSignsIn => want.newer = Some(Newer::SignIn),
        }
        want
    }

    pub(crate) fn use_token(
        &mut self,
        account: usize,
        token: &AccessToken,
        until: Tick,
        plain: bool,
    ) {
        let accepted = self.provider.used(token.expose(), By::Us, self.now);
        if accepted {
            return;
        }
        // What dies of itself meanwhile was not taken away.
        self.check_refusal(account, token, plain && self.now < until);
        if self.now < until && self.keeper.is_some() && self.rng.random_bool(0.7) {
            let want = Want {
                newer: Some(Newer::Refused(token.fingerprint())),
                ..Want::default()
            };
            if !self.checks.accounts[account].removed {
                self.ask(account, want, Duration::from_secs(30));
            }
        }
    }
}

/// A lease of that length.
pub(crate) fn lease(length: Option<Duration>) -> LeaseRequest {
    LeaseRequest {
        length,
        ..LeaseRequest::default()
    }
}
