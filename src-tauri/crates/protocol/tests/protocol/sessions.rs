//! Sessions at the provider: how they end, and what takes their place.

use tokenkeep_protocol::account::{Newer, NotServed, Want};

use crate::model::faults::SaveFate;
use crate::model::network::{Fate, Then};
use crate::model::provider::Behaviour;
use crate::model::world::Grant;
use crate::support::{
    BACK, MINUTE, SECOND, ask, asked, fresh, handout, is_alive, leasing, read, ringcentral, well,
};

#[test]
fn only_invalid_grant_means_that_a_person_must_sign_in_and_nothing_is_forgotten() {
    let mut world = ringcentral();
    let held = world
        .vault
        .item(0)
        .and_then(|item| item.refresh())
        .map(str::to_owned);
    world.others_meddle(0, false);
    let reader = ask(&mut world, asked());
    world.run_until_answered(reader);
    let answer = world.readers.answer(reader);
    assert!(
        matches!(answer, Some(Err(NotServed::SignInNeeded(Some(_))))),
        "{answer:?}"
    );
    assert_eq!(
        world.vault.item(0).and_then(|item| item.refresh()),
        held.as_deref()
    );
    world.sign_in(0);
    world.run_for(5 * SECOND);
    let next = read(&mut world);
    assert!(is_alive(&world, &next));
    well(&world);
}

#[test]
fn a_jwt_account_falls_back_to_its_assertion_when_its_refresh_token_is_rejected() {
    let mut world = fresh(Grant::Jwt, Behaviour::ringcentral());
    world.others_meddle(0, false);
    let reader = ask(&mut world, asked());
    world.run_until_answered(reader);
    assert!(handout(&world, reader).is_some_and(|next| is_alive(&world, next)));
    well(&world);
}

#[test]
fn a_session_that_an_assertion_replaced_is_revoked_once_its_leases_have_ended() {
    let mut world = fresh(Grant::Jwt, Behaviour::ringcentral());
    let holder = ask(&mut world, leasing(Some(5 * MINUTE)));
    let leased = handout(&world, holder).cloned().unwrap();
    let sign_in = Want {
        newer: Some(Newer::SignIn),
        ..Want::default()
    };
    let reader = ask(&mut world, sign_in);
    world.run_until_answered(reader);
    world.run_for(4 * MINUTE);
    assert!(is_alive(&world, &leased));
    assert_eq!(world.provider.open_sessions(0, 0), 2);
    world.run_for(2 * MINUTE);
    assert!(!is_alive(&world, &leased));
    assert_eq!(world.provider.open_sessions(0, 0), 1);
    well(&world);
}

#[test]
fn late_answers_after_removal_are_revoked() {
    let mut world = ringcentral();
    let then = Then::Answered { after: 5 * SECOND };
    world
        .faults
        .fates
        .extend([Fate::Arrives { after: BACK, then }]);
    ask(&mut world, asked());
    world.run_for(SECOND);
    world.remove(0);
    world.run_for(MINUTE);
    assert_eq!(world.provider.open_sessions(0, 0), 0);
    assert!(world.vault.item(0).is_none());
    well(&world);
}

#[test]
fn a_session_that_a_sign_in_replaced_is_not_revoked_before_the_next_one_is_saved() {
    let mut world = ringcentral();
    world.lock_vault(10 * MINUTE);
    world.sign_in(0);
    world.run_for(MINUTE);
    assert_eq!(world.provider.open_sessions(0, 0), 2);
    world.crash();
    world.run_for(10 * MINUTE);
    world.start();
    world.run_for(MINUTE);
    let next = read(&mut world);
    assert!(is_alive(&world, &next));
    well(&world);
}

#[test]
fn a_sign_in_during_a_killing_refresh_serves_nobody_the_killed_token() {
    let mut world = ringcentral();
    let then = Then::Answered { after: 5 * SECOND };
    let kills = Fate::Arrives { after: BACK, then };
    world.faults.fates.extend([kills]);
    ask(&mut world, asked());
    world.run_for(SECOND);
    world
        .faults
        .saves
        .extend([SaveFate::Done { after: 8 * SECOND }]);
    world.sign_in(0);
    world.run_for(SECOND);
    let next = read(&mut world);
    assert!(is_alive(&world, &next));
    world.run_for(MINUTE);
    well(&world);
}

#[test]
fn a_refresh_answer_without_a_refresh_token_keeps_the_old_one() {
    let mut behaviour = Behaviour::ringcentral();
    (
        behaviour.kills,
        behaviour.rotates,
        behaviour.repeats_refresh,
    ) = (false, false, false);
    let mut world = fresh(Grant::Code, behaviour);
    let held = world
        .vault
        .item(0)
        .and_then(|item| item.refresh())
        .map(str::to_owned);
    world.run_for(5 * 60 * MINUTE);
    assert!(held.is_some());
    assert_eq!(
        world.vault.item(0).and_then(|item| item.refresh()),
        held.as_deref()
    );
    well(&world);
}
