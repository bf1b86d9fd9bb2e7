//! What a keeper's end costs: nothing, however it comes.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tokenkeep_tests::{Bus, Home, Keeper, Provider, eventually};

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn a_restart_keeps_every_account_and_its_token() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("machine", &provider);
    home.add_by_code("person", &provider);
    home.sign_in("person", &provider);
    let tokens = ["machine", "person"].map(|name| home.tokenkeep(&["get", name]).succeeded());
    let fingerprints = ["machine", "person"].map(|name| home.fingerprint(name));

    for restart in ["in order", "by a crash"] {
        if restart == "in order" {
            keeper.stop().exited(0);
        } else {
            keeper.kill();
        }
        keeper.restart();
        for (name, token) in ["machine", "person"].into_iter().zip(&tokens) {
            assert_eq!(home.tokenkeep(&["get", name]).succeeded(), *token);
            assert_eq!(provider.resource(token).status, 200, "{restart}");
        }
        assert_eq!(
            ["machine", "person"].map(|name| home.fingerprint(name)),
            fingerprints
        );
    }
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
    assert_eq!(provider.count("token/authorization_code/issued"), 1);
    assert_eq!(provider.count("token/refresh_token/issued"), 0);
}

/// An account for which nothing but its refresh token can get another token.
fn signed_in_by_code(home: &Home, provider: &Provider) {
    home.add_by_code("me", provider);
    home.sign_in("me", provider);
}

/// The account has a token that the resource accepts, and got it by replaying
/// the one refresh whose answer was lost.
#[track_caller]
fn is_recovered_by_a_replay(home: &Home, provider: &Provider) {
    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(provider.count("token/refresh_token/issued"), 1);
    assert_eq!(provider.count("token/refresh_token/replayed"), 1);
    assert_eq!(provider.count("token/refresh_token/invalid_grant"), 0);
    assert_eq!(provider.count("token/authorization_code/issued"), 1);
    // And its refresh token is the right one, too.
    home.tokenkeep(&["refresh", "me"]).succeeded();
    let next = home.tokenkeep(&["get", "me"]).succeeded();
    assert_ne!(next, token);
    assert_eq!(provider.resource(&next).status, 200);
}

#[test]
fn a_lost_answer_is_replayed_where_nothing_but_the_refresh_token_helps() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    signed_in_by_code(&home, &provider);
    let old = home.tokenkeep(&["get", "me"]).succeeded();
    provider.order_fault(&json!({"times": 1, "action": "drop_response"}));
    home.tokenkeep(&["refresh", "me"]).succeeded();
    assert_ne!(home.tokenkeep(&["get", "me"]).succeeded(), old);
    is_recovered_by_a_replay(&home, &provider);
}

#[test]
fn a_jwt_account_replays_a_lost_answer_instead_of_signing_in_again() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    provider.order_fault(&json!({"times": 1, "action": "drop_response"}));
    home.tokenkeep(&["refresh", "work"]).succeeded();
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(provider.count("token/refresh_token/issued"), 1);
    assert_eq!(provider.count("token/refresh_token/replayed"), 1);
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
}

#[test]
fn a_keeper_killed_while_the_answer_is_on_its_way_replays_it() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    signed_in_by_code(&home, &provider);
    let old = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&old).status, 200);

    // The request is processed, and its answer held back.
    provider.order_fault(&json!({"times": 1, "hold_ms": 60_000}));
    let _refresh = home.start(&["refresh", "me"]);
    eventually("the provider has replaced the token", LIMIT, || {
        (provider.resource(&old).status == 401).then_some(())
    });
    keeper.kill();
    provider.clear_faults();
    keeper.restart();

    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_ne!(token, old);
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(provider.count("token/refresh_token/replayed"), 1);
    assert_eq!(provider.count("token/refresh_token/invalid_grant"), 0);
    assert_eq!(provider.count("token/authorization_code/issued"), 1);
}

