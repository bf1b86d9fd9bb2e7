//! Invariant 2: no pulled rug. A leased token is not renewed until its leases end or the last safe
//! moment has come, and a plain read holds its token for two seconds.

use std::time::Duration;

use tokenkeep_oauth::{AccessToken, Fingerprint, Revocable};
use tokenkeep_protocol::account::{Handout, LeaseEnd, LeaseNews, PLAIN_LEASE, ReaderId};
use tokenkeep_protocol::clock::Tick;

use super::super::network::TIME_LIMIT;
use super::super::provider::By;
use super::super::readers::Open;
use super::super::world::World;
use super::{Checks, Invariant};

/// A reader's hold on a token.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    reader: ReaderId,
    pub(super) token: String,
    pub(super) since: Tick,
    pub(super) until: Tick,
    pub(super) explicit: bool,
    /// When the last safe moment comes at the earliest.
    pub(super) safe_until: Tick,
    /// Its holder was told that the renewal no longer waits.
    told: bool,
}

#[derive(Debug, Default)]
pub(super) struct Holds(Vec<Hold>);

impl Holds {
    /// Leases end with the keeper that gave them, until holders take them up again; plain reads do
    /// not.
    pub(super) fn keeper_started(&mut self) {
        self.0.retain(|hold| !hold.explicit);
    }

    pub(super) fn all(&self) -> &[Hold] {
        &self.0
    }

    /// The hold on this token that still binds the keeper.
    fn binding(&self, token: &str, now: Tick) -> Option<&Hold> {
        self.0.iter().find(|hold| {
            hold.token == token && now < hold.until && (!hold.explicit || now < hold.safe_until)
        })
    }

    /// A lease on this token whose holder was not told that it is renewed all the same.
    fn untold(&self, token: &str, now: Tick) -> Option<&Hold> {
        let explicit = self.0.iter().filter(|hold| hold.explicit && !hold.told);
        explicit
            .into_iter()
            .find(|hold| hold.token == token && now < hold.until)
    }
}

impl Checks {
    pub(crate) fn released(&mut self, account: usize, reader: ReaderId, now: Tick) {
        let holds = &mut self.accounts[account].holds;
        for hold in holds.0.iter_mut().filter(|hold| hold.reader == reader) {
            hold.until = hold.until.min(now);
        }
    }
}

impl World {
    /// The explicit leases that last: their tokens, and until when.
    pub(crate) fn leased(&self, account: usize) -> Vec<(String, Tick)> {
        let holds = self.checks.accounts[account].holds.0.iter();
        let lasting = holds.filter(|hold| hold.explicit && self.now < hold.until);
        lasting
            .map(|hold| (hold.token.clone(), hold.until))
            .collect()
    }

    pub(super) fn hold(
        &mut self,
        account: usize,
        reader: ReaderId,
        open: &Open,
        handout: &Handout,
    ) {
        let now = self.now;
        let lifetime = self.provider.behaviour.lifetime;
        let margin = (lifetime / 5)
            .clamp(Duration::from_secs(30), Duration::from_secs(600))
            .min(lifetime / 2);
        let ahead = (TIME_LIMIT + PLAIN_LEASE + Duration::from_secs(10)).min(margin + margin / 10);
        let hold = Hold {
            reader,
            token: handout.access_token.expose().to_owned(),
            since: now,
            until: handout
                .lease_until
                .unwrap_or(now + PLAIN_LEASE)
                .min(handout.expires_at),
            explicit: open.want.lease.is_some(),
            safe_until: handout.expires_at - ahead,
            told: false,
        };
        let holds = &mut self.checks.accounts[account].holds.0;
        // Those that ended are kept for a while, for what they held up.
        holds.retain(|hold| now.since(hold.until) < Duration::from_secs(180));
        if !hold.explicit {
            holds.retain(|other| other.explicit || other.token != hold.token);
        }
        holds.push(hold);
    }

    pub(super) fn check_lease(&mut self, account: usize, open: &Open, handout: &Handout) {
        let term = open.want.lease.as_ref();
        let token = handout.access_token.fingerprint();
        let taken_up = term.and_then(|term| term.fingerprint);
        if taken_up.is_some_and(|asked: Fingerprint| asked != token) {
            let what = "a lease was taken up on another token";
            return self.wrong(Invariant::NoPulledRug, account, what);
        }
        // One that is taken up again takes its token as it is.
        let asked = term
            .filter(|_| taken_up.is_none())
            .and_then(|term| term.length);
        let long_enough = |length: Duration| {
            let until = handout.lease_until;
            until
                .is_some_and(|until| self.now.until(until) >= length && until <= handout.expires_at)
        };
        if !asked.is_none_or(long_enough) || term.is_some() != handout.lease_until.is_some() {
            let what = "a lease is not as long as was asked for";
            self.wrong(Invariant::NoPulledRug, account, what);
        }
    }

