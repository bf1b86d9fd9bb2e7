//! Reading the clocks: the one that decisions are made on counts through sleep, and nobody can set it.

use std::sync::OnceLock;

use chrono::Utc;
use tokenkeep_protocol::clock::{Now, Tick};

/// Reads both clocks.
#[must_use]
pub(crate) fn now() -> Now {
    let boot = boot_time::Instant::now();
    Now {
        tick: since_origin(boot),
        wall: Utc::now(),
    }
}

/// The origin is the first reading in this process: only differences matter.
fn since_origin(boot: boot_time::Instant) -> Tick {
    static ORIGIN: OnceLock<boot_time::Instant> = OnceLock::new();
    let origin = *ORIGIN.get_or_init(|| boot);
    Tick::from_millis(0) + boot.saturating_duration_since(origin)
}
