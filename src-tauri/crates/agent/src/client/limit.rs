//! How long an answer may take.

use std::time::Duration;

use tokenkeep_keeper::keeper::DEFAULT_WAIT;

/// How long the keeper may take beyond what a request waits for: it may have to wait for the keychain, twice.
pub(super) const SLACK: Duration = Duration::from_secs(25);

/// How long to wait for the answer to a request that waits so many seconds.
pub(super) fn limit(wait: Option<u64>) -> Duration {
    wait.map_or(DEFAULT_WAIT, Duration::from_secs)
        .saturating_add(SLACK)
}
