//! What the provider and the APIs said against a token, and what ends it.

use std::time::Duration;

use serde_json::json;
use tokenkeep_tests::{Bus, Home, Keeper, Provider, eventually};

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn a_token_whose_session_ended_elsewhere_is_never_printed_again_not_even_after_a_restart() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.end_sessions(0), 1);
    home.tokenkeep(&["get", "me", "--refused"]).exited(4);
    home.tokenkeep(&["get", "me"]).exited(4);
    // Readers need not wait until that is saved.
    eventually("the verdict is in the keychain", LIMIT, || {
        let secrets = bus.keyring_secrets();
        let says = |secret: &Vec<u8>| String::from_utf8_lossy(secret).contains("sign_in_needed");
        secrets.iter().any(says).then_some(())
    });

    keeper.kill();
    keeper.restart();
    let refused = home.tokenkeep(&["get", "me"]);
    refused.exited(4);
    assert!(!refused.everything().contains(&token), "{refused}");
    let account = home.account("me");
    assert_eq!(account["state"], "sign_in_needed", "{account}");
    assert!(account["next_renewal"].is_null(), "{account}");
    assert_eq!(provider.count("token/refresh_token/invalid_grant"), 1);

    // A person may know better: it is tried once more.
    home.tokenkeep(&["refresh", "me"]).exited(4);
    assert_eq!(provider.count("token/refresh_token/invalid_grant"), 2);
    home.sign_in("me", &provider);
    let next = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&next).status, 200);
}

#[test]
fn a_script_that_refuses_every_token_has_one_renewed_and_is_told_that_it_is_not_the_token() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let first = home.tokenkeep(&["get", "work"]).succeeded();
    let second = home.tokenkeep(&["get", "work", "--refused"]).succeeded();
    assert_ne!(second, first);
    for _ in 0..5 {
        let again = home.tokenkeep(&["get", "work", "--refused"]);
        assert_eq!(again.succeeded(), second);
        assert!(again.stderr.contains("not about the token"), "{again}");
    }
    assert_eq!(provider.count("token/refresh_token/issued"), 1);
    let json = home.tokenkeep(&["get", "work", "--refused", "--json"]);
    assert_eq!(json.json()["refused_again"], true);
    // Everybody else is left alone.
    let plain = home.tokenkeep(&["get", "work"]);
    assert_eq!(plain.succeeded(), second);
    assert!(!plain.stderr.contains("refused"), "{plain}");
}

#[test]
fn a_503_of_a_gateway_is_doubt_until_the_replay_that_it_asked_to_wait_with() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    let gateway = json!({"answer": {
        "status": 503,
        "headers": {"retry-after": "6"},
        "body": r#"{"message": "Service Unavailable"}"#,
    }});
    provider.order_fault(&json!({"times": 1, "action": gateway}));
    let mut refresh = home.start(&["refresh", "me"]);
    home.is_in_state("me", "in_doubt");
    home.tokenkeep(&["get", "me", "--wait", "0s"]).exited(5);
    assert_eq!(provider.count("token/refresh_token/issued"), 0);
    refresh.finish(LIMIT).succeeded();
    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
}

#[test]
fn a_jwt_account_whose_refreshes_fail_for_ever_comes_back_by_its_jwt() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--access-token-ttl", "60", "--rate-limit", "0"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let failing = json!({"answer": {"status": 500, "body": "{}"}});
    provider.order_fault(&json!({"grant_type": "refresh_token", "action": failing}));
    let mut refresh = home.start(&["refresh", "work", "--wait", "90s"]);
    home.is_in_state("work", "in_doubt");
    refresh.finish(Duration::from_secs(95)).succeeded();
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(provider.count("token/jwt_bearer/issued"), 2);
    eventually("the session in doubt is ended", LIMIT, || {
        (provider.count("revoke/ok") > 0).then_some(())
    });
}
