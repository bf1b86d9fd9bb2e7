//! Woken for writes to the vault that failed.

use tokenkeep_protocol::account::{Effect, Event, News};

use crate::heart::{Heart, save, tokens};
use crate::support::SECOND;

#[track_caller]
fn writes_again(effects: &[Effect]) {
    assert!(matches!(effects, [Effect::Save { .. }]), "{effects:?}");
}

/// A set came that the vault did not take in the ten seconds that readers were held back.
fn unsaved() -> Heart {
    let mut heart = Heart::of_a_person();
    let mut write = heart.signs_in(tokens());
    for retry_at in [1, 3, 8] {
        heart.not_saved(write);
        write = save(&heart.woken_at(retry_at * SECOND));
    }
    heart.not_saved(write);
    let effects = heart.woken_at(10 * SECOND);
    let is_unsaved =
        |effect: &Effect| matches!(effect, Effect::Tell(News::Renewed { unsaved: true, .. }));
    assert!(effects.iter().any(is_unsaved), "{effects:?}");
    heart
}

#[test]
fn it_is_woken_to_save_a_set_again_that_it_received() {
    let mut heart = Heart::of_a_person();
    let write = heart.signs_in(tokens());
    heart.not_saved(write);
    writes_again(&heart.woken_at(SECOND));
}

#[test]
fn it_is_woken_to_save_a_set_again_that_is_served_unsaved() {
    writes_again(&unsaved().woken_at(18 * SECOND));
}

#[test]
fn it_is_woken_to_serve_unsaved_what_was_held_back_for_ten_seconds() {
    let mut heart = Heart::of_a_person();
    heart.signs_in(tokens());
    let effects = heart.woken_at(10 * SECOND);
    assert!(!effects.is_empty());
}

#[test]
fn it_is_woken_to_write_its_times_again_after_the_clock_was_set() {
    let mut heart = Heart::signed_in();
    let write = save(&heart.happens(Event::ClockSet));
    heart.not_saved(write);
    writes_again(&heart.woken_at(SECOND));
}
