//! What passes by itself: quotas, outages, captive portals, ended sessions.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tokenkeep_tests::{Bus, Home, Keeper, Provider, eventually};

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn nothing_is_sent_in_a_penalty_window_not_even_after_a_restart() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    let token = home.tokenkeep(&["get", "me"]).succeeded();

    // Another program with the same client id uses the quota up.
    let client = provider.env("TOKENKEEP_PUBLIC_CLIENT_ID").to_owned();
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "nobody's"),
        ("client_id", client.as_str()),
    ];
    for _ in 0..4 {
        let reply = provider.post_form("/restapi/oauth/token", &fields);
        assert_eq!(reply.status, 400, "{reply:?}");
    }
    let penalty_from = Instant::now();
    let refused = home.tokenkeep(&["refresh", "me", "--wait", "4s"]);
    refused.exited(5);
    assert!(refused.stderr.contains("too often"), "{refused}");
    assert_eq!(provider.count("token/refresh_token/throttled"), 1);

    keeper.kill();
    keeper.restart();
    assert_eq!(home.tokenkeep(&["get", "me"]).succeeded(), token);
    let refused = home.tokenkeep(&["refresh", "me", "--wait", "2s"]);
    refused.exited(5);
    assert_eq!(home.tokenkeep(&["get", "me"]).succeeded(), token);
    assert_eq!(provider.resource(&token).status, 200);

    // Every request in the window would begin it again.
    home.tokenkeep(&["refresh", "me", "--wait", "85s"])
        .succeeded();
    assert!(penalty_from.elapsed() >= Duration::from_secs(60));
    assert_eq!(provider.count("token/refresh_token/throttled"), 1);
    assert_eq!(provider.count("token/refresh_token/issued"), 1);
    let next = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&next).status, 200);
}

#[test]
fn a_provider_away_for_a_minute_changes_nothing_for_readers() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--access-token-ttl", "600"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();

    let outage = Duration::from_secs(60);
    provider.go_away(outage);
    let began = Instant::now();
    let refused = home.tokenkeep(&["refresh", "work", "--wait", "4s"]);
    refused.exited(5);
    assert!(refused.stderr.contains("No connection"), "{refused}");
    let mut refresh = home.start(&["refresh", "work", "--wait", "90s"]);
    while began.elapsed() < outage - Duration::from_secs(4) {
        let asked = Instant::now();
        assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
        // An attempt takes readers no longer than it takes to drain them.
        let took = asked.elapsed();
        assert!(
            took < Duration::from_secs(5),
            "a reader waited for {took:?}"
        );
        thread::sleep(Duration::from_millis(500));
    }
    assert!(refresh.is_running());
    refresh.finish(LIMIT).succeeded();
    let next = home.tokenkeep(&["get", "work"]).succeeded();
    assert_ne!(next, token);
    assert_eq!(provider.resource(&next).status, 200);
    assert_eq!(home.account("work")["state"], "fresh");
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
    assert_eq!(provider.count("token/refresh_token/issued"), 1);
}

#[test]
fn captive_portals_and_failing_servers_cost_no_sign_in() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    let proxy = json!({"answer": {
        "status": 403, "content_type": "text/html", "body": "<p>Blocked by your organisation"
    }});
    provider.order_fault(&json!({"times": 1, "action": "html"}));
    provider.order_fault(&json!({"times": 1, "action": proxy}));
    // Each of them may hide that the token was replaced: nobody is served until
    // that is known, and then everybody by itself.
    let mut refresh = home.start(&["refresh", "me", "--wait", "60s"]);
    home.is_in_state("me", "in_doubt");
    let refused = home.tokenkeep(&["get", "me", "--wait", "0s"]);
    refused.exited(5);
    assert!(refused.stderr.contains("not known whether"), "{refused}");
    refresh.finish(LIMIT).succeeded();
    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(home.account("me")["state"], "fresh");
    assert_eq!(provider.count("token/authorization_code/issued"), 1);
}

#[test]
fn a_provider_out_of_service_is_left_alone_for_as_long_as_it_asks() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    // Without a code of its own, a gateway may have said so after the provider had acted.
    let maintenance = json!({"answer": {
        "status": 503, "headers": {"retry-after": "8"}, "body": r#"{"errorCode": "CMN-201"}"#
    }});
    provider.order_fault(&json!({"times": 1, "action": maintenance}));
    let began = Instant::now();
    let mut refresh = home.start(&["refresh", "work"]);
    eventually("it is out of service", LIMIT, || {
        (provider.count("token/fault/answered") == 1).then_some(())
    });
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    refresh.finish(LIMIT).succeeded();
    assert!(began.elapsed() >= Duration::from_secs(8));
    assert_eq!(provider.count("token/refresh_token/issued"), 1);
}

#[test]
fn a_jwt_account_recovers_from_an_ended_session_by_itself() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    assert_eq!(provider.end_sessions(0), 1);
    assert_eq!(provider.resource(&token).status, 401);

    let next = home.tokenkeep(&["get", "work", "--refused"]).succeeded();
    assert_ne!(next, token);
    assert_eq!(provider.resource(&next).status, 200);
    assert_eq!(provider.count("token/refresh_token/invalid_grant"), 1);
    assert_eq!(provider.count("token/jwt_bearer/issued"), 2);
    // Who comes late with the same complaint gets what is there already.
    let arguments = ["get", "work", "--refused", "--token-stdin"];
    let late = home.tokenkeep_with_input(&arguments, &token);
    assert_eq!(late.succeeded(), next);
    assert_eq!(provider.count("token/jwt_bearer/issued"), 2);
}

#[test]
fn a_code_account_whose_session_was_ended_asks_for_a_person_and_says_so_once() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.end_sessions(0), 1);
    assert_eq!(provider.resource(&token).status, 401);

    let refused = home.tokenkeep(&["get", "me", "--refused"]);
    refused.exited(4);
    assert!(refused.stderr.contains("tokenkeep sign-in me"), "{refused}");
    assert_eq!(home.account("me")["state"], "sign_in_needed");
    let list = home.tokenkeep(&["list"]).succeeded();
    assert!(list.contains("sign in again"), "{list}");
    eventually("a notice is given", LIMIT, || {
        home.has_notice("me", "sign_in_needed").then_some(())
    });
    keeper.kill();
    keeper.restart();
    home.tokenkeep(&["get", "me", "--refused"]).exited(4);
    let notices = |kind: &str| {
        let is_it = |line: &serde_json::Value| line["detail"]["notice"] == kind;
        home.journal("me").iter().filter(|line| is_it(line)).count()
    };
    assert_eq!(notices("sign_in_needed"), 1);

    home.sign_in("me", &provider);
    let next = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&next).status, 200);
    assert_eq!(home.account("me")["state"], "fresh");
    assert_eq!(notices("recovered"), 1);
}
