//! The readers that wait, and the leases of those that were served.
//!
//! Thousands of readers may wait for one token, and most of them want the same. So what is to be done for them is decided
//! once for each wish, not for each reader.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokenkeep_oauth::Fingerprint;

use super::ids::ReaderId;
use super::lease::Leases;
use super::reader::{Newer, Reader, Want};
use super::schedule::longest_validity;
use super::tokens::Tokens;
use crate::clock::Tick;
use crate::when::When;

/// What would content a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// The token whose lease the reader takes up again, where it does.
    pub(super) taken_up: Option<Fingerprint>,
    /// How long the token has to be valid.
    pub(super) validity: Duration,
    /// Only a later generation than this contents the reader.
    newer_than: Option<u64>,
    /// When a person asked for an attempt, where the reader is one who did.
    attempt_since: Option<Tick>,
    /// Only a sign-in anew contents the reader.
    sign_in: bool,
}

impl Wish {
    fn of(want: &Want, newer_than: Option<u64>, now: Tick) -> Self {
        let attempt = matches!(want.newer, Some(Newer::Renewal | Newer::SignIn));
        Self {
            taken_up: want.taken_up(),
            validity: want.validity(),
            newer_than,
            attempt_since: attempt.then_some(now),
            sign_in: matches!(want.newer, Some(Newer::SignIn)),
        }
    }

    /// Whether the reader wants a sign-in anew, by the assertion.
    pub(super) fn wants_sign_in(&self) -> bool {
        self.sign_in
    }

    /// Whether the attempt was made that a person asked for.
    pub(super) fn was_tried_for(&self, last_attempt: Option<Tick>) -> bool {
        let since = self.attempt_since;
        since.is_some_and(|since| last_attempt.is_some_and(|last| last >= since))
    }

    /// Whether a set of this generation is not too old for the reader.
    pub(super) fn takes(&self, generation: u64) -> bool {
        self.newer_than.is_none_or(|than| generation > than)
    }

    /// Whether this wish is a reason to renew, whether the set is due or not. Time alone makes no wish one: whom the set
    /// contents is served, and a set too near its end to be served is due.
    fn wants_more(&self, tokens: &Tokens, now: Tick) -> bool {
        if self.taken_up.is_some() {
            return false;
        }
        let Some(set) = tokens.current() else {
            return true;
        };
        let attainable = self.validity <= longest_validity(set.lifetime());
        let too_short = attainable && set.remaining(now) < self.validity;
        !self.takes(tokens.generation()) || !set.lives(now) || too_short
    }
}

/// The readers that wait, and the leases of those that were served.
#[derive(Debug, Default)]
pub(super) struct Readers {
    /// Those who wait, in the order in which they came, by their wish. No wish is without a reader.
    waiting: Vec<(Wish, BTreeMap<ReaderId, Reader>)>,
    /// When the time of each is up.
    deadlines: BTreeSet<(Tick, ReaderId)>,
    pub(super) leases: Leases,
}

impl Readers {
    /// A reader waits from now on, for a later generation than `newer_than` where that is said.
    pub(super) fn join(&mut self, reader: Reader, newer_than: Option<u64>, now: Tick) {
        let wish = Wish::of(&reader.want, newer_than, now);
        self.deadlines.insert((reader.deadline, reader.id));
        match self.waiting.iter_mut().find(|(same, _)| *same == wish) {
            Some((_, readers)) => drop(readers.insert(reader.id, reader)),
            None => self
                .waiting
                .push((wish, BTreeMap::from([(reader.id, reader)]))),
        }
    }

    /// A reader waits no longer; it, where it did.
    pub(super) fn leave(&mut self, id: ReaderId) -> Option<Reader> {
        let mut all = self.waiting.iter_mut();
        let left = all.find_map(|(_, readers)| readers.remove(&id))?;
        self.deadlines.remove(&(left.deadline, id));
        self.waiting.retain(|(_, readers)| !readers.is_empty());
        Some(left)
    }

    /// What those who wait want.
    pub(super) fn wishes(&self) -> Vec<Wish> {
        self.waiting.iter().map(|(wish, _)| wish.clone()).collect()
    }

    /// Takes those out who want this.
    pub(super) fn take(&mut self, wish: &Wish) -> Vec<Reader> {
        let taken = self.waiting.extract_if(.., |(same, _)| same == wish);
        let taken: Vec<Reader> = taken
            .flat_map(|(_, readers)| readers.into_values())
            .collect();
        for reader in &taken {
            self.deadlines.remove(&(reader.deadline, reader.id));
        }
        taken
    }

    /// Takes all out who wait, to join again.
    pub(super) fn take_all(&mut self) -> Vec<Reader> {
        self.deadlines.clear();
        let all = std::mem::take(&mut self.waiting).into_iter();
        let mut all: Vec<Reader> = all.flat_map(|(_, readers)| readers.into_values()).collect();
        all.sort_by_key(|reader| reader.id);
        all
    }

    /// Takes those out whose time is up.
    pub(super) fn expire(&mut self, now: Tick) -> Vec<Reader> {
        let mut expired = Vec::new();
        while let Some((deadline, id)) = self.deadlines.first().copied()
            && deadline <= now
        {
            self.deadlines.pop_first();
            expired.extend(self.leave(id));
        }
        expired
    }

    /// Whether anybody waits.
    pub(super) fn wait(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether somebody waits for a sign-in anew.
    pub(super) fn want_sign_in(&self) -> bool {
        self.waiting.iter().any(|(wish, _)| wish.wants_sign_in())
    }

    /// Whether a person waits for an attempt that was not made yet since they asked.
    pub(super) fn person_waits(&self, last_attempt: Option<Tick>) -> bool {
        self.waiting
            .iter()
            .any(|(wish, _)| wish.attempt_since.is_some() && !wish.was_tried_for(last_attempt))
    }

    /// Whether a reader is a reason to renew.
    pub(super) fn want_more(&self, tokens: &Tokens, now: Tick) -> bool {
        let mut wishes = self.waiting.iter();
        wishes.any(|(wish, _)| wish.wants_more(tokens, now))
    }

    /// When the next reader's time is up.
    pub(super) fn next_deadline(&self, now: Tick) -> When {
        let next = self.deadlines.first();
        next.map_or(When::Never, |(deadline, _)| When::from(*deadline, now))
    }
}
