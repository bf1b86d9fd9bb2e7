use std::time::Duration;

use proptest::prelude::*;
use tokenkeep_oauth::{Problem, RateLimit};

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn five_a_minute() -> Option<Quota> {
    Some(Quota {
        requests: 5,
        window: MINUTE,
        penalty: MINUTE,
    })
}

fn at(seconds: i64) -> Tick {
    Tick::from_millis(seconds * 1000)
}

fn not_sent() -> Reply {
    Reply::NotSent(Problem::new(ProblemKind::Connect, "no connection"))
}

fn urgency(class: Class, dies_at: Tick) -> Urgency {
    Urgency { dies_at, class }
}

fn pace() -> Pace<&'static str> {
    Pace::new(five_a_minute(), Remembered::default())
}

#[test]
fn one_accounts_schedule_uses_three_of_five_requests_a_minute() {
    let mut pace = pace();
    for second in 0..10 {
        pace.ask("a", urgency(Class::Background, at(100)));
        assert_eq!(pace.grant(at(second)).len(), usize::from(second < 3));
    }
    assert_eq!(pace.wake_at(at(10)), Some(at(66)));
    assert_eq!(pace.grant(at(66)), ["a"]);
}

#[test]
fn a_person_may_use_what_schedules_leave() {
    let mut pace = pace();
    for account in ["a", "b", "c", "d", "e", "f"] {
        pace.ask(account, urgency(Class::Background, at(100)));
    }
    assert_eq!(pace.grant(at(0)).len(), 4);
    pace.ask("me", urgency(Class::Person, at(3600)));
    assert_eq!(pace.grant(at(0)), ["me"]);
    pace.ask("me", urgency(Class::Person, at(3600)));
    assert!(pace.grant(at(1)).is_empty());
}

#[test]
fn a_person_who_signs_in_is_not_overtaken_for_ever_by_schedules_that_use_all_there_is() {
    let one_a_minute = Quota {
        requests: 1,
        window: MINUTE,
        penalty: MINUTE,
    };
    let mut pace = Pace::new(Some(one_a_minute), Remembered::default());
    for account in ["a", "b", "c"] {
        pace.ask(account, urgency(Class::Background, at(0)));
    }
    assert_eq!(pace.grant(at(0)).len(), 1);
    assert_eq!(pace.admit("me", at(30)), Err(at(66)));
    pace.reserve(at(67));
    // Whoever wakes first, the room is kept …
    assert!(pace.grant(at(66)).is_empty());
    assert_eq!(pace.wake_at(at(66)), Some(at(67)));
    assert_eq!(pace.admit("me", at(66)), Ok(()));
    assert_eq!(pace.wake_at(at(66)), Some(at(132)));
    assert_eq!(pace.grant(at(132)).len(), 1);
    // … and for no longer, if the person does not return.
    pace.reserve(at(199));
    assert!(pace.grant(at(198)).is_empty());
    assert_eq!(pace.grant(at(199)).len(), 1);
}

#[test]
fn the_token_that_dies_soonest_goes_first() {
    let mut pace = pace();
    pace.ask("late", urgency(Class::Background, at(300)));
    pace.ask("soon", urgency(Class::Background, at(100)));
    pace.ask("doubted", urgency(Class::Doubt, at(0)));
    assert_eq!(pace.grant(at(0)), ["doubted", "soon", "late"]);
}

#[test]
fn nothing_is_sent_in_a_penalty_window() {
    let mut pace = pace();
    pace.pause(at(60));
    pace.ask("a", urgency(Class::Person, at(0)));
    assert!(pace.grant(at(59)).is_empty());
    assert_eq!(pace.wake_at(at(59)), Some(at(60)));
    assert_eq!(pace.grant(at(60)), ["a"]);
}

#[test]
fn a_request_that_never_left_does_not_count() {
    let mut pace = pace();
    for second in 0..20 {
        pace.ask("a", urgency(Class::Background, at(100)));
        assert_eq!(pace.grant(at(second)), ["a"]);
        assert_eq!(pace.sending(&"a", at(second)), Ok(()));
        pace.learn(&"a", at(second), &not_sent(), at(second));
    }
}

#[test]
fn whoever_waits_is_let_in_when_a_request_turns_out_not_to_have_been_sent() {
    let mut pace = pace();
    for account in ["a", "b", "c", "d"] {
        pace.ask(account, urgency(Class::Background, at(100)));
    }
    assert_eq!(pace.grant(at(0)).len(), 4);
    pace.ask("e", urgency(Class::Background, at(100)));
    assert!(pace.grant(at(0)).is_empty());
    pace.unused(&"a");
    assert_eq!(pace.wake_at(at(1)), Some(at(1)));
    assert_eq!(pace.grant(at(1)), ["e"]);
}

#[test]
fn what_was_not_sent_is_told_from_what_the_account_sent_since() {
    let mut pace = pace();
    assert!(pace.sending(&"a", at(0)).is_ok());
    assert!(pace.admit("a", at(10)).is_ok());
    pace.learn(&"a", at(0), &not_sent(), at(0));
    let counted = pace.remembered(at(11)).sent;
    assert_eq!(
        counted.iter().map(|sent| sent.at).collect::<Vec<_>>(),
        [at(10)]
    );
}

#[test]
fn a_wake_up_that_comes_late_is_not_lost() {
    let mut pace = pace();
    for second in 0..5 {
        pace.ask("a", urgency(Class::Background, at(100)));
        pace.grant(at(second));
    }
    assert_eq!(pace.wake_at(at(67)), Some(at(67)));
}

