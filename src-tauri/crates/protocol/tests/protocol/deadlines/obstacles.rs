//! Woken when the last obstacle to a renewal that is wanted goes away.

use std::time::Duration;

use tokenkeep_oauth::{ProblemKind, Reply, TokenResponse};
use tokenkeep_protocol::account::{Event, HOLDERS_RETURN};

use crate::heart::{Heart, asks_pace, problem, save, throttled, tokens};
use crate::support::{MINUTE, SECOND, leasing};

/// When a token of an hour is due, and when the last safe moment to renew it has come.
const DUE: Duration = Duration::from_secs(50 * 60);
const LAST_SAFE: Duration = Duration::from_secs(3600 - 30 - 12);

/// The pace lets a renewal go, but the vault does not take its mark.
fn not_marked(heart: &mut Heart) {
    let write = save(&heart.happens(Event::MaySend));
    heart.not_saved(write);
}

#[test]
fn it_is_woken_when_a_wrong_set_up_is_worth_another_try() {
    let mut heart = Heart::with_an_assertion();
    heart.is_replied(Reply::Misconfigured(problem(ProblemKind::InvalidClient)));
    asks_pace(&heart.woken_at(10 * MINUTE));
}

#[test]
fn it_is_woken_when_a_pause_of_the_provider_is_over() {
    let mut heart = Heart::with_an_assertion();
    heart.is_replied(throttled(4 * MINUTE));
    asks_pace(&heart.woken_at(4 * MINUTE));
}

#[test]
fn it_is_woken_when_a_back_off_is_over() {
    let mut heart = Heart::signed_in();
    heart.woken_at(DUE);
    heart.is_replied(Reply::outcome_unknown(problem(ProblemKind::Timeout)));
    asks_pace(&heart.woken_at(DUE + SECOND));
}

#[test]
fn it_is_woken_when_it_keeps_its_distance_from_the_last_attempt() {
    let mut heart = Heart::with_an_assertion();
    // Its back-off is shorter.
    heart.is_replied(Reply::NotSent(problem(ProblemKind::Connect)));
    asks_pace(&heart.woken_at(5 * SECOND));
}

#[test]
fn it_is_woken_to_mark_a_refresh_again() {
    let mut heart = Heart::signed_in();
    heart.woken_at(DUE);
    not_marked(&mut heart);
    asks_pace(&heart.woken_at(DUE + SECOND));
}

#[test]
fn it_is_woken_at_the_last_safe_moment_whatever_the_keychain_does() {
    let mut heart = Heart::signed_in();
    heart.woken_at(DUE);
    heart.happens_at(LAST_SAFE - SECOND / 2, Event::Timeout);
    not_marked(&mut heart);
    asks_pace(&heart.woken_at(LAST_SAFE));
}

#[test]
fn it_is_woken_at_the_last_safe_moment_of_a_leased_token() {
    let mut heart = Heart::signed_in();
    heart.is_asked(leasing(None));
    asks_pace(&heart.woken_at(LAST_SAFE));
}

#[test]
fn it_is_woken_when_the_assertion_takes_over_which_kills_no_leased_token() {
    let mut heart = Heart::with_an_assertion();
    heart.is_given(TokenResponse {
        refresh_token_expires_in: Some(55 * MINUTE),
        ..tokens()
    });
    heart.is_asked(leasing(None));
    asks_pace(&heart.woken_at(55 * MINUTE));
}

#[test]
fn it_is_woken_when_the_holders_of_leases_had_their_time_to_return() {
    let mut heart = Heart::started_again(DUE + MINUTE);
    asks_pace(&heart.woken_at(HOLDERS_RETURN));
}

#[test]
fn it_is_woken_at_the_last_safe_moment_although_holders_may_still_return() {
    let mut heart = Heart::started_again(LAST_SAFE - 3 * SECOND);
    asks_pace(&heart.woken_at(3 * SECOND));
}
