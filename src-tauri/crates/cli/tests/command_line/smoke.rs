//! The main job, once through.

use std::process::Stdio;

use serde_json::Value;

use crate::home::{Home, eventually, exit_code};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn an_account_is_added_used_and_removed() {
    let (home, env) = Home::with_keeper();
    assert!(home.run(&["list"]).stderr.contains("tokenkeep add"));
    home.run(&["add", "work", "--env-file", env.to_str().unwrap()])
        .done();
    home.run(&["sign-in", "work"]).done();

    let token = home.run(&["get", "work"]).done();
    let token = token.strip_suffix('\n').unwrap();
    assert!(!token.is_empty() && !token.contains(char::is_whitespace));
    assert_eq!(
        home.run(&["get", "work", "--header"]).done(),
        format!("Authorization: Bearer {token}\n")
    );
    let whole = json(
        &home
            .run(&["get", "work", "--json", "--min-validity", "5m"])
            .done(),
    );
    assert_eq!(
        (whole["access_token"].as_str(), whole["unsaved"].as_bool()),
        (Some(token), Some(false))
    );
    assert_eq!(whole["token_type"], "Bearer");
    assert!((3500..=3600).contains(&whole["expires_in"].as_u64().unwrap()));

    let list = home.run(&["list"]).done();
    assert!(
        list.contains("work") && list.contains("fresh") && !list.contains('\x1b'),
        "{list}"
    );
    let accounts = json(&home.run(&["list", "--json"]).done());
    assert_eq!(accounts[0]["fingerprint"], whole["fingerprint"]);

    home.run(&["refresh", "work"]).done();
    assert_ne!(home.run(&["get", "work"]).done().trim_end(), token);
    let journal = home.run(&["journal", "work", "--json"]).done();
    assert!(
        journal
            .lines()
            .map(json)
            .any(|line| line["kind"] == "renewed"),
        "{journal}"
    );

    let removed = json(&home.run(&["remove", "work", "--json"]).done());
    assert_eq!(
        (removed["name"].as_str(), removed["revoking"].as_bool()),
        (Some("work"), Some(true))
    );
    home.run(&["get", "work"]).failed(3, &["work"]);
    // What happened to it is remembered.
    let journal = home.run(&["journal", "work"]).done();
    assert!(journal.contains("removed"), "{journal}");
}

#[test]
fn a_refused_token_is_replaced_unless_somebody_else_had_it_replaced() {
    let (home, env) = Home::with_keeper();
    home.run(&["add", "work", "--env-file", env.to_str().unwrap()])
        .done();
    let first = home.run(&["get", "work"]).done();
    let second = home.run(&["get", "work", "--refused"]).done();
    assert_ne!(first, second);
    // The token that was refused is gone already: the current one is the answer, and is not renewed.
    assert_eq!(
        home.run_with_input(&["get", "work", "--refused", "--token-stdin"], &first)
            .done(),
        second
    );
    // One that is refused as soon as it has come is not to blame, and is not renewed.
    let third = home
        .run_with_input(&["get", "work", "--refused", "--token-stdin"], &second)
        .done();
    assert_eq!(second, third);
}

#[test]
fn an_account_is_added_from_options_with_secrets_on_standard_input() {
    let (home, env) = Home::with_keeper();
    let env = crate::home::read(&env);
    let value = |name: &str| {
        env.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .unwrap()
    };
    let secrets = format!(
        "client_secret={}\nassertion={}\n",
        value("RC_APP_CLIENT_SECRET"),
        value("RC_USER_JWT")
    );
    let arguments = [
        "add",
        "bot",
        "--provider",
        "practice",
        "--server",
        value("RC_SERVER_URL"),
        "--client-id",
        value("RC_APP_CLIENT_ID"),
        "--grant",
        "jwt",
        "--secrets-stdin",
    ];
    home.run_with_input(&arguments, &secrets).done();
    home.run(&["get", "bot"]).done();
    home.run_with_input(&arguments, &secrets)
        .failed(2, &["bot already", "tokenkeep remove bot"]);
}

#[test]
fn the_journal_is_followed_until_the_keeper_ends_and_says_so() {
    let (home, env) = Home::with_keeper();
    let log = home.path("follow.out");
    let mut follow = home.command(&["journal", "--follow", "--json"]);
    let mut child = follow
        .stdout(std::fs::File::create(&log).unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    home.run(&["add", "work", "--env-file", env.to_str().unwrap()])
        .done();
    home.run(&["get", "work"]).done();
    eventually(|| {
        crate::home::read(&log)
            .lines()
            .any(|line| json(line)["kind"] == "renewed")
    });
    home.run(&["quit"]).done();
    assert_eq!(exit_code(&mut child), Some(6));
    let ids: Vec<i64> = crate::home::read(&log)
        .lines()
        .map(|line| json(line)["id"].as_i64().unwrap())
        .collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    home.run(&["get", "work"]).failed(6, &["tokenkeep serve"]);
}

#[test]
fn a_second_keeper_is_refused_and_a_dead_ones_socket_replaced() {
    let mut home = Home::new();
    home.serve();
    home.run(&["serve", "--vault", "memory"])
        .failed(1, &["already running", "process"]);
    let status = json(&home.run(&["status", "--json"]).done());
    let pid = status["pid"].to_string();
    // As a crash: the socket's file stays.
    assert!(
        std::process::Command::new("kill")
            .args(["-KILL", &pid])
            .status()
            .unwrap()
            .success()
    );
    eventually(|| home.run(&["status"]).code == Some(6));
    assert!(home.path("agent.sock").exists());
    home.serve();
    home.run(&["status"]).done();
}

#[test]
fn the_keeper_ends_in_order_when_it_is_asked_by_signal() {
    for signal in ["-TERM", "-INT", "-HUP"] {
        let home = Home::new();
        let (mut child, _) = home.start(home.command(&["serve", "--vault", "memory"]));
        send(signal, &child);
        assert_eq!(exit_code(&mut child), Some(0), "{signal}");
        assert!(!home.path("agent.sock").exists(), "{signal}");
    }
}

/// Only Linux tells a process that it is to ignore a signal.
#[cfg(target_os = "linux")]
#[test]
fn a_keeper_that_is_to_ignore_its_terminals_signals_outlives_it() {
    for (ignoring, signal) in [
        (&["nohup"][..], "-HUP"),
        // What a script's `tokenkeep serve &` does.
        (&["sh", "-c", "trap '' INT; exec \"$@\"", "sh"], "-INT"),
    ] {
        let home = Home::new();
        let keeper = home.command_under(ignoring, &["serve", "--vault", "memory"]);
        let (mut child, _) = home.start(keeper);
        send(signal, &child);
        home.run(&["status"]).done();
        send("-TERM", &child);
        assert_eq!(exit_code(&mut child), Some(0), "{signal}");
    }
}

fn send(signal: &str, child: &std::process::Child) {
    let pid = child.id().to_string();
    let kill = std::process::Command::new("kill")
        .args([signal, &pid])
        .status();
    assert!(kill.unwrap().success());
}

#[test]
fn where_secrets_are_in_memory_there_is_no_keychain_to_unlock() {
    let mut home = Home::new();
    home.serve();
    let unlocked = home.run(&["unlock"]);
    assert!(
        unlocked.stderr.contains("no keychain to unlock"),
        "{unlocked:?}"
    );
    unlocked.done();
}

#[test]
fn nobody_reading_the_output_is_no_error() {
    let (home, env) = Home::with_keeper();
    home.run(&["add", "work", "--env-file", env.to_str().unwrap()])
        .done();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = home
        .command(&["list"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
