//! What was done, counted.

use std::collections::BTreeMap;
use std::fmt;

use crate::way::Way;

/// What a round came to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Checked {
    /// Tokens of every account after the restart.
    pub(crate) after_restart: usize,
    /// Tokens that programs got and used before the kill.
    pub(crate) under_load: usize,
    /// How often the keychain's daemon ended by itself.
    pub(crate) keyring_crashes: usize,
}

#[derive(Default)]
pub(crate) struct Tally {
    ways: BTreeMap<Way, usize>,
    after_restart: usize,
    under_load: usize,
    keyring_crashes: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, way: Way, checked: Checked) {
        *self.ways.entry(way).or_default() += 1;
        self.after_restart += checked.after_restart;
        self.under_load += checked.under_load;
        self.keyring_crashes += checked.keyring_crashes;
    }

    pub(crate) fn rounds(&self) -> usize {
        self.ways.values().sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ways: Vec<String> = self
            .ways
            .iter()
            .map(|(way, rounds)| format!("{way:?} {rounds}"))
            .collect();
        write!(
            f,
            "Killed in {} rounds ({}). {} tokens were asked for after a restart and {} under load, \
             and the resource accepted them all; no sign-in. The keychain's own daemon crashed {} times.",
            self.rounds(),
            ways.join(", "),
            self.after_restart,
            self.under_load,
            self.keyring_crashes
        )
    }
}
