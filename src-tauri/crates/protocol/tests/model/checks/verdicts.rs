//! Invariant 11, as far as the heart keeps it: what was refused stays refused, across restarts, until a renewal
//! answers or a person asks. A token that an API refused is withheld, and a refresh token that the provider refused is
//! not sent again.

use tokenkeep_oauth::Fingerprint;
use tokenkeep_protocol::account::{Handout, Newer, Want};

use super::super::readers::Open;
use super::super::world::World;
use super::Invariant;
use super::service::validity_asked;

impl World {
    /// A reader asks.
    pub(crate) fn check_asked(&mut self, account: usize, want: &Want) {
        let now = self.now;
        let known = &mut self.checks.accounts[account].known;
        // One that is on its way to the vault is not the current one yet.
        let newest = known.newest().map(str::to_owned);
        match &want.newer {
            Some(Newer::Renewal | Newer::SignIn) => known.person_asked = Some(now),
            Some(Newer::CurrentRefused) => known.report_refused(newest, now),
            Some(Newer::Refused(fingerprint)) => {
                let reported = newest.filter(|token| Fingerprint::of(token) == *fingerprint);
                known.report_refused(reported, now);
            }
            Some(Newer::Than(_)) | None => {}
        }
    }

    /// A token is handed out.
    pub(super) fn check_withheld(&mut self, account: usize, open: &Open, handout: &Handout) {
        let of = &self.checks.accounts[account];
        let withheld = of.known.withheld.as_deref() == Some(handout.access_token.expose());
        let leased = of.holds.all().iter().any(|hold| hold.explicit);
        let taken_up = open.want.lease.as_ref();
        let taken_up = taken_up.is_some_and(|lease| lease.fingerprint.is_some());
        if withheld && !leased && !taken_up && !of.known.lost_sight() {
            let what = "a token was handed out that was reported as refused";
            self.wrong(Invariant::NothingFalse, account, what);
        }
    }

    /// A request goes out: not because of a report on a token that is not to blame.
    pub(super) fn check_blamed(&mut self, account: usize) {
        let known = &self.checks.accounts[account].known;
        let blameless = known.blameless.as_deref();
        let lives_long = known
            .believed_until
            .is_some_and(|until| self.now.until(until) > self.provider.behaviour.lifetime * 3 / 5);
        let calm = !known.in_doubt && known.rejected.is_none() && known.person_asked.is_none();
        let other = |want: &Want| {
            let reported = matches!(want.newer, Some(Newer::Refused(_) | Newer::CurrentRefused));
            !reported && (want.newer.is_some() || !validity_asked(want).is_zero())
        };
        let wanted = self.readers.wants_of(account).any(other);
        let blamed = blameless.is_some() && blameless == known.newest();
        if blamed && lives_long && calm && !wanted && !known.lost_sight() {
            let what =
                "a token was replaced that came because of refusals, and was refused as soon";
            self.wrong(Invariant::NoStorms, account, what);
        }
    }

    /// Whether a person has to give the account another assertion.
    pub(crate) fn is_assertion_useless(&self, account: usize) -> bool {
        let ended = self.specs[account].assertion_ends;
        self.is_assertion_rejected(account) || ended.is_some_and(|at| at <= self.now)
    }

    /// Whether the provider refused the account's assertion.
    pub(crate) fn is_assertion_rejected(&self, account: usize) -> bool {
        self.checks.accounts[account].known.assertion_rejected
    }

    /// A refresh goes out.
    pub(super) fn check_not_refused(&mut self, account: usize, refresh: &str) {
        let known = &mut self.checks.accounts[account].known;
        let person = known.person_asked.take().is_some();
        let refused = known.rejected.is_some() && known.current_refresh.as_deref() == Some(refresh);
        // One that a person had sent may be in doubt again.
        if refused && !person && !known.unanswered && !known.lost_sight() {
            let what = "a refresh token was sent again that the provider had refused";
            self.wrong(Invariant::NothingFalse, account, what);
        }
    }
}
