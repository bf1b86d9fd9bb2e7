//! A keychain that is locked, away, or not there at all.

use std::time::Duration;

use serde_json::json;
use tokenkeep_tests::{Bus, Home, Keeper, Provider, eventually};

const LIMIT: Duration = Duration::from_secs(20);
/// How long the keeper may take to find out that the keychain is back: its
/// longest pause between two tries, and some.
const RESUME_LIMIT: Duration = Duration::from_secs(60);

#[track_caller]
fn vault_state(home: &Home) -> String {
    let status = home.tokenkeep(&["status", "--json"]).json();
    status["vault"]["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_keychain_locked_while_the_keeper_runs_stops_renewals_but_not_readers() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();

    bus.lock_keyring();
    assert_eq!(vault_state(&home), "locked");
    let status = home.tokenkeep(&["status"]);
    assert!(status.succeeded().contains("tokenkeep unlock"), "{status}");
    let refused = home.tokenkeep(&["refresh", "work", "--wait", "4s"]);
    refused.exited(5);
    assert!(refused.stderr.contains("keychain is locked"), "{refused}");
    let list = home.tokenkeep(&["list"]).succeeded();
    assert!(list.contains("keychain is locked"), "{list}");
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(provider.count("token/refresh_token/issued"), 0);
    let kept = home.tokenkeep(&["remove", "work"]);
    kept.exited(5);
    assert!(kept.stderr.contains("keychain is locked"), "{kept}");

    // A waiting reader is served by itself once it is unlocked.
    let mut waiting = home.start(&["refresh", "work", "--wait", "60s"]);
    bus.unlock_keyring();
    waiting.finish(RESUME_LIMIT).succeeded();
    assert_eq!(vault_state(&home), "ready");
    let next = home.tokenkeep(&["get", "work"]).succeeded();
    assert_ne!(next, token);
    assert_eq!(provider.resource(&next).status, 200);
    assert_eq!(home.account("work")["problem"], json!(null));
}

#[test]
fn a_keychain_locked_at_the_start_is_waited_for() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let fingerprint = home.fingerprint("work");
    keeper.stop();
    bus.lock_keyring();
    keeper.restart();

    assert_eq!(home.account("work")["state"], "loading");
    eventually("the list says what is wrong", LIMIT, || {
        let list = home.tokenkeep(&["list"]).succeeded();
        list.contains("keychain is locked").then_some(())
    });
    let refused = home.tokenkeep(&["get", "work", "--wait", "1s"]);
    refused.exited(5);
    assert!(refused.stderr.contains("keychain is locked"), "{refused}");

    let mut waiting = home.start(&["get", "work", "--wait", "60s"]);
    bus.unlock_keyring();
    let token = waiting.finish(RESUME_LIMIT).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(home.fingerprint("work"), fingerprint);
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
}

#[test]
fn a_keychain_that_crashes_and_comes_back_is_used_again() {
    let mut bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();

    bus.kill_keyring();
    assert_eq!(vault_state(&home), "absent");
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    let refused = home.tokenkeep(&["refresh", "work", "--wait", "4s"]);
    refused.exited(5);
    assert!(refused.stderr.contains("no keychain"), "{refused}");
    assert_eq!(provider.count("token/refresh_token/issued"), 0);

    bus.start_keyring();
    assert_eq!(vault_state(&home), "ready");
    home.tokenkeep(&["refresh", "work"]).succeeded();
    let next = home.tokenkeep(&["get", "work"]).succeeded();
    assert_eq!(provider.resource(&next).status, 200);
    let resting = bus.keyring_secrets();
    let resting = resting.iter().map(|item| String::from_utf8_lossy(item));
    assert!(resting.into_iter().any(|item| item.contains(&next)));
}

#[test]
fn a_token_that_cannot_be_saved_is_served_with_a_warning_and_saved_later() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let old = home.fingerprint("work");

    provider.order_fault(&json!({"times": 1, "delay_ms": 60_000}));
    let mut refresh = home.start(&["refresh", "work"]);
    eventually("the request is under way", LIMIT, || {
        let connected = keeper.process().connections_to(provider.port()) == 1;
        (connected && home.refreshes_sent("work") == 1).then_some(())
    });
    bus.lock_keyring();
    provider.clear_faults();
    let served = home.tokenkeep(&["get", "work"]);
    let token = served.succeeded();
    assert!(served.stderr.contains("warning"), "{served}");
    assert_eq!(provider.resource(&token).status, 200);
    refresh.finish(LIMIT).succeeded();
    assert_eq!(home.account("work")["unsaved"], json!(true));
    assert!(home.has_notice("work", "unsaved"));

    bus.unlock_keyring();
    eventually("it is saved", RESUME_LIMIT, || {
        (home.account("work")["unsaved"] == false).then_some(())
    });
    assert_ne!(home.fingerprint("work"), old);
    keeper.kill();
    keeper.restart();
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    assert_eq!(provider.count("token/refresh_token/replayed"), 0);
}

#[test]
fn without_a_keychain_nothing_is_added_and_the_reason_is_said() {
    let mut bus = Bus::without_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    assert_eq!(vault_state(&home), "absent");
    let status = home.tokenkeep(&["status"]).succeeded();
    assert!(status.contains("There is no keychain"), "{status}");
    let refused = home.tokenkeep(&["add", "work", "--env-file", &provider.env_file()]);
    refused.exited(5);
    assert!(refused.stderr.contains("no keychain"), "{refused}");
    assert_eq!(home.tokenkeep(&["list", "--json"]).json(), json!([]));
    assert_eq!(provider.count("token/jwt_bearer/issued"), 0);

    // One that is started later is found.
    bus.start_keyring();
    home.add_by_jwt("work", &provider);
}

#[test]
fn without_even_a_session_bus_the_keeper_says_so() {
    let home = Home::without_bus();
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    assert_eq!(vault_state(&home), "absent");
    let refused = home.tokenkeep(&["add", "work", "--env-file", &provider.env_file()]);
    refused.exited(5);
    assert!(refused.stderr.contains("no keychain"), "{refused}");
}

#[test]
fn a_vault_in_memory_works_without_a_keychain_and_says_what_it_is() {
    let home = Home::without_bus();
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &["--vault", "memory"]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    let status = home.tokenkeep(&["status"]).succeeded();
    assert!(status.contains("in memory only"), "{status}");
}
