//! What the provider and the APIs said against a token: what it means, for how long, and what ends it.

use std::time::Duration;

use tokenkeep_oauth::ProblemKind;
use tokenkeep_protocol::account::{Handout, Newer, NotServed, ReaderId, State, View, Want};

use crate::model::faults::Ailing;
use crate::model::network::{Fate, Then};
use crate::model::provider::Behaviour;
use crate::model::world::{Grant, World};
use crate::support::{
    BACK, MINUTE, SECOND, answer_lost, ask, asked, fresh, handout, is_alive, leasing, read,
    ringcentral, well,
};

fn refusing(handout: &Handout) -> Want {
    Want {
        newer: Some(Newer::Refused(handout.access_token.fingerprint())),
        ..Want::default()
    }
}

fn signing_in() -> Want {
    Want {
        newer: Some(Newer::SignIn),
        ..Want::default()
    }
}

#[expect(clippy::panic, reason = "a test that cannot go on")]
fn view(world: &World) -> View {
    let keeper = world.keeper.as_ref();
    match keeper.and_then(|keeper| keeper.accounts[0].as_ref()) {
        Some(account) => account.view(world.now),
        None => panic!("no keeper runs"),
    }
}

fn restart(world: &mut World) {
    world.crash();
    world.run_for(SECOND);
    world.start();
    world.run_for(5 * SECOND);
}

fn answered(world: &mut World, want: Want) -> ReaderId {
    let reader = ask(world, want);
    world.run_until_answered(reader);
    reader
}

fn needs_a_sign_in(world: &World, reader: ReaderId) -> bool {
    let answer = world.readers.answer(reader);
    matches!(answer, Some(Err(NotServed::SignInNeeded(Some(_)))))
}

/// How many requests went out meanwhile.
fn requests_within(world: &mut World, time: Duration) -> u64 {
    let before = world.report.requests;
    world.run_for(time);
    world.report.requests - before
}

fn refused_by(kind: ProblemKind) -> Fate {
    let then = Then::ClientRefused(kind);
    Fate::Arrives { after: BACK, then }
}

fn unavailable(carried_out: bool, pause: Option<u64>) -> Fate {
    let then = Then::Unavailable {
        carried_out,
        retry_after: pause.map(Duration::from_secs),
    };
    Fate::Arrives { after: BACK, then }
}

#[test]
fn a_jwt_account_in_doubt_whose_refreshes_fail_for_ever_comes_back_by_its_jwt() {
    let mut world = fresh(Grant::Jwt, Behaviour::ringcentral());
    let first = read(&mut world);
    world.fail_for(Ailing::Refreshes, 100 * 60 * MINUTE);
    ask(&mut world, asked());
    world.run_for(3 * MINUTE);
    let next = read(&mut world);
    assert!(next.generation > first.generation);
    assert!(is_alive(&world, &next));
    well(&world);
}

#[test]
fn a_jwt_account_in_doubt_comes_back_across_a_restart_too() {
    let mut world = fresh(Grant::Jwt, Behaviour::ringcentral());
    world.fail_for(Ailing::Refreshes, 100 * 60 * MINUTE);
    ask(&mut world, asked());
    world.run_for(5 * SECOND);
    restart(&mut world);
    world.run_for(5 * MINUTE);
    let next = read(&mut world);
    assert!(is_alive(&world, &next));
    well(&world);
}

#[test]
fn at_most_two_assertions_of_unknown_outcome_are_presented_within_an_hour() {
    let mut world = fresh(Grant::Jwt, Behaviour::ringcentral());
    world.faults.fates.extend([answer_lost()]);
    // The provider opens a session each time, and a gateway answers 500.
    let spoilt = || Fate::Arrives {
        after: BACK,
        then: Then::Spoilt {
            carried_out: true,
            kind: ProblemKind::ServerError,
        },
    };
    let replays = || Fate::Lost { after: BACK };
    world.faults.fates.extend((0..6).map(|_| replays()));
    world.faults.fates.extend((0..60).map(|_| spoilt()));
    ask(&mut world, asked());
    world.run_for(40 * MINUTE);
    assert!(world.provider.open_sessions(0, 0) <= 3);
    well(&world);
}

#[test]
fn a_provider_that_calls_the_set_up_wrong_for_refreshes_alone_is_presented_the_assertion() {
    let mut world = fresh(Grant::Jwt, Behaviour::ringcentral());
    world
        .faults
        .fates
        .extend([refused_by(ProblemKind::UnauthorizedClient)]);
    let reader = answered(&mut world, asked());
    assert!(handout(&world, reader).is_some_and(|next| is_alive(&world, next)));
    well(&world);
}

#[test]
fn a_refused_assertion_stops_no_refreshes() {
    let mut world = fresh(Grant::Jwt, Behaviour::ringcentral());
    let first = read(&mut world);
    world.provider.assertions_refused = true;
    let reader = answered(&mut world, signing_in());
    assert!(needs_a_sign_in(&world, reader));
    assert_eq!(view(&world).state, State::Fresh);
    world.run_for(65 * MINUTE);
    let next = read(&mut world);
    assert!(next.generation > first.generation && is_alive(&world, &next));
    well(&world);
}

