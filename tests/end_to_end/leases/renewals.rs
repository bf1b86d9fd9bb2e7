//! A renewal waits for leases where it would kill their token, and not for ever.

use std::time::Duration;

use serde_json::json;
use tokenkeep_tests::{Bus, Home, Keeper, Provider, eventually, tokenkeep_binary};

use super::{LIMIT, UNTIL_HUNG_UP, eventually_leases, exec, first_line, is_deferred, leases};

#[test]
fn a_renewal_waits_for_the_command_and_happens_right_after_it() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = exec(&home, &["--label", "nightly"], &UNTIL_HUNG_UP);
    let token = first_line(&command);
    let [lease] = &leases(&home)[..] else {
        panic!("it takes one lease")
    };
    assert_eq!(lease["account"], "work");
    let holder = json!({"pid": command.id(), "program": "sh", "label": "nightly", "sandbox": null});
    assert_eq!(lease["holder"], holder);
    let table = home.tokenkeep(&["leases", "work"]).succeeded();
    assert!(
        table.contains("nightly") && table.contains("UNTIL"),
        "{table}"
    );

    is_deferred(&home);
    let mut refresh = home.start(&["refresh", "work", "--wait", "60s"]);
    // Readers are not held up by what waits.
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(home.refreshes_sent("work"), 0);
    assert!(refresh.is_running());

    command.hang_up();
    command.finish(LIMIT).succeeded();
    refresh.finish(LIMIT).succeeded();
    assert_eq!(provider.resource(&token).status, 401);
    let next = home.tokenkeep(&["get", "work"]).succeeded();
    assert_eq!(provider.resource(&next).status, 200);
    eventually_leases(&home, 0);
}

#[test]
fn at_the_last_safe_moment_the_command_is_told_and_goes_on() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    // The last safe moment of tokens that live so short comes at half their life.
    let provider = Provider::start(&["--access-token-ttl", "20"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = exec(&home, &[], &UNTIL_HUNG_UP);
    let token = first_line(&command);
    eventually("exec says so", LIMIT, || {
        command.stderr().contains('\n').then_some(())
    });
    let next = home.tokenkeep(&["get", "work"]).succeeded();
    assert_ne!(next, token);
    assert_eq!(provider.resource(&next).status, 200);
    eventually_leases(&home, 0);
    assert!(command.is_running());
    command.hang_up();
    let ended = command.finish(LIMIT);
    ended.exited(0);
    assert_eq!(ended.stderr.lines().count(), 1, "{ended}");
    for words in ["about to die", "renewed now", "tokenkeep get work"] {
        assert!(ended.stderr.contains(words), "{ended}");
    }
}

#[test]
fn an_exec_in_an_exec_and_a_get_in_it_get_the_same_token_at_once() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    // Somebody waits for the leases to end all the while.
    let mut outer = exec(&home, &[], &UNTIL_HUNG_UP);
    let token = first_line(&outer);
    let mut refresh = home.start(&["refresh", "work", "--wait", "60s"]);
    let program = tokenkeep_binary().display().to_string();
    let inner = format!("echo \"$ACCESS_TOKEN\"; '{program}' get work");
    let nested = [&program, "exec", "work", "--", "sh", "-c", &inner];
    let ended = exec(&home, &[], &nested).finish(Duration::from_secs(10));
    let printed = ended.succeeded();
    assert_eq!(printed, format!("{token}\n{token}"));
    outer.hang_up();
    outer.finish(LIMIT).succeeded();
    refresh.finish(LIMIT).succeeded();
}

#[test]
fn a_renewal_that_kills_nothing_waits_for_no_lease() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    // Without a refresh token, the JWT is presented again, which opens another session.
    let provider = Provider::start(&["--refresh-token-ttl", "0"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = exec(&home, &[], &UNTIL_HUNG_UP);
    let token = first_line(&command);
    home.tokenkeep(&["refresh", "work", "--wait", "10s"])
        .succeeded();
    let next = home.tokenkeep(&["get", "work"]).succeeded();
    assert_ne!(next, token);
    for token in [&token, &next] {
        assert_eq!(provider.resource(token).status, 200);
    }
    command.hang_up();
    let ended = command.finish(LIMIT);
    ended.exited(0);
    assert_eq!(ended.stderr, "");
    eventually("the session that nobody uses is ended", LIMIT, || {
        (provider.resource(&token).status == 401).then_some(())
    });
    assert_eq!(provider.resource(&next).status, 200);
}
