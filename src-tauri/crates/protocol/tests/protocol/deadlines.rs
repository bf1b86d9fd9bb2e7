//! An account names the moment at which it next wants to be woken. Each of its deadlines has a test here in which no
//! other comes sooner, so that one that is left out of [`Account::wake_at`] is missed.
//!
//! [`Account::wake_at`]: tokenkeep_protocol::account::Account::wake_at

mod notices;
mod obstacles;
mod writes;

use tokenkeep_protocol::account::{
    Answer, Effect, Event, LeaseEnd, LeaseNews, Newer, NotServed, Want,
};

use crate::heart::{Heart, asks_pace, locked, throttled, tokens};
use crate::support::{MINUTE, SECOND, asked, leasing};

fn answer(effects: &[Effect]) -> Option<&Answer> {
    effects.iter().find_map(|effect| match effect {
        Effect::Answer { answer, .. } => Some(answer),
        _ => None,
    })
}

#[test]
fn it_is_woken_to_read_its_record_again() {
    let mut heart = Heart::of_a_person();
    heart.happens(Event::Timeout);
    heart.happens(Event::Loaded(Err(locked())));
    let effects = heart.woken_at(SECOND);
    assert!(matches!(effects[..], [Effect::Load]), "{effects:?}");
}

#[test]
fn it_is_woken_when_its_token_is_due() {
    let mut heart = Heart::signed_in();
    asks_pace(&heart.woken_at(50 * MINUTE));
}

#[test]
fn it_is_woken_when_the_last_plain_read_is_over_for_which_a_renewal_waits() {
    let mut heart = Heart::signed_in();
    heart.woken_at(50 * MINUTE);
    let effects = heart.is_asked(Want::default());
    assert!(matches!(answer(&effects), Some(Ok(_))), "{effects:?}");
    heart.happens(Event::MaySend);
    let effects = heart.woken_at(50 * MINUTE + 2 * SECOND);
    assert!(matches!(effects[..], [Effect::Save { .. }]), "{effects:?}");
}

#[test]
fn it_is_woken_when_a_reader_has_waited_long_enough() {
    let mut heart = Heart::with_an_assertion();
    heart.is_replied(throttled(4 * MINUTE));
    heart.is_asked(asked());
    let effects = heart.woken_at(30 * SECOND);
    assert!(
        matches!(answer(&effects), Some(Err(NotServed::OutOfTime(_)))),
        "{effects:?}"
    );
}

#[test]
fn it_is_woken_when_a_lease_runs_out() {
    let mut heart = Heart::signed_in();
    heart.is_asked(leasing(Some(5 * MINUTE)));
    let effects = heart.woken_at(5 * MINUTE);
    let [Effect::TellHolder { news, .. }] = effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(news, LeaseNews::Ended(LeaseEnd::RanOut));
}

#[test]
fn it_is_woken_when_nobody_uses_a_session_any_more_that_was_replaced() {
    let mut heart = Heart::with_an_assertion();
    heart.is_given(tokens());
    heart.happens_at(MINUTE, Event::Timeout);
    heart.is_asked(Want {
        newer: Some(Newer::SignIn),
        ..Want::default()
    });
    let effects = heart.is_given(tokens());
    assert!(matches!(answer(&effects), Some(Ok(_))), "{effects:?}");
    let effects = heart.woken_at(MINUTE + 2 * SECOND);
    assert!(matches!(effects[..], [Effect::Revoke(_)]), "{effects:?}");
}
