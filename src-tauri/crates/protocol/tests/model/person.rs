//! The person in front of the machine.

use std::time::Duration;

use tokenkeep_protocol::account::{Event, Newer, Notice, NoticeKey, Topic, Want};

use super::errands::Errand;
use super::faults::drawn_wait;
use super::world::{Grant, Happening, World};

/// For how long an assertion is minted.
const ASSERTION_LIFE: Duration = Duration::from_secs(8 * 3600);

impl World {
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
            self.mint_assertion(account);
            let want = Want {
                newer: Some(Newer::SignIn),
                ..Want::default()
            };
            if self.keeper.is_some() {
                self.ask(account, want, Duration::from_secs(30));
            }
        } else if self.admits_exchange(account) {
            self.report.sign_ins += 1;
            let flight = self.send(account, None);
            let client = self.specs[account].client;
            self.checks.sent(client, account, flight, self.now);
        } else {
            self.person_is_told(account);
        }
    }

    /// Where the assertion has ended, the person gets another one from the provider first.
    fn mint_assertion(&mut self, account: usize) {
        let Some(ended) = self.specs[account].assertion_ends else {
            return;
        };
        if self.now < ended {
            return;
        }
        // Of one that was refused before its time the person knows already.
        if !self.is_assertion_rejected(account) {
            self.check_announced(account, ended);
        }
        self.checks.assertion_replaced(account);
        self.specs[account].assertion_ends = Some(self.now + ASSERTION_LIFE);
        let policy = self.policy(account);
        self.deliver(account, Event::Edited(policy));
    }
}
