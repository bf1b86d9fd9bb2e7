//! What is and what is not known after a renewal whose reply was lost or makes no sense.

use std::time::Duration;

use tokenkeep_oauth::ProblemKind;
use tokenkeep_protocol::account::{NotServed, WaitedFor, Want};

use crate::model::network::{Fate, Then};
use crate::support::{
    BACK, MINUTE, SECOND, answer_lost, ask, asked, handout, is_alive, read, ringcentral, well,
};

fn spoilt(kind: ProblemKind) -> Fate {
    let carried_out = false;
    Fate::Arrives {
        after: BACK,
        then: Then::Spoilt { carried_out, kind },
    }
}

#[test]
fn a_lost_response_is_replayed_and_nobody_is_served_meanwhile() {
    let mut world = ringcentral();
    let first = read(&mut world);
    world.faults.fates.extend([answer_lost()]);
    ask(&mut world, asked());
    world.run_for(Duration::from_millis(2300));
    assert!(!is_alive(&world, &first));
    let waiting = world.ask(0, Want::default(), Duration::ZERO);
    let answer = world.readers.answer(waiting);
    assert!(
        matches!(
            answer,
            Some(Err(NotServed::OutOfTime(WaitedFor::InDoubt(_))))
        ),
        "{answer:?}"
    );
    let next = read(&mut world);
    assert!(is_alive(&world, &next));
    well(&world);
}

#[test]
fn life_counts_from_the_first_request_when_a_replay_answers() {
    let mut world = ringcentral();
    let sent = world.now;
    world.faults.fates.extend([answer_lost()]);
    // The replays do not get through for ten minutes.
    let not_sent = || Fate::NotSent { after: BACK };
    world
        .faults
        .fates
        .extend(std::iter::repeat_with(not_sent).take(12));
    ask(&mut world, asked());
    world.run_for(20 * MINUTE);
    let next = read(&mut world);
    assert!(next.expires_at.since(sent) < 61 * MINUTE);
    well(&world);
}

#[test]
fn a_page_of_html_is_weather_and_leaves_the_account_in_doubt_until_a_replay() {
    for kind in [
        ProblemKind::NotJson,
        ProblemKind::ServerError,
        ProblemKind::EmptyBody,
    ] {
        let mut world = ringcentral();
        world.faults.fates.extend([spoilt(kind)]);
        let reader = ask(&mut world, asked());
        world.run_until_answered(reader);
        assert!(handout(&world, reader).is_some_and(|next| is_alive(&world, next)));
        well(&world);
    }
}

#[test]
fn a_request_that_was_never_sent_leaves_the_current_token_in_service() {
    let mut world = ringcentral();
    let first = read(&mut world);
    world.run_for(3 * SECOND);
    world.cut_network(MINUTE);
    world.faults.fates.extend([Fate::NotSent { after: BACK }]);
    ask(&mut world, asked());
    world.run_for(SECOND);
    assert_eq!(read(&mut world).generation, first.generation);
    well(&world);
}

#[test]
fn an_account_that_was_called_misconfigured_is_in_doubt_like_any_other_when_it_is_tried_again() {
    let mut world = ringcentral();
    let refused = Then::ClientRefused(ProblemKind::InvalidClient);
    let left = {
        let first = read(&mut world);
        world.now.until(first.expires_at)
    };
    world.run_for(left - 9 * MINUTE);
    world.faults.fates.extend([Fate::Arrives {
        after: BACK,
        then: refused,
    }]);
    ask(&mut world, asked());
    world.run_for(5 * SECOND);
    // It is tried again ten minutes later, when the token is dead.
    world.faults.fates.extend([answer_lost()]);
    world.run_for(10 * MINUTE + SECOND);
    let next = read(&mut world);
    assert!(is_alive(&world, &next));
    well(&world);
}
