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

    /// Whether the reader wants a sign-in anew, by the assertion.
    pub(super) fn wants_sign_in(&self) -> bool {
        matches!(self.reader.want.newer, Some(Newer::SignIn))
    }

    /// Whether an attempt was made since the reader asked.
    pub(super) fn was_tried_for(&self, last_attempt: Option<Tick>) -> bool {
        last_attempt.is_some_and(|last| last >= self.asked_at)
    }

    /// Whether a set of this generation is not too old for the reader.
    pub(super) fn takes(&self, generation: u64) -> bool {
        self.newer_than.is_none_or(|than| generation > than)
    }

    /// When this reader is a reason to renew, whether the set is due or not.
    fn wants_more(&self, tokens: &Tokens, now: Tick) -> When {
        if self.taken_up().is_some() {
            return When::Never;
        }
        let Some(set) = tokens.current() else {
            return When::Now;
        };
        if !self.takes(tokens.generation()) {
            return When::Now;
        }
        let dead = When::from(set.expires_at, now);
        let validity = self.reader.want.validity();
        if validity > longest_validity(set.lifetime()) {
            return dead;
        }
        // As long as is asked for is enough; less by the least that time is counted in is not.
        let too_short = set.expires_at - validity + Tick::RESOLUTION;
        dead.or(When::from(too_short, now))
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
        self.waiting.iter().any(Waiting::wants_sign_in)
    }

    /// Whether a person waits for an attempt that was not made yet since they asked.
    pub(super) fn person_waits(&self, last_attempt: Option<Tick>) -> bool {
        self.waiting.iter().any(|waiting| {
            let newer = &waiting.reader.want.newer;
            matches!(newer, Some(Newer::Renewal | Newer::SignIn))
                && !waiting.was_tried_for(last_attempt)
        })
    }

    /// When a reader is a reason to renew.
    pub(super) fn want_more(&self, tokens: &Tokens, now: Tick) -> When {
        let wishes = self.waiting.iter();
        let wishes = wishes.map(|waiting| waiting.wants_more(tokens, now));
        wishes.min().unwrap_or(When::Never)
    }

    /// When the next reader's time is up.
    pub(super) fn next_deadline(&self, now: Tick) -> When {
        let deadlines = self.waiting.iter().map(|waiting| waiting.reader.deadline);
        let next = deadlines.min();
        next.map_or(When::Never, |deadline| When::from(deadline, now))
    }
}
