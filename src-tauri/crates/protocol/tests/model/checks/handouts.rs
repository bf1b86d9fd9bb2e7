//! Invariant 1: no torn reads. A reader never gets a token that is being replaced or in doubt.

use tokenkeep_protocol::account::{Handout, ReaderId};

use super::super::provider::By;
use super::super::readers::Open;
use super::super::world::World;
use super::Invariant;

impl World {
    pub(super) fn check_handout(
        &mut self,
        account: usize,
        reader: ReaderId,
        open: &Open,
        handout: &Handout,
    ) {
        self.check_lives(account, handout);
        self.check_withheld(account, open, handout);
        self.check_nothing_kills(account, handout);
        if self.now.until(handout.expires_at) < super::service::validity_asked(&open.want) {
            let what = "less validity than was asked for";
            self.wrong(Invariant::NoTornReads, account, what);
        }
        self.check_lease(account, open, handout);
        self.check_durable(account, handout);
        self.hold(account, reader, open, handout);
    }

    fn check_lives(&mut self, account: usize, handout: &Handout) {
        let (now, token) = (self.now, handout.access_token.expose());
        let Some(access) = self.provider.access(token) else {
            let what = "a token that the provider never issued";
            return self.wrong(Invariant::NoTornReads, account, what);
        };
        let known = &self.checks.accounts[account].known;
        // How long a token lives whose provider does not say it nobody knows; nor how old one is that
        // was stored under another setting of the clock, or that is another program's.
        let clock_wrong = self.checks.clocks.is_wrong(account, token);
        let life_unknown = handout.expiry_assumed || clock_wrong || access.issued_to != By::Us;
        // One that is stored as dead since a moment that lies ahead looks alive.
        let given_up = known.get(token).is_some_and(|set| set.given_up) && clock_wrong;
        let unsure = known.is_unsure(token) || given_up;
        let excused = match access.killed {
            // Nobody tells the keeper what others did.
            Some((_, by)) => by != By::Us || unsure,
            None => life_unknown || unsure,
        };
        if !access.lives(now) && !excused {
            let what = format!("a dead token was handed out: {access:?}");
            return self.wrong(Invariant::NoTornReads, account, what);
        }
        if handout.expires_at > access.dies_at && !life_unknown && !unsure {
            let late = handout.expires_at.since(access.dies_at);
            let what = format!("a token was said to live {late:?} too long");
            self.wrong(Invariant::NoTornReads, account, what);
        }
    }

    fn check_nothing_kills(&mut self, account: usize, handout: &Handout) {
        let token = handout.access_token.expose();
        let provider = &self.provider;
        let killer = self
            .travelling
            .values()
            .any(|(of, refresh)| *of == account && provider.would_kill(refresh, token));
        if killer && !self.checks.accounts[account].known.is_unsure(token) {
            let what = "a request on its way will kill the token handed out";
            self.wrong(Invariant::NoTornReads, account, what);
        }
    }
}
