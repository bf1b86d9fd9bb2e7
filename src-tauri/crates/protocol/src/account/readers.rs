//! The readers that wait, and the leases of those that were served.

use tokenkeep_oauth::Fingerprint;

use super::ids::ReaderId;
use super::lease::Leases;
use super::reader::{Newer, Reader};
use super::schedule::longest_validity;
use super::tokens::Tokens;
use crate::clock::Tick;
use crate::when::When;

/// A reader that was not answered yet.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) reader: Reader,
    asked_at: Tick,
    /// Only a later generation than this contents the reader.
    newer_than: Option<u64>,
}

impl Waiting {
    /// The token whose lease the reader takes up again, where it does.
    pub(super) fn taken_up(&self) -> Option<Fingerprint> {
        self.reader.want.taken_up()
    }

    /// Whether a set of this generation is not too old for the reader.
    pub(super) fn takes(&self, generation: u64) -> bool {
        self.newer_than.is_none_or(|than| generation > than)
    }

    /// Whether this reader is a reason to renew, whether the set is due or not. Time alone makes no reader one:
    /// whom the set contents is served, and a set too near its end to be served is due.
    fn wants_more(&self, tokens: &Tokens, now: Tick) -> bool {
        if self.taken_up().is_some() {
            return false;
        }
        let Some(set) = tokens.current() else {
            return true;
        };
        let validity = self.reader.want.validity();
        let attainable = validity <= longest_validity(set.lifetime());
        let too_short = attainable && set.remaining(now) < validity;
        !self.takes(tokens.generation()) || !set.lives(now) || too_short
    }
}

/// The readers that wait, and the leases of those that were served.
#[derive(Debug, Default)]
pub(super) struct Readers {
    waiting: Vec<Waiting>,
    pub(super) leases: Leases,
}

impl Readers {
    /// A reader waits from now on, for a later generation than `newer_than` where that is said.
    pub(super) fn join(&mut self, reader: Reader, newer_than: Option<u64>, now: Tick) {
        self.waiting.push(Waiting {
            reader,
            asked_at: now,
            newer_than,
        });
    }

    /// A reader went away unanswered.
    pub(super) fn leave(&mut self, id: ReaderId) {
        self.waiting.retain(|waiting| waiting.reader.id != id);
    }

    /// Takes those out who wait, to be answered or to join again.
    pub(super) fn take(&mut self) -> Vec<Waiting> {
        std::mem::take(&mut self.waiting)
    }

    /// Puts those back who wait on.
    pub(super) fn wait_on(&mut self, waiting: Vec<Waiting>) {
        self.waiting = waiting;
    }

    /// Whether anybody waits.
    pub(super) fn wait(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether somebody waits for a sign-in anew.
    pub(super) fn want_sign_in(&self) -> bool {
        let newer = |waiting: &Waiting| matches!(waiting.reader.want.newer, Some(Newer::SignIn));
        self.waiting.iter().any(newer)
    }

    /// Whether a person waits for an attempt that was not made yet since they asked.
    pub(super) fn person_waits(&self, last_attempt: Option<Tick>) -> bool {
        self.waiting.iter().any(|waiting| {
            let newer = &waiting.reader.want.newer;
            matches!(newer, Some(Newer::Renewal | Newer::SignIn))
                && last_attempt.is_none_or(|last| last < waiting.asked_at)
        })
    }

    /// Whether a reader is a reason to renew.
    pub(super) fn want_more(&self, tokens: &Tokens, now: Tick) -> bool {
        let mut waiting = self.waiting.iter();
        waiting.any(|waiting| waiting.wants_more(tokens, now))
    }

    /// When the next reader's time is up.
    pub(super) fn next_deadline(&self, now: Tick) -> When {
        let deadlines = self.waiting.iter().map(|waiting| waiting.reader.deadline);
        let next = deadlines.min();
        next.map_or(When::Never, |deadline| When::from(deadline, now))
    }
}
