//! What sleep, networks and clocks do to tokens.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use tokenkeep_tests::{Bus, FakeClock, Home, Keeper, Logind, OwnNetwork, Provider, eventually};

const SECOND: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(20);
/// A token of so many seconds is renewed after 18 to 20. Renewals that fail are tried
/// again 5, 5, 10 and 20 seconds later, and a tenth more.
const SHORT_LIFE: &str = "40";
/// When the fourth has failed and the token has expired, and the fifth is still far away.
const EXPIRED: Duration = Duration::from_secs(43);
/// Sooner than the fifth.
const WITHIN_SECONDS: Duration = Duration::from_secs(9);
/// The machine is looked at once a minute by a keeper that nobody tells anything.
const LOOKED_AT: Duration = Duration::from_secs(75);

/// How often an account's renewal has failed.
fn failures(home: &Home, name: &str) -> usize {
    let journal = home.ask("GET", &format!("/v1/journal?account={name}"), "");
    let journal = journal.json();
    let lines = journal["lines"].as_array().unwrap();
    lines.iter().filter(|line| line["kind"] == "failed").count()
}

fn has_failed_four_times(home: &Home, name: &str) {
    eventually("four renewals have failed", 3 * LIMIT, || {
        (failures(home, name) == 4).then_some(())
    });
}

fn is_back(provider: &Provider) {
    eventually("the provider is back", LIMIT, || {
        TcpStream::connect(("127.0.0.1", provider.port())).ok()
    });
}

/// The account has another token within seconds, got by its refresh token.
#[track_caller]
fn is_renewed_within_seconds(home: &Home, name: &str, old: &str, provider: &Provider) {
    eventually("the token is fresh", WITHIN_SECONDS, || {
        (home.account(name)["generation"] == 2).then_some(())
    });
    let new = home.tokenkeep(&["get", name]).succeeded();
    assert_ne!(new, old);
    assert_eq!(provider.resource(&new).status, 200);
    assert_eq!(provider.count("token/refresh_token/issued"), 1);
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
}

#[test]
fn a_machine_that_slept_through_an_expiry_has_a_fresh_token_within_seconds_of_waking() {
    let logind = Logind::start();
    let bus = Bus::with_keyring();
    let mut home = Home::on(&bus);
    logind.serve(&mut home);
    let provider = Provider::start(&["--access-token-ttl", SHORT_LIFE]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let old = home.tokenkeep(&["get", "work"]).succeeded();
    provider.go_away(EXPIRED);
    has_failed_four_times(&home, "work");

    logind.machine_falls_asleep();
    keeper.process().freeze();
    is_back(&provider);
    assert_eq!(provider.resource(&old).status, 401);
    logind.machine_wakes();
    keeper.process().thaw();
    is_renewed_within_seconds(&home, "work", &old, &provider);
}

#[test]
fn a_token_that_expired_without_a_network_is_fresh_within_seconds_of_its_return() {
    let test = "time::a_token_that_expired_without_a_network_is_fresh_within_seconds_of_its_return";
    OwnNetwork::run(test, |network| {
        let bus = Bus::with_keyring();
        let home = Home::on(&bus);
        let provider = Provider::start(&["--access-token-ttl", SHORT_LIFE]);
        let _keeper = Keeper::start(&home, &[]);
        home.add_by_jwt("work", &provider);
        let old = home.tokenkeep(&["get", "work"]).succeeded();
        network.go_away();
        provider.go_away(EXPIRED);
        has_failed_four_times(&home, "work");
        is_back(&provider);
        assert_eq!(provider.resource(&old).status, 401);

        network.come_back();
        is_renewed_within_seconds(&home, "work", &old, &provider);
    });
}

#[test]
fn a_renewal_that_fails_at_the_networks_return_is_tried_again_within_seconds() {
    let test = "time::a_renewal_that_fails_at_the_networks_return_is_tried_again_within_seconds";
    OwnNetwork::run(test, |network| {
        let bus = Bus::with_keyring();
        let home = Home::on(&bus);
        let provider = Provider::start(&["--access-token-ttl", SHORT_LIFE]);
        let _keeper = Keeper::start(&home, &[]);
        home.add_by_jwt("work", &provider);
        let old = home.tokenkeep(&["get", "work"]).succeeded();
        network.go_away();
        // Long enough for the next try to be allowed, which keeps five seconds' distance from the fourth.
        let (gone_at, gone_for) = (Instant::now(), EXPIRED + 8 * SECOND);
        provider.go_away(gone_for);
        has_failed_four_times(&home, "work");

        // The network is there first, and for three seconds nobody answers.
        eventually("the provider is almost back", LIMIT, || {
            (gone_at.elapsed() + 3 * SECOND >= gone_for).then_some(())
        });
        network.come_back();
        is_renewed_within_seconds(&home, "work", &old, &provider);
        assert_eq!(failures(&home, "work"), 5);
    });
}

#[test]
fn a_clock_that_is_set_moves_no_renewal_also_across_a_restart() {
    let logind = Logind::start();
    let bus = Bus::with_keyring();
    let mut home = Home::on(&bus);
    logind.serve(&mut home);
    let clock = FakeClock::of(&mut home);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    for hours in [3, -5] {
        let resting = bus.keyring_secrets();
        clock.set_off_by(hours);
        if hours < 0 {
            // The clocks are also looked at when anything else is told.
            logind.machine_wakes();
        }
        eventually(
            "times are saved in the clock's new setting",
            LOOKED_AT,
            || (bus.keyring_secrets() != resting).then_some(()),
        );
        keeper.kill();
        keeper.restart();
        assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    }
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(provider.count("token/refresh_token/issued"), 0);
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
}

#[test]
fn a_lease_is_held_on_whatever_the_clock_is_set_to() {
    let logind = Logind::start();
    let bus = Bus::with_keyring();
    let mut home = Home::on(&bus);
    logind.serve(&mut home);
    let clock = FakeClock::of(&mut home);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = home.start_listening(&[
        "exec",
        "work",
        "--",
        "/bin/sh",
        "-c",
        "echo $ACCESS_TOKEN; cat",
    ]);
    let leases = || home.tokenkeep(&["leases", "--json"]).json();
    let token = eventually("the command has its token", LIMIT, || {
        let token = command.stdout().trim().to_owned();
        (!token.is_empty()).then_some(token)
    });
    let resting = bus.keyring_secrets();
    // Later than the token would live.
    clock.set_off_by(2);
    logind.machine_wakes();
    eventually(
        "times are saved in the clock's new setting",
        LOOKED_AT,
        || (bus.keyring_secrets() != resting).then_some(()),
    );
    assert_eq!(leases().as_array().unwrap().len(), 1);
    let refused = home.tokenkeep(&["refresh", "work", "--wait", "2s"]);
    refused.exited(5);
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(command.stderr(), "");
    command.hang_up();
    command.finish(LIMIT).succeeded();
    assert_eq!(provider.count("token/refresh_token/issued"), 0);
}
