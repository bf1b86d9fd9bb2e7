//! Those who ask for tokens, and the person in front of the machine.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::RngExt as _;
use tokenkeep_keeper::account::{
    Answer, Event, LeaseTerm, Newer, Notice, NoticeKey, Reader, ReaderId, Refusal, Topic, Want,
    longest_validity,
};
use tokenkeep_keeper::clock::Tick;
use tokenkeep_oauth::{AccessToken, Fingerprint};

use super::faults::drawn_wait;
use super::provider::By;
use super::world::{Grant, Happening, World};

/// Something that someone on this machine does.
#[derive(Debug)]
pub(crate) enum Errand {
    /// A program asks, and will again.
    Habit { account: usize, habit: Habit },
    /// The API is called with a token.
    Use {
        account: usize,
        token: AccessToken,
        /// Until when the reader was told that it lives.
        until: Tick,
        plain: bool,
    },
    /// A lease is let go.
    Release {
        life: u32,
        account: usize,
        reader: ReaderId,
    },
    /// A person signs in.
    SignIn { account: usize },
    /// A person removes an account.
    Remove { account: usize },
}

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
    PersonRefreshes,
    PersonSignsIn,
}

/// A request that is not answered yet.
#[derive(Clone, Debug)]
pub(crate) struct Open {
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
    signing_in: Vec<usize>,
}

impl Readers {
    pub(crate) fn is_answered(&self, reader: ReaderId) -> bool {
        !self.open.contains_key(&reader)
    }

    pub(crate) fn answer(&self, reader: ReaderId) -> Option<&Answer> {
        self.answers.get(&reader)
    }

    /// A reader whose time was up before `now`.
    pub(crate) fn overdue(&self, now: Tick) -> Option<(&ReaderId, &Open)> {
        self.open.iter().find(|(_, open)| open.deadline < now)
    }
}

impl World {
    /// A reader asks the keeper that lives now.
    pub(crate) fn ask(&mut self, account: usize, want: Want, wait: Duration) -> ReaderId {
        self.readers.asked += 1;
        let id = ReaderId(self.readers.asked);
        let deadline = self.now + wait;
        let open = Open {
            asked_at: self.now,
            deadline,
            want: want.clone(),
        };
        self.readers.open.insert(id, open);
        self.deliver(account, Event::Ask(Reader { id, deadline, want }));
        id
    }

    /// A reader got its answer.
    pub(crate) fn answered(&mut self, account: usize, reader: ReaderId, answer: Answer) {
        let Some(open) = self.readers.open.remove(&reader) else {
            return self.checks.fail("a reader was answered twice".to_owned());
        };
        self.check_answer(account, reader, &open, &answer);
        match &answer {
            Answer::Token(handout) => {
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
            Answer::None(refusal) => {
                self.report.refused(word(refusal));
                if matches!(refusal, Refusal::SignInNeeded(_)) {
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
            let release = Errand::Release {
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
            self.report.refused("keeper_died");
        }
    }

    pub(crate) fn run_errand(&mut self, errand: Errand) {
        match errand {
            Errand::Habit { account, habit } => {
                let wait = drawn_wait(habit.every, &mut self.rng);
                self.after(wait, Happening::Errand(Errand::Habit { account, habit }));
                if self.keeper.is_some() && !self.checks.accounts[account].removed {
                    let want = self.draw_want(account, habit.kind);
                    self.ask(account, want, habit.wait);
                }
            }
            Errand::Use {
                account,
                token,
                until,
                plain,
            } => self.use_token(account, &token, until, plain),
            Errand::Release {
                life,
                account,
                reader,
            } => {
                if life == self.life {
                    self.checks.released(account, reader, self.now);
                    self.deliver(account, Event::Left(reader));
                }
            }
            Errand::SignIn { account } => self.sign_in(account),
            Errand::Remove { account } => self.remove(account),
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
            Kind::PersonRefreshes => want.newer = Some(Newer::Asked),
            Kind::PersonSignsIn => want.newer = Some(Newer::SignIn),
        }
        want
    }

    fn use_token(&mut self, account: usize, token: &AccessToken, until: Tick, plain: bool) {
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

    /// The person reads a notice, and in a while does something about it.
    pub(crate) fn person_reads(&mut self, account: usize, notice: &Notice) {
        if let NoticeKey::About(Topic::SignInNeeded, _) = notice.key {
            self.person_is_told(account);
        }
    }

    /// The person learns that they must sign in, and will.
    pub(crate) fn person_is_told(&mut self, account: usize) {
        if self.readers.keep_answers || self.readers.signing_in.contains(&account) {
            return;
        }
        self.readers.signing_in.push(account);
        let after =
            drawn_wait(Duration::from_secs(300), &mut self.rng).min(Duration::from_secs(1500));
        self.after(after, Happening::Errand(Errand::SignIn { account }));
    }

    pub(crate) fn person_fails_to_sign_in(&mut self, account: usize) {
        self.readers.signing_in.retain(|other| *other != account);
        self.person_is_told(account);
    }

    /// A person signs in: by the assertion, or with a code that is exchanged.
    pub(crate) fn sign_in(&mut self, account: usize) {
        self.readers.signing_in.retain(|other| *other != account);
        if self.checks.accounts[account].removed {
            return;
        }
        let ready = self.keeper.as_ref().is_some_and(|keeper| !keeper.quitting);
        if !ready || self.checks.is_penalty(self.specs[account].client, self.now) {
            return self.person_is_told(account);
        }
        if self.specs[account].grant == Grant::Jwt {
            self.report.sign_ins += 1;
            let want = Want {
                newer: Some(Newer::SignIn),
                ..Want::default()
            };
            self.ask(account, want, Duration::from_secs(30));
        } else if self.admits_exchange(account) {
            self.report.sign_ins += 1;
            let flight = self.send(account, None);
            self.checks
                .exchanged(self.specs[account].client, flight, self.now);
        } else {
            self.person_is_told(account);
        }
    }
}

/// A lease of that length.
pub(crate) fn lease(length: Option<Duration>) -> LeaseTerm {
    LeaseTerm {
        length,
        ..LeaseTerm::default()
    }
}

fn word(refusal: &Refusal) -> &'static str {
    use tokenkeep_keeper::account::Why;
    match refusal {
        Refusal::SignInNeeded(_) => "sign_in_needed",
        Refusal::Misconfigured(_) => "misconfigured",
        Refusal::TooLong { .. } => "asked_too_much",
        Refusal::Replaced => "replaced",
        Refusal::Removed => "removed",
        Refusal::Quitting => "quitting",
        Refusal::OutOfTime(why) => match why {
            Why::Renewing => "renewing",
            Why::InDoubt(_) => "in_doubt",
            Why::Leased => "leased",
            Why::Failing(_) => "failing",
            Why::Paced => "paced",
            Why::Misconfigured(_) => "misconfigured",
            Why::Vault(_) => "vault",
        },
    }
}
