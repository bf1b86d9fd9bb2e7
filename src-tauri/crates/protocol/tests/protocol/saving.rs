//! A set of tokens is saved before it is served.

use crate::model::faults::SaveFate;
use crate::support::{
    BACK, MINUTE, SECOND, ask, asked, handout, is_alive, read, ringcentral, save_fails, well,
};

#[test]
fn an_answer_is_saved_before_it_is_served() {
    let mut world = ringcentral();
    let mark = SaveFate::Done { after: BACK };
    world
        .faults
        .saves
        .extend([mark, SaveFate::Done { after: 4 * SECOND }]);
    let reader = ask(&mut world, asked());
    world.run_for(3 * SECOND);
    assert!(handout(&world, reader).is_none());
    world.run_for(3 * SECOND);
    assert!(handout(&world, reader).is_some_and(|next| !next.unsaved));
    well(&world);
}

#[test]
fn if_the_save_fails_for_ten_seconds_readers_are_served_and_told_that_it_is_unsaved() {
    let mut world = ringcentral();
    world.faults.saves.extend([SaveFate::Done { after: BACK }]);
    world.faults.saves.extend([save_fails(); 5]);
    let reader = ask(&mut world, asked());
    world.run_for(9 * SECOND);
    assert!(handout(&world, reader).is_none());
    world.run_for(4 * SECOND);
    assert!(handout(&world, reader).is_some_and(|next| next.unsaved));
    world.run_for(MINUTE);
    assert!(!read(&mut world).unsaved);
    well(&world);
}

#[test]
fn a_crash_between_the_answer_and_its_save_costs_nothing() {
    let mut world = ringcentral();
    world.faults.saves.extend([
        SaveFate::Done { after: BACK },
        SaveFate::Done { after: 5 * SECOND },
    ]);
    ask(&mut world, asked());
    world.run_for(2 * SECOND);
    world.vault.crash(0);
    world.crash();
    world.run_for(MINUTE);
    world.start();
    world.run_for(5 * SECOND);
    let next = read(&mut world);
    assert!(is_alive(&world, &next));
    assert_eq!(world.report.sign_ins, 1);
    well(&world);
}

#[test]
fn a_clock_that_is_set_is_written_again_until_the_vault_takes_it() {
    let mut world = ringcentral();
    world.run_for(MINUTE);
    world.lock_vault(2 * MINUTE);
    world.set_clock(-3 * 3_600_000);
    world.clock_noticed();
    world.run_for(4 * MINUTE);
    world.crash();
    world.start();
    world.run_for(57 * MINUTE);
    let next = read(&mut world);
    assert!(is_alive(&world, &next));
    well(&world);
}
