//! Holders of leases who return to a keeper that was started again.

use std::time::Duration;

use tokenkeep_protocol::account::{Event, HOLDERS_RETURN, Handout, LeaseRequest, NotServed, Want};

use crate::model::provider::Behaviour;
use crate::model::readers::lease;
use crate::model::world::{Grant, World};
use crate::support::{
    MINUTE, SECOND, answer_lost, ask, asked, fresh, handout, is_alive, leasing, read, ringcentral,
    well,
};

/// The keeper dies while a lease lasts whose token is due, and starts again at once.
fn restarted_with_a_leased_token_that_is_due(behaviour: Behaviour) -> (World, Handout) {
    let mut world = fresh(Grant::Code, behaviour);
    let leased = read(&mut world);
    ask(&mut world, leasing(None));
    world.run_for(52 * MINUTE);
    world.crash();
    world.start();
    (world, leased)
}

/// A lease that its holder takes up again.
fn taking_up(handout: &Handout) -> Want {
    let term = LeaseRequest {
        fingerprint: Some(handout.access_token.fingerprint()),
        ..lease(None)
    };
    Want {
        lease: Some(term),
        ..Want::default()
    }
}

#[test]
fn a_restarted_keeper_gives_holders_a_moment_to_take_their_leases_up_again() {
    let (mut world, leased) = restarted_with_a_leased_token_that_is_due(Behaviour::ringcentral());
    world.run_for(HOLDERS_RETURN - SECOND);
    assert!(is_alive(&world, &leased));
    let holder = ask(&mut world, taking_up(&leased));
    assert_eq!(
        handout(&world, holder).map(|again| again.generation),
        Some(leased.generation)
    );
    world.run_for(4 * MINUTE);
    assert!(is_alive(&world, &leased));
    world.checks.released(0, holder, world.now);
    world.deliver(0, Event::Left(holder));
    world.run_for(5 * SECOND);
    assert_eq!(read(&mut world).generation, leased.generation + 1);
    well(&world);
}

#[test]
fn a_restarted_keeper_whose_holders_do_not_return_renews_after_that_moment() {
    let (mut world, leased) = restarted_with_a_leased_token_that_is_due(Behaviour::ringcentral());
    world.run_for(HOLDERS_RETURN + 5 * SECOND);
    assert!(!is_alive(&world, &leased));
    assert_eq!(read(&mut world).generation, leased.generation + 1);
    well(&world);
}

#[test]
fn whoever_asks_for_more_than_the_schedule_does_not_wait_for_holders_to_return() {
    let (mut world, leased) = restarted_with_a_leased_token_that_is_due(Behaviour::ringcentral());
    world.run_for(SECOND);
    let reader = ask(&mut world, asked());
    world.run_for(3 * SECOND);
    assert!(handout(&world, reader).is_some_and(|next| next.generation == leased.generation + 1));
    well(&world);
}

#[test]
fn the_last_safe_moment_ends_the_wait_for_holders_to_return() {
    let mut world = ringcentral();
    let first = read(&mut world);
    // Leased, so that it is not renewed before.
    ask(&mut world, leasing(None));
    let left = world.now.until(first.expires_at);
    world.run_for(left - 45 * SECOND);
    world.crash();
    world.start();
    // It comes 42 s before the end, when nothing else is left to wait for.
    world.run_for(Duration::from_millis(2900));
    assert!(is_alive(&world, &first));
    world.run_for(Duration::from_millis(1100));
    assert!(!is_alive(&world, &first));
    well(&world);
}

#[test]
fn a_method_that_kills_nothing_waits_for_no_holder_to_return() {
    let mut behaviour = Behaviour::ringcentral();
    behaviour.kills = false;
    let (mut world, leased) = restarted_with_a_leased_token_that_is_due(behaviour);
    world.run_for(2 * SECOND);
    let next = read(&mut world);
    assert_eq!(next.generation, leased.generation + 1);
    assert!(is_alive(&world, &leased));
    well(&world);
}

#[test]
fn a_lease_is_taken_up_again_on_its_own_token_only_and_none_is_renewed_for_it() {
    let mut world = ringcentral();
    let first = read(&mut world);
    let left = world.now.until(first.expires_at);
    world.run_for(left - 11 * MINUTE);
    let sent = world.report.requests;
    // It once asked for more validity than its token has left by now.
    let mut want = taking_up(&first);
    if let Some(term) = &mut want.lease {
        term.length = Some(20 * MINUTE);
    }
    let again = ask(&mut world, want);
    let until = handout(&world, again).and_then(|again| again.lease_until);
    assert_eq!(until, Some(first.expires_at));
    assert_eq!(world.report.requests, sent);
    world.checks.released(0, again, world.now);
    world.deliver(0, Event::Left(again));
    let next = ask(&mut world, asked());
    world.run_until_answered(next);
    let late = ask(&mut world, taking_up(&first));
    let answer = world.readers.answer(late);
    assert!(
        matches!(answer, Some(Err(NotServed::Replaced))),
        "{answer:?}"
    );
    well(&world);
}

#[test]
fn a_lease_on_a_token_in_doubt_is_not_taken_up_again() {
    let mut world = ringcentral();
    let first = read(&mut world);
    world.faults.fates.extend([answer_lost()]);
    ask(&mut world, asked());
    world.run_for(Duration::from_millis(2300));
    world.crash();
    world.start();
    let again = ask(&mut world, taking_up(&first));
    world.run_until_answered(again);
    let answer = world.readers.answer(again);
    assert!(
        matches!(answer, Some(Err(NotServed::Replaced))),
        "{answer:?}"
    );
    well(&world);
}
