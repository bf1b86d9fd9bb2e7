//! What the user is told, and that it is true and told once.

use std::time::Duration;

use tokenkeep_protocol::account::Event;

use crate::model::faults::SaveFate;
use crate::model::provider::By;
use crate::model::world::World;
use crate::support::{
    BACK, MINUTE, SECOND, answer_lost, ask, asked, read, ringcentral, save_fails, well,
};

/// How many notices are given in that time.
fn notices_within(world: &mut World, time: Duration) -> u64 {
    let before = world.report.notices;
    world.run_for(time);
    world.report.notices - before
}

#[test]
fn a_dead_session_is_told_about_once_across_restarts() {
    let mut world = ringcentral();
    let session = world
        .vault
        .item(0)
        .and_then(|item| item.access())
        .map(str::to_owned)
        .unwrap();
    let session = world.provider.access(&session).unwrap().session;
    world.provider.end(session, By::Others, world.now);
    let notices = world.report.notices;
    for _ in 0..3 {
        ask(&mut world, asked());
        world.run_for(5 * MINUTE);
        world.crash();
        world.start();
    }
    // Nor is anything said of what its refresh token might have lasted for.
    world.run_for(8 * 24 * 60 * MINUTE);
    assert_eq!(world.report.notices - notices, 1);
    well(&world);
}

#[test]
fn a_notice_calls_no_token_good_that_is_in_doubt() {
    let mut world = ringcentral();
    let first = read(&mut world);
    let left = world.now.until(first.expires_at);
    world.run_for(left - 12 * MINUTE);
    world.faults.fates.extend([answer_lost()]);
    ask(&mut world, asked());
    world.run_for(SECOND / 2);
    world.cut_network(15 * MINUTE);
    let notices = world.report.notices;
    world.run_for(9 * MINUTE);
    assert_eq!(world.report.notices, notices + 1);
    well(&world);
}

#[test]
fn what_was_told_of_a_set_that_was_lost_does_not_silence_what_is_told_of_the_next() {
    let mut world = ringcentral();
    let unsaved = |world: &mut World| {
        world.lock_vault(5 * MINUTE);
        world.sign_in(0);
        notices_within(world, 20 * SECOND)
    };
    assert_eq!(unsaved(&mut world), 1);
    world.crash();
    world.run_for(5 * MINUTE);
    world.start();
    world.run_for(5 * SECOND);
    assert_eq!(unsaved(&mut world), 1);
    well(&world);
}

#[test]
fn what_was_told_of_a_lost_set_does_not_silence_what_is_told_of_the_next_while_the_keychain_stays_locked()
 {
    let mut world = ringcentral();
    let unsaved = |world: &mut World| {
        world.lock_vault(60 * MINUTE);
        world.crash();
        world.start();
        world.run_for(SECOND);
        world.sign_in(0);
        notices_within(world, 20 * SECOND)
    };
    assert_eq!(unsaved(&mut world), 1);
    assert_eq!(unsaved(&mut world), 1);
    well(&world);
}

#[test]
fn a_keeper_on_its_way_out_still_says_that_a_set_could_not_be_saved() {
    let mut world = ringcentral();
    world.faults.saves.extend([SaveFate::Done { after: BACK }]);
    world.faults.saves.extend([save_fails(); 9]);
    ask(&mut world, asked());
    world.run_for(5 * SECOND);
    world.tell_all(|| Event::Quit);
    assert_eq!(notices_within(&mut world, 8 * SECOND), 1);
    well(&world);
}
