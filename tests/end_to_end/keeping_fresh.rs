//! Tokens are renewed before they die, and no reader gets one that is dying.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tokenkeep_tests::{Bus, Home, Keeper, Provider, eventually};

const LIMIT: Duration = Duration::from_secs(20);

/// Reads like a program that asks for a token each time that it needs one, and
/// uses it at once. Returns how many different tokens it got.
fn read_twice_a_second(home: &Home, name: &str, provider: &Provider, length: Duration) -> usize {
    let mut tokens = Vec::new();
    let started = Instant::now();
    for reading in 0.. {
        let due = Duration::from_millis(500 * reading);
        if due >= length {
            break;
        }
        thread::sleep(due.saturating_sub(started.elapsed()));
        let token = home.tokenkeep(&["get", name]).succeeded();
        let reply = provider.resource(&token);
        let after = started.elapsed();
        assert_eq!(reply.status, 200, "{name} after {after:?}: {}", reply.body);
        if tokens.last() != Some(&token) {
            tokens.push(token);
        }
    }
    tokens.len()
}

#[test]
fn readers_that_ask_twice_a_second_for_two_minutes_never_get_a_token_that_is_refused() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--access-token-ttl", "60"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("machine", &provider);
    home.add_by_code("person", &provider);
    home.sign_in("person", &provider);

    let length = Duration::from_secs(120);
    let read = |name| read_twice_a_second(&home, name, &provider, length);
    let (machine, person) = thread::scope(|scope| {
        let machine = scope.spawn(|| read("machine"));
        let person = scope.spawn(|| read("person"));
        (machine.join().unwrap(), person.join().unwrap())
    });
    // Sixty seconds hold one renewal at least, and no more than two.
    for (name, tokens) in [("machine", machine), ("person", person)] {
        assert!((3..=6).contains(&tokens), "{name} had {tokens} tokens");
    }
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
    assert_eq!(provider.count("token/authorization_code/issued"), 1);
    assert_eq!(provider.count("token/refresh_token/throttled"), 0);
    assert_eq!(provider.count("token/refresh_token/invalid_grant"), 0);
    assert_eq!(provider.count("token/refresh_token/replayed"), 0);
}

#[test]
fn readers_that_come_together_during_a_renewal_all_get_its_token_by_one_request() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--access-token-ttl", "600"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let old = home.tokenkeep(&["get", "work"]).succeeded();

    provider.order_fault(&json!({"times": 1, "delay_ms": 60_000}));
    let mut refresh = home.start(&["refresh", "work"]);
    eventually("the request is under way", LIMIT, || {
        (home.refreshes_sent("work") == 1).then_some(())
    });
    let replies = thread::scope(|scope| {
        let readers: Vec<_> = (0..50)
            .map(|_| scope.spawn(|| home.ask_for_token("work")))
            .collect();
        // They all stand in the queue when the provider is let go on.
        eventually("fifty connections wait", LIMIT, || {
            (connections_to_socket(&home) >= 50).then_some(())
        });
        provider.clear_faults();
        let replies: Vec<_> = readers.into_iter().map(|r| r.join().unwrap()).collect();
        replies
    });
    refresh.finish(LIMIT).succeeded();
    let new = home.tokenkeep(&["get", "work"]).succeeded();
    assert_ne!(new, old);
    for reply in replies {
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.json()["access_token"], json!(new));
    }
    assert_eq!(provider.resource(&new).status, 200);
    assert_eq!(provider.count("token/refresh_token/issued"), 1);
    assert_eq!(provider.count("token/refresh_token/replayed"), 0);
}

/// How many connections the keeper has accepted at its socket.
fn connections_to_socket(home: &Home) -> usize {
    let socket = home.folder().join("agent.sock").display().to_string();
    let table = std::fs::read_to_string("/proc/net/unix").unwrap();
    // unix(7): the state 03 is connected; both ends of a connection are listed,
    // the accepted one under the path.
    let is_accepted = |line: &&str| line.contains(&socket) && line.contains(" 0001 03 ");
    table.lines().filter(is_accepted).count()
}

#[test]
fn a_renewal_that_hangs_on_one_account_delays_no_other() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--access-token-ttl", "600", "--users", "2"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("hung", &provider);
    let other = std::fs::read_to_string(provider.env_file())
        .unwrap()
        .replace(provider.env("RC_USER_JWT"), provider.env("RC_USER_JWT_2"));
    let other = provider.file("other.env", &other);
    home.tokenkeep(&["add", "other", "--env-file", &other])
        .succeeded();
    home.is_fresh("other");

    provider.order_fault(&json!({"user": 0, "times": 1, "delay_ms": 60_000}));
    let mut hanging = home.start(&["refresh", "hung"]);
    eventually("the request hangs", LIMIT, || {
        (home.refreshes_sent("hung") == 1).then_some(())
    });
    let started = Instant::now();
    let first = home.tokenkeep(&["get", "other"]).succeeded();
    home.tokenkeep(&["refresh", "other"]).succeeded();
    let second = home.tokenkeep(&["get", "other"]).succeeded();
    let took = started.elapsed();
    assert_ne!(first, second);
    assert_eq!(provider.resource(&second).status, 200);
    assert!(took < Duration::from_secs(8), "it took {took:?}");
    assert_eq!(home.account("hung")["state"], "renewing");

    provider.clear_faults();
    hanging.finish(LIMIT).succeeded();
    let token = home.tokenkeep(&["get", "hung"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
}

#[test]
fn a_reader_that_cannot_wait_is_told_what_it_would_wait_for() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--access-token-ttl", "600"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    provider.order_fault(&json!({"times": 1, "delay_ms": 60_000}));
    let mut refresh = home.start(&["refresh", "work"]);
    eventually("the request is under way", LIMIT, || {
        (home.refreshes_sent("work") == 1).then_some(())
    });
    let refused = home.tokenkeep(&["get", "work", "--wait", "1s"]);
    refused.exited(5);
    assert!(refused.stderr.contains("is being renewed"), "{refused}");
    provider.clear_faults();
    refresh.finish(LIMIT).succeeded();
}
