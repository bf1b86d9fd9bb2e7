//! The renewal protocol, sentence by sentence, in scripted worlds. The promises of README.md are
//! checked at every step here, too.

mod model;

use std::time::Duration;

use model::faults::SaveFate;
use model::network::{Fate, Then};
use model::provider::{Behaviour, By};
use model::readers::lease;
use model::world::{AccountSpec, Grant, World};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokenkeep_oauth::ProblemKind;
use tokenkeep_protocol::account::{
    Effect, Event, HOLDERS_RETURN, Handout, LeaseRequest, Newer, NotServed, ReaderId, WaitedFor,
    Want,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const BACK: Duration = Duration::from_millis(50);

/// A keeper with one account that is signed in, with a token of an hour.
fn fresh(grant: Grant, behaviour: Behaviour) -> World {
    let spec = AccountSpec::new(0, 0, grant);
    let mut world = World::new(StdRng::seed_from_u64(7), behaviour, vec![spec]);
    world.readers.keep_answers = true;
    world.start();
    world.run_for(SECOND);
    if grant == Grant::Code {
        world.sign_in(0);
    }
    world.run_for(5 * SECOND);
    assert!(
        world
            .vault
            .item(0)
            .is_some_and(|item| item.access().is_some())
    );
    world
}

fn ringcentral() -> World {
    fresh(Grant::Code, Behaviour::ringcentral())
}

fn ask(world: &mut World, want: Want) -> ReaderId {
    world.ask(0, want, 30 * SECOND)
}

fn handout(world: &World, reader: ReaderId) -> Option<&Handout> {
    match world.readers.answer(reader) {
        Some(Ok(handout)) => Some(handout),
        _ => None,
    }
}

/// Reads the token, waiting for it.
#[expect(clippy::panic, reason = "a test that cannot go on")]
fn read(world: &mut World) -> Handout {
    let reader = ask(world, Want::default());
    world.run_until_answered(reader);
    let answer = world.readers.answer(reader);
    match answer {
        Some(Ok(handout)) => Handout::clone(handout),
        _ => panic!("no token: {answer:?}; {:?}", world.checks.violation()),
    }
}

fn asked() -> Want {
    Want {
        newer: Some(Newer::Renewal),
        ..Want::default()
    }
}

fn refusing(handout: &Handout) -> Want {
    Want {
        newer: Some(Newer::Refused(handout.access_token.fingerprint())),
        ..Want::default()
    }
}

fn leasing(length: Option<Duration>) -> Want {
    Want {
        lease: Some(lease(length)),
        ..Want::default()
    }
}

fn is_alive(world: &World, handout: &Handout) -> bool {
    world
        .provider
        .is_alive(handout.access_token.expose(), world.now)
}

/// Whether the vault holds the mark of a refresh.
fn is_marked(world: &World) -> bool {
    let item = world.vault.item(0);
    item.is_some_and(|item| item.pending().is_some())
}

/// How many notices are given in that time.
fn notices_within(world: &mut World, time: Duration) -> u64 {
    let before = world.report.notices;
    world.run_for(time);
    world.report.notices - before
}

fn answer_lost() -> Fate {
    Fate::Arrives {
        after: BACK,
        then: Then::AnswerLost { after: BACK },
    }
}

fn spoilt(kind: ProblemKind) -> Fate {
    let carried_out = false;
    Fate::Arrives {
        after: BACK,
        then: Then::Spoilt { carried_out, kind },
    }
}

fn save_fails() -> SaveFate {
    SaveFate::Fails {
        after: BACK,
        written: false,
    }
}

#[track_caller]
fn well(world: &World) {
    assert_eq!(world.checks.violation(), None);
}

#[test]
fn a_living_token_is_served_at_once() {
    let mut world = ringcentral();
    let reader = ask(&mut world, Want::default());
    assert!(handout(&world, reader).is_some());
    well(&world);
}

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
fn leave_to_send_is_given_back_where_the_mark_fails() {
    let mut world = ringcentral();
    world.faults.saves.extend([save_fails(); 4]);
    let reader = ask(&mut world, asked());
    world.run_until_answered(reader);
    assert!(handout(&world, reader).is_some_and(|next| is_alive(&world, next)));
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
    while world.report.requests == sent {
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
