//! Readers: who is served, when, and what they can ask for.

use tokenkeep_protocol::account::{Handout, Newer, Want};

use crate::support::{
    MINUTE, SECOND, answer_lost, ask, asked, handout, is_alive, read, ringcentral, well,
};

fn refusing(handout: &Handout) -> Want {
    Want {
        newer: Some(Newer::Refused(handout.access_token.fingerprint())),
        ..Want::default()
    }
}

#[test]
fn a_living_token_is_served_at_once() {
    let mut world = ringcentral();
    let reader = ask(&mut world, Want::default());
    assert!(handout(&world, reader).is_some());
    well(&world);
}

#[test]
fn a_refused_token_is_renewed_once_per_generation() {
    let mut world = ringcentral();
    let first = read(&mut world);
    let sent = world.report.requests;
    let readers: Vec<_> = (0..5).map(|_| ask(&mut world, refusing(&first))).collect();
    world.run_for(10 * SECOND);
    for reader in readers {
        assert!(
            handout(&world, reader).is_some_and(|next| next.generation == first.generation + 1)
        );
    }
    // What was refused then is no reason to renew the next one.
    let late = ask(&mut world, refusing(&first));
    assert!(handout(&world, late).is_some());
    world.run_for(MINUTE);
    assert_eq!(world.report.requests, sent + 1);
    well(&world);
}

#[test]
fn a_reader_that_waits_in_a_long_doubt_sees_a_replay_within_its_half_minute() {
    let mut world = ringcentral();
    world.faults.fates.extend([answer_lost()]);
    ask(&mut world, asked());
    world.run_for(SECOND / 2);
    // In the end the replays are a minute apart.
    world.cut_network(10 * MINUTE);
    world.run_for(10 * MINUTE + SECOND);
    let next = read(&mut world);
    assert!(is_alive(&world, &next));
    well(&world);
}

#[test]
fn a_reader_that_waits_for_the_keychain_has_its_token_seconds_after_it_is_unlocked() {
    let mut world = ringcentral();
    world.crash();
    world.lock_vault(10 * MINUTE);
    world.start();
    // By now the keychain is tried every half a minute.
    world.run_for(10 * MINUTE - SECOND);
    let reader = ask(&mut world, Want::default());
    world.run_for(7 * SECOND);
    assert!(handout(&world, reader).is_some());
    well(&world);
}
