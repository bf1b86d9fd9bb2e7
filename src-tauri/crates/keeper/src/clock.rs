//! Reads the clocks. The one for decisions counts through sleep and cannot be set.

use std::sync::OnceLock;
use std::time::Duration;

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

/// Sleeps until `wake`, or for ever if there is none.
pub(crate) async fn sleep_until(wake: Option<Tick>) {
    match wake {
        // A millisecond more, because ticks are less precise than the timer.
        Some(wake) => {
            tokio::time::sleep(now().tick.until(wake) + Duration::from_millis(1)).await;
        }
        None => std::future::pending().await,
    }
}
