//! Time, in two kinds.
//!
//! Decisions are made on a [`Tick`]: a clock that counts through sleep and that nobody can set. What
//! is stored and shown is wall-clock time (UTC). [`Now`] is one reading of both, and converts between
//! them; when the wall clock is set, the next reading has another relation and nothing else changes.

use std::ops::{Add, Sub};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// A moment on the clock that counts through sleep and cannot be set, in milliseconds from an
/// arbitrary origin. May lie before the origin: a token can be older than the machine's last boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(i64);

impl Tick {
    /// The moment `millis` milliseconds after the origin.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the origin.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// How long it is from `earlier` to this moment; zero where `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Tick) -> Duration {
        u64::try_from(self.0.saturating_sub(earlier.0))
            .map_or(Duration::ZERO, Duration::from_millis)
    }

    /// How long it is from this moment to `later`; zero where it has passed.
    #[must_use]
    pub fn until(self, later: Tick) -> Duration {
        later.since(self)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Add<Duration> for Tick {
    type Output = Tick;

    fn add(self, after: Duration) -> Tick {
        Tick(self.0.saturating_add(millis(after)))
    }
}

impl Sub<Duration> for Tick {
    type Output = Tick;

    fn sub(self, before: Duration) -> Tick {
        Tick(self.0.saturating_sub(millis(before)))
    }
}

/// One reading of both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The clock that decisions are made on.
    pub tick: Tick,
    /// The clock that is stored and shown.
    pub wall: DateTime<Utc>,
}

impl Now {
    /// The wall-clock time at `tick`, as the clock is set now.
    #[must_use]
    pub fn wall_at(self, tick: Tick) -> DateTime<Utc> {
        let delta = TimeDelta::milliseconds(tick.0.saturating_sub(self.tick.0));
        self.wall
            .checked_add_signed(delta)
            .unwrap_or(if delta < TimeDelta::zero() {
                DateTime::<Utc>::MIN_UTC
            } else {
                DateTime::<Utc>::MAX_UTC
            })
    }

    /// The tick at which the wall clock, as it is set now, shows `wall`.
    #[must_use]
    pub fn tick_at(self, wall: DateTime<Utc>) -> Tick {
        Tick(
            self.tick
                .0
                .saturating_add((wall - self.wall).num_milliseconds()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_time_survives_the_way_to_a_tick_and_back() {
        let now = Now {
            tick: Tick(5_000),
            wall: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
        };
        let before_boot = now.wall - TimeDelta::hours(3);
        assert_eq!(now.tick_at(before_boot), Tick(5_000 - 3 * 3_600_000));
        assert_eq!(now.wall_at(now.tick_at(before_boot)), before_boot);
    }

    #[test]
    fn a_span_that_runs_backwards_is_zero() {
        assert_eq!(Tick(1).since(Tick(5)), Duration::ZERO);
        assert_eq!(Tick(5).until(Tick(1)), Duration::ZERO);
        assert_eq!(Tick(5).since(Tick(1)), Duration::from_millis(4));
    }
}
