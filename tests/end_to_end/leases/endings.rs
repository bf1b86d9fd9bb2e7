//! How a lease ends, and how it outlives its keeper.

use serde_json::json;
use tokenkeep_tests::{Bus, Home, Keeper, Process, Provider, eventually};

use super::{LIMIT, UNTIL_HUNG_UP, eventually_leases, exec, first_line, is_deferred, leases};

#[test]
fn a_lease_with_a_length_is_held_until_it_is_released() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let got = home.tokenkeep(&["get", "work", "--lease", "10m", "--label", "by hand"]);
    let token = got.succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    let leases = eventually_leases(&home, 1);
    let id = leases[0]["id"].to_string();
    assert!(
        got.stderr.contains(&format!("tokenkeep release {id}")),
        "{got}"
    );
    // The process that ran `get` uses the token: here, this test.
    assert_eq!(leases[0]["holder"]["pid"], std::process::id());
    assert_eq!(leases[0]["holder"]["label"], "by hand");
    is_deferred(&home);

    let released = home.tokenkeep(&["release", &id]);
    assert!(
        released
            .succeeded()
            .contains("(by hand) on the token of work"),
        "{released}"
    );
    eventually_leases(&home, 0);
    home.tokenkeep(&["refresh", "work"]).succeeded();
    let again = home.tokenkeep(&["release", &id]);
    again.exited(3);
    assert!(again.stderr.contains(&id), "{again}");

    let json = home.tokenkeep(&["get", "work", "--lease", "1m", "--json"]);
    assert_eq!(json.stderr, "");
    let id = json.json()["lease"]["id"].to_string();
    home.tokenkeep(&["release", &id]).succeeded();
}

#[test]
fn too_long_a_lease_is_refused_with_the_longest_that_can_be_had() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--access-token-ttl", "600"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let refused = home.tokenkeep(&["get", "work", "--lease", "9m"]);
    refused.exited(2);
    for words in [
        "live for 10 min",
        "the most that can be asked for is 8 min",
        "shorter lease",
    ] {
        assert!(refused.stderr.contains(words), "{refused}");
    }
    assert_eq!(refused.stdout, "");
    assert!(leases(&home).is_empty());
    home.tokenkeep(&["get", "work", "--lease", "7m"])
        .succeeded();
}

#[test]
fn a_command_whose_lease_is_released_is_told() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = exec(&home, &[], &UNTIL_HUNG_UP);
    first_line(&command);
    let id = leases(&home)[0]["id"].to_string();
    home.tokenkeep(&["release", &id]).succeeded();
    eventually("exec says so", LIMIT, || {
        command.stderr().contains("was ended").then_some(())
    });
    home.tokenkeep(&["refresh", "work"]).succeeded();
    // It does not take up again what was taken from it.
    assert!(leases(&home).is_empty());
    command.hang_up();
    let ended = command.finish(LIMIT);
    ended.exited(0);
    assert_eq!(ended.stderr.lines().count(), 1, "{ended}");
}

#[test]
fn a_holder_that_is_killed_releases_at_once_and_its_command_goes_on() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut holder = exec(&home, &[], &UNTIL_HUNG_UP);
    let token = first_line(&holder);
    let [command] = Process::with_id(holder.id()).children()[..] else {
        panic!("it runs one command")
    };
    eventually_leases(&home, 1);
    Process::with_id(holder.id()).kill();
    eventually_leases(&home, 0);
    assert!(command.is_running());
    home.tokenkeep(&["refresh", "work"]).succeeded();
    assert_eq!(provider.resource(&token).status, 401);
    holder.hang_up();
    holder.finish(LIMIT).exited(137);
}

#[test]
fn a_lease_is_taken_up_again_when_the_keeper_is_back() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = exec(&home, &["--label", "nightly"], &UNTIL_HUNG_UP);
    let token = first_line(&command);
    for end in ["in order", "by a crash"] {
        match end {
            "in order" => keeper.stop().exited(0).code,
            _ => keeper.kill().code,
        };
        assert!(command.is_running());
        keeper.restart();
        let leases = eventually_leases(&home, 1);
        let holder =
            json!({"pid": command.id(), "program": "sh", "label": "nightly", "sandbox": null});
        assert_eq!(leases[0]["holder"], holder);
        is_deferred(&home);
        assert_eq!(provider.resource(&token).status, 200, "{end}");
    }
    command.hang_up();
    let ended = command.finish(LIMIT);
    ended.exited(0);
    assert_eq!(ended.stderr, "");
    eventually_leases(&home, 0);
}

#[test]
fn a_lease_that_cannot_be_taken_up_again_is_said_to_be_lost_once() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = exec(&home, &[], &UNTIL_HUNG_UP);
    first_line(&command);
    // Too late to come back.
    command.freeze();
    keeper.kill();
    keeper.restart();
    home.tokenkeep(&["refresh", "work"]).succeeded();
    command.thaw();
    eventually("exec says so", LIMIT, || {
        command.stderr().contains('\n').then_some(())
    });
    assert!(command.is_running());
    command.hang_up();
    let ended = command.finish(LIMIT);
    ended.exited(0);
    assert_eq!(ended.stderr.lines().count(), 1, "{ended}");
    for words in ["could not be taken up again", "tokenkeep get work"] {
        assert!(ended.stderr.contains(words), "{ended}");
    }
    assert!(leases(&home).is_empty());
}
