//! Invariant 3: one attempt at a time per account.

use tokenkeep_protocol::account::{AttemptId, Request};
use tokenkeep_protocol::clock::Tick;

use super::super::network::Return;
use super::super::world::World;
use super::Invariant;

/// A request of the account that was not answered yet.
#[derive(Clone, Debug)]
pub(super) struct InFlight {
    pub(super) attempt: AttemptId,
    pub(super) sent_at: Tick,
    /// The refresh token that it presents; none where it presents the assertion.
    pub(super) refresh: Option<String>,
    pub(super) marked: bool,
}

#[derive(Debug, Default)]
pub(super) struct Attempts {
    pub(super) in_flight: Option<InFlight>,
    /// Those that a sign-in overtook.
    strays: Vec<AttemptId>,
}

impl Attempts {
    /// A person signed in: what is out is no longer the account's own.
    pub(super) fn abandon(&mut self) {
        let stray = self.in_flight.take();
        self.strays.extend(stray.map(|flight| flight.attempt));
    }

    /// Takes out the attempt that was answered; none where it is a stray.
    pub(super) fn answered(&mut self, attempt: AttemptId) -> Option<InFlight> {
        self.strays.retain(|stray| *stray != attempt);
        self.in_flight.take_if(|flight| flight.attempt == attempt)
    }
}

impl World {
    /// A request goes out.
    pub(crate) fn check_send(&mut self, account: usize, attempt: AttemptId, request: &Request) {
        self.report.requests += 1;
        if self.checks.accounts[account].removed {
            let what = "a request for an account that was removed";
            return self.wrong(Invariant::OneAttempt, account, what);
        }
        let refresh = match request {
            Request::Refresh(token) => Some(token.expose().to_owned()),
            Request::PresentAssertion => None,
        };
        self.check_blamed(account);
        if let Some(refresh) = &refresh {
            self.check_not_refused(account, refresh);
        }
        let is_refresh = refresh.is_some();
        let flight = InFlight {
            attempt,
            sent_at: self.now,
            refresh,
            marked: self.is_marked(account, request),
        };
        let attempts = &mut self.checks.accounts[account].attempts;
        if let Some(other) = attempts.in_flight.replace(flight) {
            let what = format!("{attempt:?} while {other:?} is out");
            return self.wrong(Invariant::OneAttempt, account, what);
        }
        self.checks.accounts[account].expected.sent();
        self.check_pace(account);
        self.check_frequency(account);
        if is_refresh {
            self.check_mark(account);
            self.check_nobody_holds(account);
        }
    }

    /// What became of a request is known.
    pub(crate) fn check_return(&mut self, back: &Return) {
        self.note_quota(back);
        self.note_obstacle(back);
        self.check_outcome(back);
    }
}
