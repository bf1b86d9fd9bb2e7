//! What is learned from replies: refusals, and what the provider announces.

use tokenkeep_oauth::RateLimit;

use super::*;

/// A pace at which `requests` may go at once, found out by asking for many.
fn granted_at_once(pace: &mut Pace<u32>, now: Tick) -> usize {
    for account in 0..50 {
        pace.ask(account, urgency(Class::Person, now));
    }
    let granted = pace.grant(now);
    for account in 0..50 {
        pace.withdraw(&account);
    }
    granted.len()
}

fn throttled(pace: &mut Pace<u32>, now: Tick) {
    pace.throttled(now, now);
    pace.pause(now + MINUTE);
}

#[test]
fn a_refusal_halves_the_pace_and_half_an_hour_makes_it_whole_again() {
    let mut pace = Pace::new(five_a_minute(), Remembered::default());
    assert_eq!(granted_at_once(&mut pace, at(0)), 5);
    throttled(&mut pace, at(1));
    let minutes = |n: i64| at(1 + 60 * n);
    assert_eq!(granted_at_once(&mut pace, minutes(2)), 2);
    assert_eq!(granted_at_once(&mut pace, minutes(8)), 3);
    assert_eq!(granted_at_once(&mut pace, minutes(20)), 4);
    assert_eq!(granted_at_once(&mut pace, minutes(31)), 5);
}

#[test]
fn refusals_in_a_row_cut_on_and_leave_one_request_a_window() {
    let mut pace = Pace::new(five_a_minute(), Remembered::default());
    for minutes in 0..6 {
        let now = at(180 * minutes);
        assert!(granted_at_once(&mut pace, now) >= 1);
        throttled(&mut pace, now + Duration::from_secs(1));
    }
    assert_eq!(granted_at_once(&mut pace, at(180 * 6)), 1);
}

#[test]
fn what_was_sent_before_the_pace_was_cut_does_not_cut_it_again() {
    let mut pace = Pace::new(five_a_minute(), Remembered::default());
    assert_eq!(granted_at_once(&mut pace, at(0)), 5);
    for _ in 0..5 {
        pace.throttled(at(0), at(1));
    }
    assert_eq!(granted_at_once(&mut pace, at(67)), 2);
}

#[test]
fn without_a_quota_the_pace_that_was_refused_is_halved_until_it_is_whole_again() {
    let mut pace = Pace::new(None, Remembered::default());
    assert_eq!(granted_at_once(&mut pace, at(0)), 50);
    throttled(&mut pace, at(1));
    assert_eq!(granted_at_once(&mut pace, at(70)), 25);
    assert_eq!(granted_at_once(&mut pace, at(140 + 30 * 60)), 50);
}

#[test]
fn a_pace_that_was_made_up_does_not_come_back_once_the_quota_is_known() {
    let mut pace = Pace::new(None, Remembered::default());
    assert_eq!(granted_at_once(&mut pace, at(0)), 50);
    throttled(&mut pace, at(1));
    let limit = RateLimit {
        limit: 100,
        remaining: 99,
        window: MINUTE,
    };
    pace.allowance.announced(limit, at(70), at(70));
    let hour = 3600;
    throttled(&mut pace, at(hour));
    assert_eq!(granted_at_once(&mut pace, at(hour + 70)), 50);
}

#[test]
fn what_the_provider_announces_limits_a_client_without_a_quota() {
    let mut pace = Pace::new(None, Remembered::default());
    assert!(pace.sending(&0, at(0)).is_ok());
    let limit = RateLimit {
        limit: 10,
        remaining: 9,
        window: MINUTE,
    };
    pace.allowance.announced(limit, at(0), at(0));
    assert_eq!(granted_at_once(&mut pace, at(1)), 9);
    assert_eq!(granted_at_once(&mut pace, at(100)), 10);
}

#[test]
fn no_announcement_lifts_the_pace_above_the_quota() {
    let mut pace = Pace::new(five_a_minute(), Remembered::default());
    assert!(pace.sending(&0, at(0)).is_ok());
    let limit = RateLimit {
        limit: 100,
        remaining: 99,
        window: MINUTE,
    };
    pace.allowance.announced(limit, at(0), at(0));
    assert_eq!(granted_at_once(&mut pace, at(1)), 4);
}

#[test]
fn an_announcement_that_nobody_can_mean_stops_nothing() {
    let seconds = Duration::from_secs;
    let windows = [Duration::ZERO, seconds(60_000), seconds(u32::MAX.into())];
    let wrong = windows.map(|window| (5, window)).into_iter();
    for (limit, window) in wrong.chain([(0, MINUTE)]) {
        let mut pace = Pace::new(None, Remembered::default());
        assert!(pace.sending(&0, at(0)).is_ok());
        let remaining = 0;
        pace.allowance.announced(
            RateLimit {
                limit,
                remaining,
                window,
            },
            at(0),
            at(0),
        );
        assert_eq!(granted_at_once(&mut pace, at(1)), 50);
        assert_eq!(pace.remembered(at(1)), Remembered::default());
    }
}

#[test]
fn what_others_used_up_is_waited_for() {
    let mut pace = Pace::new(five_a_minute(), Remembered::default());
    assert!(pace.sending(&0, at(0)).is_ok());
    let limit = RateLimit {
        limit: 5,
        remaining: 1,
        window: MINUTE,
    };
    pace.allowance.announced(limit, at(0), at(0));
    pace.ask(1, urgency(Class::Background, at(0)));
    // The last one is left for a person.
    assert!(pace.grant(at(1)).is_empty());
    assert_eq!(pace.wake_at(at(1)), Some(at(60)));
    assert_eq!(granted_at_once(&mut pace, at(2)), 1);
    pace.ask(1, urgency(Class::Background, at(0)));
    assert_eq!(pace.grant(at(60)), [1]);
}

#[test]
fn an_answer_that_was_overtaken_does_not_bring_back_what_was_used_up() {
    let mut pace = Pace::new(None, Remembered::default());
    assert!(pace.sending(&0, at(0)).is_ok());
    assert!(pace.sending(&1, at(1)).is_ok());
    let left = |remaining| RateLimit {
        limit: 5,
        remaining,
        window: MINUTE,
    };
    pace.allowance.announced(left(0), at(1), at(2));
    pace.allowance.announced(left(4), at(0), at(3));
    assert_eq!(granted_at_once(&mut pace, at(4)), 0);
}

#[test]
fn what_was_learned_survives_a_restart() {
    let mut pace = Pace::new(None, Remembered::default());
    assert_eq!(granted_at_once(&mut pace, at(0)), 50);
    throttled(&mut pace, at(1));
    let mut pace = Pace::new(None, pace.remembered(at(2)));
    assert_eq!(pace.paused(at(2)), Some(at(61)));
    assert_eq!(granted_at_once(&mut pace, at(70)), 25);
}