#[test]
fn a_keeper_killed_between_the_answer_and_its_save_replays_it() {
    let mut bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    signed_in_by_code(&home, &provider);

    // Held up until the keychain no longer answers.
    provider.order_fault(&json!({"times": 1, "delay_ms": 60_000}));
    let _refresh = home.start(&["refresh", "me"]);
    eventually("the request is under way", LIMIT, || {
        let connected = keeper.process().connections_to(provider.port()) == 1;
        (connected && home.refreshes_sent("me") == 1).then_some(())
    });
    bus.freeze_keyring();
    provider.clear_faults();
    eventually("the keeper has the answer", LIMIT, || {
        let answered = provider.count("token/refresh_token/issued") == 1;
        (answered && keeper.process().connections_to(provider.port()) == 0).then_some(())
    });
    keeper.kill();
    // With the daemon ends whatever it was sent and had not read yet.
    bus.kill_keyring();
    bus.start_keyring();
    keeper.restart();
    is_recovered_by_a_replay(&home, &provider);
}

#[test]
fn a_keeper_killed_at_any_moment_of_a_renewal_goes_on_without_a_person() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    home.file(
        "config.toml",
        "[providers.practice]\nrequests_per_minute = 0\n",
    );
    let provider = Provider::start(&["--rate-limit", "0"]);
    let mut keeper = Keeper::start(&home, &[]);
    signed_in_by_code(&home, &provider);
    let crash = |keeper: &mut Keeper| {
        keeper.kill();
        keeper.restart();
    };
    crash(&mut keeper);
    // So that the answer is on its way for a good part of a renewal.
    provider.order_fault(&json!({"hold_ms": 300}));
    let started = Instant::now();
    home.tokenkeep(&["refresh", "me"]).succeeded();
    // A renewal begins with two seconds in which those who may have read the
    // token use it, also in a keeper that has just started.
    let drain = Duration::from_secs(2);
    let rest = started.elapsed().saturating_sub(drain);
    for step in 0..14 {
        crash(&mut keeper);
        let _refresh = home.start(&["refresh", "me"]);
        thread::sleep(drain + rest * step / 12);
        crash(&mut keeper);
        let token = home.tokenkeep(&["get", "me"]).succeeded();
        let reply = provider.resource(&token);
        assert_eq!(reply.status, 200, "step {step}: {}", reply.body);
    }
    assert_eq!(provider.count("token/refresh_token/invalid_grant"), 0);
    assert_eq!(provider.count("token/authorization_code/issued"), 1);
    assert!(provider.count("token/refresh_token/issued") > 1);
    assert!(provider.count("token/refresh_token/replayed") > 0);
}

#[test]
fn a_keeper_that_is_asked_to_end_finishes_its_renewal_first() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    signed_in_by_code(&home, &provider);
    let old = home.tokenkeep(&["get", "me"]).succeeded();
    provider.order_fault(&json!({"times": 1, "delay_ms": 60_000}));
    let _refresh = home.start(&["refresh", "me"]);
    eventually("the request is under way", LIMIT, || {
        let connected = keeper.process().connections_to(provider.port()) == 1;
        (connected && home.refreshes_sent("me") == 1).then_some(())
    });
    thread::scope(|scope| {
        let ended = scope.spawn(|| keeper.stop());
        eventually("it begins to end", LIMIT, || {
            let refused = home.tokenkeep(&["get", "me", "--wait", "1s"]);
            refused.stderr.contains("shutting down").then_some(())
        });
        provider.clear_faults();
        ended.join().unwrap().exited(0);
    });
    keeper.restart();
    let new = home.tokenkeep(&["get", "me"]).succeeded();
    assert_ne!(new, old);
    assert_eq!(provider.resource(&new).status, 200);
    assert_eq!(provider.count("token/refresh_token/issued"), 1);
    assert_eq!(provider.count("token/refresh_token/replayed"), 0);
}
