//! Where the provider gets the time from. The state never reads a clock: it is told the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A point in time: the time since the provider's clock began.
pub type Moment = Duration;

/// The provider's clock.
pub trait Clock: Send + Sync + 'static {
    /// The time since this clock began. Never goes back.
    fn now(&self) -> Moment;

    /// The time of day. Only the `exp` of an assertion is compared with it.
    fn wall(&self) -> SystemTime;
}

/// The real clock. It counts through sleep, as the clock of a real provider does.
#[derive(Debug)]
pub struct BootClock {
    began: boot_time::Instant,
}

impl Default for BootClock {
    fn default() -> Self {
        Self {
            began: boot_time::Instant::now(),
        }
    }
}

impl Clock for BootClock {
    fn now(&self) -> Moment {
        self.began.elapsed()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A clock that stands still until it is moved, for tests. Clones share the time.
#[derive(Debug, Clone, Default)]
pub struct DrivenClock {
    milliseconds: Arc<AtomicU64>,
}

impl DrivenClock {
    /// The time of day at which every driven clock begins, in seconds since 1970.
    pub const BEGAN: u64 = 1_800_000_000;

    /// Moves the time forward, to the millisecond.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.milliseconds.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for DrivenClock {
    fn now(&self) -> Moment {
        Duration::from_millis(self.milliseconds.load(Ordering::SeqCst))
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(Self::BEGAN) + self.now()
    }
}
