//! What lies ahead of very many accounts, in the order of time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use tokenkeep_protocol::clock::Tick;

/// A queue that stays fast with a hundred thousand entries for the next hour: only those of the second that has come are
/// put in order, the others are kept by their second.
pub(crate) struct Calendar<T> {
    soon: BinaryHeap<Reverse<(Tick, T)>>,
    /// The second up to which `soon` reaches.
    reached: i64,
    later: BTreeMap<i64, Vec<(Tick, T)>>,
}

impl<T: Ord> Calendar<T> {
    pub(crate) fn new() -> Self {
        Self {
            soon: BinaryHeap::new(),
            reached: i64::MIN,
            later: BTreeMap::new(),
        }
    }

    pub(crate) fn push(&mut self, at: Tick, what: T) {
        let second = at.as_millis().div_euclid(1000);
        if second <= self.reached {
            self.soon.push(Reverse((at, what)));
        } else {
            self.later.entry(second).or_default().push((at, what));
        }
    }

    /// When the first of them comes.
    pub(crate) fn next_at(&mut self) -> Option<Tick> {
        if self.soon.is_empty() {
            let (second, entries) = self.later.pop_first()?;
            self.reached = second;
            self.soon.extend(entries.into_iter().map(Reverse));
        }
        self.soon.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes the first of them, as [`Calendar::next_at`] has just told.
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.soon.pop().map(|Reverse((_, what))| what)
    }
}
