//! What holds of a pace whatever happens to it.

use proptest::prelude::*;
use tokenkeep_oauth::RateLimit;

use super::*;

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
