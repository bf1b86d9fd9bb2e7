//! When a token is renewed: by its schedule, and not more often than it may be.

use tokenkeep_protocol::account::Event;

use crate::model::network::{Fate, Then};
use crate::model::provider::Behaviour;
use crate::model::world::Grant;
use crate::support::{
    BACK, MINUTE, SECOND, answer_lost, ask, asked, fresh, handout, is_alive, leasing, read,
    ringcentral, well,
};

#[test]
fn a_token_is_renewed_its_margin_before_its_end() {
    let mut world = ringcentral();
    let before = world.report.requests;
    world.run_for(48 * MINUTE);
    assert_eq!(world.report.requests, before);
    world.run_for(3 * MINUTE);
    assert_eq!(world.report.requests, before + 1);
    well(&world);
}

#[test]
fn tokens_of_one_second_make_no_storm() {
    let mut behaviour = Behaviour::ringcentral();
    (behaviour.lifetime, behaviour.quota) = (SECOND, None);
    let mut world = fresh(Grant::Jwt, behaviour);
    let sent = world.report.requests;
    world.run_for(60 * MINUTE);
    assert!(
        world.report.requests - sent <= 720,
        "{}",
        world.report.requests - sent
    );
    well(&world);
}

#[test]
fn a_429_pauses_the_client_across_a_restart() {
    let mut world = ringcentral();
    let then = Then::Throttled {
        retry_after: 4 * MINUTE,
        maintenance: false,
    };
    world
        .faults
        .fates
        .extend([Fate::Arrives { after: BACK, then }]);
    ask(&mut world, asked());
    world.run_for(SECOND);
    let sent = world.report.requests;
    world.crash();
    world.start();
    ask(&mut world, asked());
    world.run_for(3 * MINUTE);
    assert_eq!(world.report.requests, sent);
    world.ask(0, asked(), 3 * MINUTE);
    world.run_for(2 * MINUTE);
    assert_eq!(world.report.requests, sent + 1);
    well(&world);
}

#[test]
fn a_machine_that_slept_through_an_expiry_has_a_fresh_token_within_seconds_of_waking() {
    let mut world = ringcentral();
    world.asleep_until = world.now + 3 * 60 * MINUTE;
    world.run_for(3 * 60 * MINUTE + SECOND);
    world.tell_all(|| Event::Woke);
    world.run_for(5 * SECOND);
    let next = read(&mut world);
    assert!(is_alive(&world, &next));
    well(&world);
}

#[test]
fn a_method_that_kills_nothing_is_never_deferred_and_never_in_doubt() {
    let mut behaviour = Behaviour::ringcentral();
    behaviour.kills = false;
    let mut world = fresh(Grant::Code, behaviour);
    let holder = ask(&mut world, leasing(None));
    let leased = handout(&world, holder).cloned().unwrap();
    world.faults.fates.extend([answer_lost()]);
    ask(&mut world, asked());
    world.run_for(SECOND);
    assert_eq!(read(&mut world).generation, leased.generation);
    world.run_for(MINUTE);
    assert_eq!(read(&mut world).generation, leased.generation + 1);
    assert!(is_alive(&world, &leased));
    well(&world);
}
