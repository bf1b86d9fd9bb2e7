//! When a token is renewed, and how long a failure is waited out. Pure arithmetic.

use std::time::Duration;

/// The life of an access token whose provider names none (RFC 6749, 5.1 leaves it to documentation;
/// an hour is what most providers document).
pub const ASSUMED_LIFETIME: Duration = Duration::from_secs(3600);

/// How long a plain read holds its token: time to use it once.
pub const PLAIN_LEASE: Duration = Duration::from_secs(2);

/// What is left over after request and drain, when a deferral ends: a second attempt's time.
const LAST_SAFE_RESERVE: Duration = Duration::from_secs(10);

/// How long a keeper that has just started gives the holders of leases to take them up again: they look
/// for it several times a second (`tokenkeep exec` does), and a machine that is busy starting up may
/// make them late. No token dies of it, for the last safe moment ends the wait.
pub const HOLDERS_RETURN: Duration = Duration::from_secs(5);

/// The least time between two attempts that no person asked for: a token that dies at once must not
/// make a loop.
pub(super) const LEAST_GAP: Duration = Duration::from_secs(5);

/// How long readers of a rotated but unsaved set are held back before they are served all the same.
pub const UNSAVED_HOLD: Duration = Duration::from_secs(10);

/// With a reader waiting, no back-off is longer than this (the pace of the client still applies).
const BACK_OFF_WITH_READERS: Duration = Duration::from_secs(5);

/// In doubt that is four requests of the five that a minute may have, so that one is left for a person.
const REPLAY_WITH_READERS: Duration = Duration::from_secs(15);

/// With a reader waiting, the keychain is asked again after this: it is on this machine.
pub(super) const VAULT_WITH_READERS: Duration = Duration::from_secs(5);

/// After a wake-up, failures of this long are no news: networks take a while to come back.
pub(super) const QUIET_AFTER_WAKE: Duration = Duration::from_secs(120);

/// How long an account whose set-up the provider refuses is left alone: it may have been mended in the
/// provider's console, and asking costs quota.
pub(super) const MENDED_RETRY: Duration = Duration::from_secs(600);

/// Steps of the back-off after a failure that left the current token alive, in seconds.
const BACK_OFF: [u64; 7] = [2, 5, 10, 20, 30, 60, 120];

/// Steps of the replay of an attempt in doubt, in seconds: shorter, because nobody is served meanwhile.
/// With the quota of five a minute these are four replays within the first half minute.
const REPLAY: [u64; 6] = [1, 4, 10, 15, 30, 60];

/// How long before its death a token of this lifetime is renewed.
#[must_use]
pub fn margin(lifetime: Duration) -> Duration {
    (lifetime / 5)
        .clamp(Duration::from_secs(30), Duration::from_secs(600))
        .min(lifetime / 2)
}

/// The longest validity that can be asked of tokens of this lifetime: more than that is left only in
/// the moments after a renewal.
#[must_use]
pub fn longest_validity(lifetime: Duration) -> Duration {
    lifetime.saturating_sub(margin(lifetime))
}

/// How long before a token's end what begins may still be in time: request, drain, and some time more.
pub(super) fn ahead_of_the_end(request_time_limit: Duration) -> Duration {
    request_time_limit + PLAIN_LEASE + LAST_SAFE_RESERVE
}

/// How long to wait after the `failures`-th failure in a row (from 1).
pub(super) fn back_off(failures: u32, seed: u64, readers_wait: bool) -> Duration {
    let wait = step(&BACK_OFF, failures, seed);
    if readers_wait {
        wait.min(BACK_OFF_WITH_READERS)
    } else {
        wait
    }
}

/// How long to wait before the `failures`-th replay (from 1) of an attempt in doubt.
pub(super) fn replay_back_off(failures: u32, seed: u64, readers_wait: bool) -> Duration {
    let wait = step(&REPLAY, failures, seed);
    if readers_wait {
        wait.min(REPLAY_WITH_READERS)
    } else {
        wait
    }
}

/// How long to wait before the vault is tried again.
pub(super) fn save_back_off(failures: u32, seed: u64) -> Duration {
    step(&[1, 2, 5, 10, 30], failures, seed)
}

/// The `nth` step (from 1; the last one repeats), and up to a tenth more.
fn step(steps: &[u64], nth: u32, seed: u64) -> Duration {
    let index = usize::try_from(nth.saturating_sub(1))
        .unwrap_or(usize::MAX)
        .min(steps.len() - 1);
    let wait = Duration::from_secs(steps[index]);
    wait + spread(wait / 10, seed.rotate_left(nth))
}

/// A stable part of `most`, drawn from `seed`.
pub(super) fn spread(most: Duration, seed: u64) -> Duration {
    let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(millis / 1024 * (seed % 1024) + millis % 1024 * (seed % 1024) / 1024)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_margin_is_a_fifth_of_the_lifetime_within_its_bounds() {
        assert_eq!(margin(3600 * SECOND), 600 * SECOND);
        assert_eq!(margin(600 * SECOND), 120 * SECOND);
        assert_eq!(margin(120 * SECOND), 30 * SECOND);
        assert_eq!(margin(24 * 3600 * SECOND), 600 * SECOND);
    }

    #[test]
    fn a_short_lived_token_is_used_for_half_its_life_at_least() {
        assert_eq!(margin(40 * SECOND), 20 * SECOND);
        assert_eq!(margin(SECOND), SECOND / 2);
        assert_eq!(margin(Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn with_a_reader_waiting_no_back_off_exceeds_five_seconds() {
        assert!(back_off(9, 77, true) <= 5 * SECOND);
        assert!(back_off(9, 77, false) >= 120 * SECOND);
    }

    proptest! {
        #[test]
        fn a_wait_grows_with_failures_and_exceeds_its_step_by_a_tenth_at_most(seed: u64, nth in 1u32..40) {
            let wait = back_off(nth, seed, false);
            prop_assert!(wait >= 2 * SECOND && wait <= 132 * SECOND);
        }

        #[test]
        fn the_longest_validity_leaves_a_margin(seconds in 0u64..1_000_000) {
            let life = Duration::from_secs(seconds);
            prop_assert_eq!(longest_validity(life) + margin(life), life);
        }
    }
}
