//! A refresh is marked in the vault before it is sent.

use tokenkeep_protocol::account::{Effect, Event};

use crate::model::faults::SaveFate;
use crate::model::network::{Fate, Then};
use crate::model::world::World;
use crate::support::{
    BACK, MINUTE, SECOND, answer_lost, ask, asked, handout, is_alive, read, ringcentral,
    save_fails, well,
};

/// Whether the vault holds the mark of a refresh.
fn is_marked(world: &World) -> bool {
    let item = world.vault.item(0);
    item.is_some_and(|item| item.pending().is_some())
}

#[test]
fn a_refresh_is_marked_in_the_vault_before_it_is_sent() {
    let mut world = ringcentral();
    world.faults.die_before = Some(|effect| matches!(effect, Effect::Send { .. }));
    ask(&mut world, asked());
    world.run_for(5 * SECOND);
    assert!(
        world
            .vault
            .item(0)
            .is_some_and(|item| item.pending().is_some())
    );
    well(&world);
}

#[test]
fn nothing_is_sent_while_the_vault_cannot_be_written_until_the_token_is_nearly_dead() {
    let mut world = ringcentral();
    let first = read(&mut world);
    let left = world.now.until(first.expires_at);
    world.lock_vault(2 * 60 * MINUTE);
    let sent = world.report.requests;
    world.run_for(left - MINUTE);
    assert_eq!(world.report.requests, sent);
    assert_eq!(read(&mut world).generation, first.generation);
    world.run_for(30 * SECOND);
    assert_eq!(world.report.requests, sent + 1);
    well(&world);
}

#[test]
fn leave_to_send_is_given_back_where_the_mark_fails() {
    let mut world = ringcentral();
    world.faults.saves.extend([save_fails(); 4]);
    let reader = ask(&mut world, asked());
    world.run_until_answered(reader);
    assert!(handout(&world, reader).is_some_and(|next| is_alive(&world, next)));
    well(&world);
}

#[test]
fn a_keeper_that_ends_while_it_marks_a_replay_leaves_the_mark() {
    let mut world = ringcentral();
    let first = read(&mut world);
    let left = world.now.until(first.expires_at);
    world.run_for(left - 11 * MINUTE);
    // The keychain takes no mark before the token is nearly dead, and the answers are lost.
    world.lock_vault(10 * MINUTE + 30 * SECOND);
    let lost = std::iter::repeat_with(answer_lost).take(8);
    world.faults.fates.extend(lost);
    world.run_for(10 * MINUTE + 31 * SECOND);
    let slow = SaveFate::Done { after: 8 * SECOND };
    world.faults.saves.extend([slow]);
    world.run_for(6 * SECOND);
    world.tell_all(|| Event::Quit);
    world.run_for(20 * SECOND);
    assert!(is_marked(&world));
    well(&world);
}

#[test]
fn a_refresh_that_was_sent_without_a_mark_is_marked_by_the_next_write_that_succeeds() {
    let mut world = ringcentral();
    // When the token's end nears, the keychain takes no mark.
    world.faults.saves.extend([save_fails(); 999]);
    world.run_for(45 * MINUTE);
    let never = Fate::Arrives {
        after: BACK,
        then: Then::AnswerLost { after: MINUTE },
    };
    world.faults.fates.extend([never]);
    let sent = world.report.requests;
    let end = world.now + 15 * MINUTE;
    while world.report.requests == sent {
        assert!(world.now < end, "nothing is sent");
        world.run_for(SECOND);
    }
    assert!(!is_marked(&world));
    world.faults.saves.clear();
    // All is written again, while the request is out.
    world.set_clock(3_600_000);
    world.clock_noticed();
    world.run_for(10 * SECOND);
    assert_eq!(world.report.requests, sent + 1);
    assert!(is_marked(&world));
    world.crash();
    world.start();
    world.run_for(5 * SECOND);
    let next = read(&mut world);
    assert!(is_alive(&world, &next));
    assert_eq!(world.report.sign_ins, 1);
    well(&world);
}