    /// A killing refresh goes out: nobody may hold the token that it kills, unless it may be dead
    /// already.
    pub(super) fn check_nobody_holds(&mut self, account: usize) {
        let of = &self.checks.accounts[account];
        if !self.may_kill() || of.known.in_doubt || of.known.lost_sight() {
            return;
        }
        let current = self.current_access(account);
        let held = current
            .as_deref()
            .and_then(|token| of.holds.binding(token, self.now));
        if let Some(hold) = held {
            let what = format!("a refresh was sent in spite of {hold:?}");
            return self.wrong(Invariant::NoPulledRug, account, what);
        }
        let holds = &self.checks.accounts[account].holds;
        if let Some(hold) = current.and_then(|token| holds.untold(&token, self.now).cloned()) {
            let what = format!("a refresh was sent and nobody has told the holder of {hold:?}");
            self.wrong(Invariant::NoPulledRug, account, what);
        }
    }

    /// The holder of a lease is told what becomes of it.
    pub(crate) fn check_holder_told(&mut self, account: usize, lease: ReaderId, news: LeaseNews) {
        let holds = &mut self.checks.accounts[account].holds.0;
        let mut held = holds.iter_mut().filter(|hold| hold.reader == lease);
        let Some(hold) = held.find(|hold| hold.explicit) else {
            return;
        };
        let told = std::mem::replace(&mut hold.told, true);
        let over = news != LeaseNews::Renewing;
        let wrong = match news {
            LeaseNews::Renewing => told,
            LeaseNews::Ended(LeaseEnd::RanOut) => self.now < hold.until,
            LeaseNews::Ended(LeaseEnd::Replaced) => !told,
            LeaseNews::Ended(LeaseEnd::Released | LeaseEnd::Removed) => false,
        };
        if over {
            hold.until = hold.until.min(self.now);
        }
        if wrong {
            let what = format!("the holder of {lease:?} was told {news:?}");
            self.wrong(Invariant::NoPulledRug, account, what);
        }
    }

    /// The access token that the keeper goes by.
    pub(super) fn current_access(&self, account: usize) -> Option<String> {
        let newest = self.checks.accounts[account].known.newest();
        let stored = || self.vault.item(account).and_then(|item| item.access());
        newest.or_else(stored).map(str::to_owned)
    }

    /// An API refused a token that a reader got.
    pub(crate) fn check_refusal(&mut self, account: usize, token: &AccessToken, plain: bool) {
        let Some(access) = self.provider.access(token.expose()) else {
            return;
        };
        let of = &self.checks.accounts[account];
        let read = |hold: &&Hold| !hold.explicit && hold.token == token.expose();
        let read = of.holds.0.iter().find(read).map(|hold| hold.since);
        let by_us = access
            .killed
            .is_some_and(|(at, by)| by == By::Us && Some(at) >= read && read.is_some());
        // Leases end with a crash, or at the last safe moment; that is looked at when it is sent.
        if plain && by_us && !of.removed && !of.known.lost_sight() {
            let what = "a plain read's token was killed within two seconds";
            self.wrong(Invariant::NoPulledRug, account, what);
        }
    }

    /// The keeper ends a session: nobody may use a token of it.
    pub(crate) fn check_revoke(&mut self, account: usize, token: &Revocable) {
        if self.checks.accounts[account].removed {
            return;
        }
        let Some(session) = self.provider.session_of(token) else {
            let what = "a token was revoked that the provider never issued";
            return self.wrong(Invariant::SecretsStayPut, account, what);
        };
        let of_session = |hold: &&Hold| {
            let access = self.provider.access(&hold.token);
            access.is_some_and(|access| access.session == session && access.lives(self.now))
        };
        let holds = &self.checks.accounts[account].holds;
        let mut held = holds.0.iter().filter(of_session);
        let binding = held.find_map(|hold| holds.binding(&hold.token, self.now));
        if let Some(hold) = binding {
            let what = format!("a session was ended in spite of {hold:?}");
            return self.wrong(Invariant::NoPulledRug, account, what);
        }
        self.check_durable_outlives(account, session);
    }
}
