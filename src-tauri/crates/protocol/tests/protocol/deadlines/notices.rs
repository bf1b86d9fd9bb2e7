//! Woken to tell the user something.

use tokenkeep_oauth::TokenResponse;
use tokenkeep_protocol::account::{Cause, Effect, Event, NoticeKind, Topic};

use crate::heart::{Heart, throttled, tokens};
use crate::support::{MINUTE, SECOND};

#[track_caller]
fn tells(effects: &[Effect], kind: NoticeKind) {
    let told = match effects {
        [Effect::Notify(notice)] => Some(notice.key.kind()),
        _ => None,
    };
    assert_eq!(told, Some(kind), "{effects:?}");
}

/// An account with a token of an hour that nothing can renew.
fn without_a_refresh_token() -> Heart {
    let mut heart = Heart::of_a_person();
    let write = heart.signs_in(TokenResponse {
        refresh_token: None,
        ..tokens()
    });
    heart.saved(write);
    heart
}

/// Two attempts failed since the token was due, and the provider wants to be left alone for most of its life.
fn failing() -> Heart {
    let mut heart = Heart::signed_in();
    heart.woken_at(50 * MINUTE);
    heart.is_replied(throttled(10 * SECOND));
    heart.woken_at(50 * MINUTE + 10 * SECOND);
    heart.is_replied(throttled(9 * MINUTE));
    heart
}

#[test]
fn it_is_woken_ahead_of_a_lapse() {
    let effects = without_a_refresh_token().woken_at(45 * MINUTE);
    tells(&effects, NoticeKind::Ahead(Cause::NoRefreshToken));
}

#[test]
fn it_is_woken_when_its_last_token_ends() {
    let mut heart = without_a_refresh_token();
    heart.woken_at(45 * MINUTE);
    tells(
        &heart.woken_at(60 * MINUTE),
        NoticeKind::About(Topic::SignInNeeded),
    );
}

#[test]
fn it_is_woken_when_failures_have_brought_its_token_near_its_end() {
    let effects = failing().woken_at(55 * MINUTE);
    tells(&effects, NoticeKind::About(Topic::RenewalFailing));
}

#[test]
fn it_is_woken_when_failures_are_news_again_after_a_wake_up_of_the_machine() {
    let mut heart = failing();
    heart.happens_at(54 * MINUTE, Event::Woke);
    tells(
        &heart.woken_at(56 * MINUTE),
        NoticeKind::About(Topic::RenewalFailing),
    );
}
