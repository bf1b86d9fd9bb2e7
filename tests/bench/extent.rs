//! How much is measured.

use std::time::Duration;

/// How much is measured.
pub(crate) struct Extent {
    /// How often each program is run.
    pub(crate) runs: usize,
    /// For how long tokens are asked for over the socket.
    pub(crate) load: Duration,
    /// How many leases there are on one account at most, and how many readers that wait.
    pub(crate) leases: usize,
    pub(crate) readers: usize,
    /// How many accounts the simulated fleets have, the smallest first.
    pub(crate) fleets: &'static [u64],
    /// For how many days those are kept.
    pub(crate) days: u32,
    /// How many accounts one keeper keeps with its secrets in memory.
    pub(crate) accounts: usize,
    /// How many with its secrets in a keychain.
    pub(crate) accounts_in_keychain: usize,
    /// For how long those are watched; an access token of theirs lives for two minutes.
    pub(crate) live: Duration,
    /// For how long a keeper is left alone.
    pub(crate) idle: Duration,
}

/// What the goals are about.
pub(crate) const WHOLE: Extent = Extent {
    runs: 1000,
    load: Duration::from_secs(10),
    leases: 10_000,
    readers: 4_000,
    fleets: &[1_000, 10_000, 100_000],
    days: 30,
    accounts: 5000,
    accounts_in_keychain: 200,
    live: Duration::from_secs(300),
    idle: Duration::from_secs(180),
};

/// Enough to see that everything is measured.
pub(crate) const QUICK: Extent = Extent {
    runs: 100,
    load: Duration::from_secs(2),
    leases: 2_000,
    readers: 1_000,
    fleets: &[1_000, 10_000],
    days: 3,
    accounts: 500,
    accounts_in_keychain: 20,
    live: Duration::from_secs(100),
    idle: Duration::from_secs(20),
};