#[test]
fn what_was_granted_before_a_pause_is_not_sent_in_it() {
    let mut pace = pace();
    pace.ask("a", urgency(Class::Background, at(100)));
    assert_eq!(pace.grant(at(0)), ["a"]);
    pace.pause(at(60));
    assert_eq!(pace.sending(&"a", at(2)), Err(at(60)));
    // It was never sent, so it does not count.
    assert!(pace.remembered(at(2)).sent.is_empty());
}

#[test]
fn a_request_counts_from_when_it_is_sent() {
    let mut pace = pace();
    pace.ask("a", urgency(Class::Background, at(100)));
    assert_eq!(pace.grant(at(0)), ["a"]);
    assert_eq!(pace.sending(&"a", at(30)), Ok(()));
    assert_eq!(pace.remembered(at(70)).sent.len(), 1);
}

#[test]
fn asking_again_replaces_the_first_wish() {
    let mut pace = pace();
    pace.ask("a", urgency(Class::Background, at(100)));
    pace.ask("a", urgency(Class::Person, at(100)));
    assert_eq!(pace.grant(at(0)), ["a"]);
    assert!(pace.grant(at(0)).is_empty());
}

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

#[test]
fn of_hundreds_that_wait_the_tokens_that_die_soonest_are_renewed_first() {
    let mut pace = Pace::new(five_a_minute(), Remembered::default());
    for account in 0..300u32 {
        let dies_at = at(i64::from(account * 7919 % 300));
        pace.ask(account, urgency(Class::Background, dies_at));
    }
    let mut served = Vec::new();
    let mut now = at(0);
    while served.len() < 300 {
        served.extend(pace.grant(now).iter().map(|account| account * 7919 % 300));
        now = pace.wake_at(now).unwrap_or(now);
    }
    assert!(served.is_sorted());
    // Four in every window and its slack, and no time is lost between.
    assert_eq!(now, at(66 * (300 / 4 - 1)));
}

/// What may happen to a pace.
#[derive(Clone, Debug)]
enum Step {
    Ask(u8, u8),
    Refused,
    Unused(u8),
    Announced { limit: u32, remaining: u32 },
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0u8..6, 0u8..3).prop_map(|(account, class)| Step::Ask(account, class)),
        1 => Just(Step::Refused),
        1 => (0u8..6).prop_map(Step::Unused),
        1 => (1u32..12, 0u32..12)
            .prop_map(|(limit, remaining)| Step::Announced { limit, remaining }),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #[test]
    fn no_minute_sees_more_requests_than_the_quota(
        wishes in prop::collection::vec((0u8..6, 0u8..3, 0i64..20), 1..200)
    ) {
        let mut pace = Pace::new(five_a_minute(), Remembered::default());
        let mut now = at(0);
        let mut granted: Vec<Tick> = Vec::new();
        for (account, class, seconds) in wishes {
            now = now + Duration::from_secs(seconds.unsigned_abs());
            let class = [Class::Background, Class::Doubt, Class::Person][usize::from(class)];
            pace.ask(account, urgency(class, now + MINUTE));
            granted.extend(pace.grant(now).iter().map(|_| now));
            let recent = granted.iter().filter(|sent| now.since(**sent) < MINUTE).count();
            prop_assert!(recent <= 5);
            if let Some(wake) = pace.wake_at(now) {
                prop_assert!(wake > now);
            }
        }
    }

    #[test]
    fn whatever_is_learned_no_window_sees_more_than_the_quota_or_the_announcement_and_nobody_starves(
        steps in prop::collection::vec((step(), 0i64..40), 1..200)
    ) {
        let mut pace = Pace::new(five_a_minute(), Remembered::default());
        let mut now = at(0);
        let mut granted: Vec<(Tick, u8)> = Vec::new();
        let mut announced = usize::MAX;
        for (step, seconds) in steps {
            now = now + Duration::from_secs(seconds.unsigned_abs());
            match step {
                Step::Ask(account, class) => {
                    let class = [Class::Background, Class::Doubt, Class::Person][usize::from(class)];
                    pace.ask(account, urgency(class, now + MINUTE));
                }
                Step::Refused => {
                    pace.throttled(now, now);
                    pace.pause(now + MINUTE);
                }
                Step::Unused(account) => {
                    pace.unused(&account);
                    if let Some(index) = granted.iter().rposition(|(_, sent)| *sent == account) {
                        granted.remove(index);
                    }
                }
                Step::Announced { limit, remaining } => {
                    let remaining = remaining.min(limit);
                    pace.allowance.announced(RateLimit { limit, remaining, window: MINUTE }, now, now);
                    announced = limit as usize;
                }
                Step::Restart => {
                    let wishes: Vec<_> = pace.wishes.iter().map(|(a, wish)| (*a, *wish)).collect();
                    pace = Pace::new(five_a_minute(), pace.remembered(now));
                    for (account, (class, dies_at, _)) in wishes {
                        pace.ask(account, urgency(class, dies_at));
                    }
                    granted.iter_mut().for_each(|(_, account)| *account = u8::MAX);
                }
            }
            let before = granted.len();
            granted.extend(pace.grant(now).iter().map(|account| (now, *account)));
            let recent = granted.iter().filter(|(sent, _)| now.since(*sent) < MINUTE).count();
            prop_assert!(recent <= 5);
            prop_assert!(granted.len() == before || recent <= announced);
            if let Some(wake) = pace.wake_at(now) {
                prop_assert!(wake > now);
            }
        }
        // Left to itself, it lets everybody go in the end.
        for _ in 0..2000 {
            let Some(wake) = pace.wake_at(now) else { break };
            now = wake;
            pace.grant(now);
        }
        prop_assert_eq!(pace.wake_at(now), None);
    }
}
