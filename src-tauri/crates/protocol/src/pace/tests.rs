mod learning;
mod properties;

use std::time::Duration;

use tokenkeep_oauth::Problem;

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
    // After a while every fourth turn is of whoever has waited longest.
    let in_turn = |(turn, dies_at): (usize, &u32)| (turn < 16 || turn % 4 != 0).then_some(*dies_at);
    let by_end = served.iter().enumerate().filter_map(in_turn);
    assert!(by_end.is_sorted());
    // Four in every window and its slack at least, and no time is lost between.
    assert!(now <= at(66 * (300 / 4 - 1)));
}

#[test]
fn whoever_has_waited_longest_does_not_starve_behind_doubts_without_end() {
    let mut pace = Pace::new(five_a_minute(), Remembered::default());
    pace.ask(0, urgency(Class::Background, at(1_000_000)));
    let mut now = at(0);
    let mut turns = 0;
    loop {
        for doubt in 1..9 {
            pace.ask(doubt, urgency(Class::Doubt, now));
        }
        let granted = pace.grant(now);
        if granted.contains(&0) {
            break;
        }
        turns += granted.len();
        assert!(turns <= 20, "{turns} turns of others");
        now = pace.wake_at(now).unwrap_or(now);
    }
}
