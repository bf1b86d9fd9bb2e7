//! The line of those who wait for a turn, in the order in which they came: so that nobody starves behind others whose
//! turn comes first again and again.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Whoever has waited for so many turns of others …
const LONG_WAIT: u64 = 16;

/// … has every so manieth turn, whatever others want.
const TURNS_FOR_ALL: u64 = 4;

/// The line of those who wait.
#[derive(Debug)]
pub(super) struct Line<K> {
    /// With the turns that were taken when they came.
    waiting: BTreeMap<u64, (K, u64)>,
    places: HashMap<K, u64>,
    /// How many turns were taken.
    turns: u64,
}

impl<K> Default for Line<K> {
    fn default() -> Self {
        Self {
            waiting: BTreeMap::new(),
            places: HashMap::new(),
            turns: 0,
        }
    }
}

impl<K: Clone + Eq + Hash> Line<K> {
    /// An account waits; one that waits already keeps its place. `number` is higher than that of those who came before.
    pub(super) fn join(&mut self, account: &K, number: u64) {
        let place = *self.places.entry(account.clone()).or_insert(number);
        let turns = self.turns;
        self.waiting
            .entry(place)
            .or_insert_with(|| (account.clone(), turns));
    }

    /// An account waits no longer.
    pub(super) fn leave(&mut self, account: &K) {
        if let Some(place) = self.places.remove(account) {
            self.waiting.remove(&place);
        }
    }

    /// A turn was taken.
    pub(super) fn count_turn(&mut self) {
        self.turns += 1;
    }

    /// Whoever has waited longest, if that was for long and it is their turn.
    pub(super) fn starving(&self) -> Option<&K> {
        let (_, (account, since)) = self.waiting.first_key_value()?;
        let long = self.turns - since >= LONG_WAIT;
        (long && self.turns.is_multiple_of(TURNS_FOR_ALL)).then_some(account)
    }
}
