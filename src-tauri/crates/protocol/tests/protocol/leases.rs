//! Leases and plain reads: a token in use is not pulled away.

use std::time::Duration;

use tokenkeep_protocol::account::Event;

use crate::support::{
    MINUTE, SECOND, ask, asked, handout, is_alive, leasing, read, ringcentral, well,
};

#[test]
fn a_plain_read_holds_its_token_for_two_seconds() {
    let mut world = ringcentral();
    let first = read(&mut world);
    let reader = ask(&mut world, asked());
    world.run_for(Duration::from_millis(1900));
    assert!(is_alive(&world, &first));
    world.run_for(2 * SECOND);
    assert!(!is_alive(&world, &first));
    assert!(handout(&world, reader).is_some_and(|second| is_alive(&world, second)));
    well(&world);
}

#[test]
fn a_leased_token_is_not_renewed_until_its_lease_ends_and_readers_go_on_getting_it() {
    let mut world = ringcentral();
    let holder = ask(&mut world, leasing(None));
    let leased = handout(&world, holder).cloned().unwrap();
    world.run_for(55 * MINUTE);
    assert!(is_alive(&world, &leased));
    assert_eq!(read(&mut world).generation, leased.generation);
    world.checks.released(0, holder, world.now);
    world.deliver(0, Event::Left(holder));
    world.run_for(5 * SECOND);
    assert_eq!(read(&mut world).generation, leased.generation + 1);
    well(&world);
}

#[test]
fn the_last_safe_moment_ends_the_deferral() {
    let mut world = ringcentral();
    let holder = ask(&mut world, leasing(None));
    let leased = handout(&world, holder).cloned().unwrap();
    let left = world.now.until(leased.expires_at);
    world.run_for(left - 43 * SECOND);
    assert!(is_alive(&world, &leased));
    world.run_for(4 * SECOND);
    assert_eq!(read(&mut world).generation, leased.generation + 1);
    well(&world);
}

#[test]
fn a_lease_of_ten_minutes_asks_for_a_token_valid_for_ten_minutes() {
    let mut world = ringcentral();
    let first = read(&mut world);
    let left = world.now.until(first.expires_at);
    // Ahead of the schedule, but too late for this lease.
    world.run_for(left - 700 * SECOND);
    let reader = ask(&mut world, leasing(Some(11 * MINUTE + 50 * SECOND)));
    world.run_until_answered(reader);
    assert!(handout(&world, reader).is_some_and(|next| next.generation == first.generation + 1));
    well(&world);
}