#[test]
fn a_503_of_a_gateway_is_doubt_and_is_replayed_when_it_says() {
    for carried_out in [true, false] {
        let mut world = ringcentral();
        world
            .faults
            .fates
            .extend([unavailable(carried_out, Some(90))]);
        let reader = world.ask(0, asked(), 3 * MINUTE);
        assert_eq!(requests_within(&mut world, 89 * SECOND), 1);
        assert_eq!(view(&world).state, State::InDoubt);
        let left = view(&world).next_renewal.unwrap();
        assert!(world.now.until(left) <= 4 * SECOND, "{left:?}");
        world.run_until_answered(reader);
        assert!(handout(&world, reader).is_some_and(|next| is_alive(&world, next)));
        well(&world);
    }
}

#[test]
fn a_refused_token_is_withheld_until_a_renewal_has_answered() {
    let mut world = ringcentral();
    let first = read(&mut world);
    world.cut_network(2 * MINUTE);
    let reader = ask(&mut world, refusing(&first));
    world.run_for(SECOND);
    let plain = world.ask(0, Want::default(), SECOND);
    world.run_until_answered(plain);
    assert!(handout(&world, plain).is_none());
    world.run_until_answered(reader);
    world.run_for(5 * MINUTE);
    assert!(read(&mut world).generation > first.generation);
    well(&world);
}

#[test]
fn a_refused_token_is_served_on_while_a_lease_puts_off_its_renewal() {
    let mut world = ringcentral();
    let first = read(&mut world);
    ask(&mut world, leasing(Some(5 * MINUTE)));
    ask(&mut world, refusing(&first));
    world.run_for(SECOND);
    assert_eq!(read(&mut world).generation, first.generation);
    world.run_for(6 * MINUTE);
    assert!(read(&mut world).generation > first.generation);
    well(&world);
}

#[test]
fn a_program_that_refuses_every_token_gets_it_marked_and_has_one_renewed() {
    let mut world = ringcentral();
    let mut current = read(&mut world);
    let before = current.generation;
    for _ in 0..9 {
        let reader = answered(&mut world, refusing(&current));
        current = handout(&world, reader).cloned().unwrap();
        world.run_for(15 * SECOND);
    }
    assert_eq!(current.generation, before + 1);
    assert!(current.refused_again);
    assert!(!read(&mut world).refused_again);
    well(&world);
}

#[test]
fn a_refused_token_that_nothing_can_renew_is_never_served_again() {
    let mut world = ringcentral();
    let first = read(&mut world);
    world.others_meddle(0, false);
    let reader = answered(&mut world, refusing(&first));
    assert!(needs_a_sign_in(&world, reader));
    // The notice of that calls no token good, which the model looks at.
    well(&world);
    let plain = answered(&mut world, Want::default());
    assert!(needs_a_sign_in(&world, plain));
    restart(&mut world);
    let plain = answered(&mut world, Want::default());
    assert!(needs_a_sign_in(&world, plain));
    well(&world);
}

#[test]
fn a_restart_does_not_forget_that_a_sign_in_is_over() {
    let mut world = ringcentral();
    world.others_meddle(0, false);
    answered(&mut world, asked());
    assert_eq!(view(&world).state, State::SignInNeeded);
    restart(&mut world);
    let view = view(&world);
    assert_eq!(view.state, State::SignInNeeded);
    assert_eq!(view.next_renewal, None);
    assert!(view.problem.is_some());
    assert_eq!(requests_within(&mut world, 120 * MINUTE), 0);
    well(&world);
}

#[test]
fn a_restart_does_not_forget_that_the_set_up_is_wrong_and_tries_it_again() {
    let mut world = ringcentral();
    world
        .faults
        .fates
        .extend([refused_by(ProblemKind::InvalidClient)]);
    answered(&mut world, asked());
    assert_eq!(view(&world).state, State::Misconfigured);
    world.run_for(SECOND);
    restart(&mut world);
    assert_eq!(view(&world).state, State::Misconfigured);
    world.run_for(60 * MINUTE);
    assert_eq!(view(&world).state, State::Fresh);
    well(&world);
}

#[test]
fn a_person_has_a_refused_refresh_token_tried_once_more() {
    let mut world = ringcentral();
    world.others_meddle(0, false);
    answered(&mut world, asked());
    let before = world.report.requests;
    let again = answered(&mut world, asked());
    assert!(needs_a_sign_in(&world, again));
    assert_eq!(world.report.requests, before + 1);
    assert_eq!(requests_within(&mut world, 30 * MINUTE), 0);
    well(&world);
}

#[test]
fn the_next_moment_shown_is_the_one_at_which_a_request_goes_out() {
    let mut world = ringcentral();
    let not_sent = || Fate::NotSent { after: BACK };
    world.faults.fates.extend((0..4).map(|_| not_sent()));
    world.cut_network(MINUTE);
    ask(&mut world, asked());
    world.run_for(SECOND);
    for _ in 0..3 {
        let next = view(&world).next_renewal.unwrap();
        let wait = world.now.until(next);
        assert!(wait < MINUTE, "{wait:?}");
        assert_eq!(requests_within(&mut world, wait + SECOND), 1);
    }
    well(&world);
}
