//! What the commands print, for people and for programs.

use std::time::Duration;

use serde_json::Value;
use tokenkeep_tests::{Bus, Home, Keeper, Provider, eventually, tokenkeep_binary};

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn the_journal_shows_a_renewal_as_it_happens() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    home.add_by_jwt("other", &provider);
    let mut text = home.start(&["journal", "work", "--follow"]);
    let mut json = home.start(&["journal", "work", "--follow", "--json"]);
    eventually("what happened before is shown", LIMIT, || {
        let shown = text.stdout().contains("Signed in by JWT") && !json.stdout().is_empty();
        shown.then_some(())
    });
    home.tokenkeep(&["refresh", "other"]).succeeded();
    home.tokenkeep(&["refresh", "work"]).succeeded();
    eventually(
        "the renewal is shown while the command goes on",
        LIMIT,
        || {
            let renewed = "Renewed by its refresh token";
            (text.stdout().contains(renewed) && json.stdout().contains(renewed)).then_some(())
        },
    );
    assert!(text.is_running() && json.is_running());
    assert!(!text.stdout().contains("other"), "{}", text.stdout());

    keeper.stop().exited(0);
    text.finish(LIMIT).exited(6);
    let ended = json.finish(LIMIT);
    ended.exited(6);
    let lines: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let ids: Vec<i64> = lines
        .iter()
        .map(|line| line["id"].as_i64().unwrap())
        .collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    assert!(lines.iter().all(|line| line["account"] == "work"));
}

#[test]
fn every_command_that_knows_json_prints_it() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    let file = provider.env_file();
    let added = home.tokenkeep(&["add", "work", "--env-file", &file, "--json"]);
    assert_eq!(added.json()["name"], "work");
    home.is_fresh("work");
    let got = home.tokenkeep(&["get", "work", "--json"]).json();
    let token = got["access_token"].as_str().unwrap();
    assert_eq!(provider.resource(token).status, 200);
    assert_eq!(got["token_type"], "Bearer");
    assert!(
        (1..=3600).contains(&got["expires_in"].as_u64().unwrap()),
        "{got}"
    );
    let refreshed = home.tokenkeep(&["refresh", "work", "--json"]).json();
    assert_eq!(refreshed["generation"], 2);
    let next = home
        .tokenkeep(&["get", "work", "--refused", "--json"])
        .json();
    assert_ne!(next["fingerprint"], refreshed["fingerprint"]);
    let listed = home.tokenkeep(&["list", "--json"]).json();
    assert_eq!(listed[0]["fingerprint"], next["fingerprint"]);
    assert_eq!(
        home.tokenkeep(&["status", "--json"]).json()["vault"]["state"],
        "ready"
    );
    assert!(!home.journal("work").is_empty());
    let removed = home.tokenkeep(&["remove", "work", "--json"]).json();
    assert_eq!(removed["name"], "work");
    assert_eq!(
        home.tokenkeep(&["list", "--json"]).json(),
        serde_json::json!([])
    );
}

#[test]
fn get_prints_the_token_alone_or_as_a_header() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--access-token-ttl", "600"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let alone = home.tokenkeep(&["get", "work"]);
    let token = alone.succeeded();
    assert_eq!(alone.stdout, format!("{token}\n"));
    assert_eq!(alone.stderr, "");
    let header = home.tokenkeep(&["get", "work", "--header"]);
    assert_eq!(header.stdout, format!("Authorization: Bearer {token}\n"));
    // Tokens of ten minutes can be asked for eight: two are the margin.
    let long = home.tokenkeep(&["get", "work", "--min-validity", "7m"]);
    assert_eq!(long.succeeded(), token);
    let too_long = home.tokenkeep(&["get", "work", "--min-validity", "9m"]);
    too_long.exited(2);
    assert!(too_long.stderr.contains("live for 10 min"), "{too_long}");
}

#[test]
fn a_pipe_gets_no_colours_and_a_terminal_may() {
    let bus = Bus::with_keyring();
    let mut home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    drop(_keeper);
    home.set("TERM", "xterm-256color");
    let _keeper = Keeper::start(&home, &[]);
    home.is_fresh("work");
    let escape = '\u{1b}';
    assert!(!home.tokenkeep(&["list"]).succeeded().contains(escape));
    let on_terminal = |home: &Home| {
        let mut list = home.start_on_terminal(&["list"]);
        list.finish(LIMIT).succeeded()
    };
    assert!(on_terminal(&home).contains(escape));
    drop(_keeper);
    home.set("NO_COLOR", "1");
    let _keeper = Keeper::start(&home, &[]);
    home.is_fresh("work");
    assert!(!on_terminal(&home).contains(escape));
}

#[test]
fn a_program_with_an_evil_name_acts_on_nobodys_terminal() {
    let home = Home::without_bus();
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &["--vault", "memory"]);
    home.add_by_jwt("work", &provider);
    let evil = home.folder().join("\u{1b}]0;\u{202e}x\u{9b}m");
    std::os::unix::fs::symlink("/bin/cat", &evil).unwrap();
    let _holder = home.start_listening(&["exec", "work", "--", evil.to_str().unwrap()]);
    let leases = eventually("its lease is listed", LIMIT, || {
        let leases = home.tokenkeep(&["leases"]).succeeded();
        leases.contains("]0;").then_some(leases)
    });
    let json = home.tokenkeep(&["leases", "--json"]).succeeded();
    let id = home.tokenkeep(&["leases", "--json"]).json()[0]["id"].to_string();
    let released = home.tokenkeep(&["release", &id]).succeeded();
    for printed in [leases, json, released] {
        let acts = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!printed.contains(acts), "{printed:?}");
    }
}

#[test]
fn a_token_that_nobody_can_read_because_the_output_is_closed_is_no_success() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let tokenkeep = tokenkeep_binary().display().to_string();
    let run = |redirect: &str, more: &str| {
        let script = format!("\"$0\" get work {more} {redirect}");
        home.run("/bin/sh", &["-c", &script, &tokenkeep], "")
    };
    for more in ["", "--json", "--header"] {
        let closed = run(">&-", more);
        closed.exited(1);
        assert!(
            closed.stderr.contains("standard output is closed"),
            "{closed}"
        );
        run(">/dev/null", more).exited(0);
    }
}
