//! Wrong input of every kind: the exit code, and words that name what is wrong.

use crate::home::Home;

/// The words of a command line as a shell takes them; quotes are around whole words.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        })
        .collect()
}

#[test]
fn without_a_keeper_every_command_says_how_to_start_one() {
    let home = Home::new();
    let env = home.file(
        "a.env",
        "RC_APP_CLIENT_ID=c\nRC_APP_CLIENT_SECRET=s\nRC_USER_JWT=j\n",
    );
    let add = format!("add work --env-file {}", env.display());
    for line in [
        "get work",
        "get work --refused",
        "list",
        "refresh work",
        "remove work",
        "journal",
        "journal --follow",
        "sign-in work",
        "status",
        "unlock",
        "quit",
        &add,
        "add work --provider practice --client-id c --grant jwt",
    ] {
        home.run(&words(line))
            .failed(6, &["No keeper is running", "tokenkeep serve"]);
    }
}

#[test]
fn wrong_arguments_are_named() {
    let home = Home::new();
    for (line, named) in [
        ("get", &["<NAME>"][..]),
        ("get 'two words'", &["NAME", "' '"]),
        ("get ''", &["NAME"]),
        ("get work --wait 5", &["--wait", "such as 90s"]),
        (
            "get work --min-validity soon",
            &["--min-validity", "such as 90s"],
        ),
        ("get work --header --json", &["--header", "--json"]),
        ("get work --fingerprint 9f86d081884c7d65", &["--refused"]),
        (
            "get work --refused --fingerprint short",
            &["--fingerprint", "16 hexadecimal digits"],
        ),
        ("add work", &["--env-file"]),
        (
            "add work --env-file /nonexistent/.env",
            &["--env-file", "/nonexistent/.env"],
        ),
        (
            "add work --env-file . --provider practice",
            &["--env-file", "--provider"],
        ),
        ("add work --provider practice --grant jwt", &["--client-id"]),
        ("add work --provider practice --client-id c", &["--grant"]),
        (
            "add work --provider practice --client-id c --grant code",
            &["--redirect-uri"],
        ),
        (
            "add w --provider practice --client-id c --grant jwt --server here",
            &["--server"],
        ),
        (
            "add w --provider practice --client-id c --grant magic",
            &["--grant", "code", "jwt"],
        ),
        ("journal --lines many", &["--lines"]),
        ("practice --listen 0.0.0.0:0", &["--listen", "loopback"]),
        ("practice --listen 127.0.0.1:0 --users 0", &["--users"]),
        (
            "practice --listen 127.0.0.1:0 --access-token-ttl 0",
            &["--access-token-ttl"],
        ),
        ("serve --vault drawer", &["--vault", "keychain", "memory"]),
        ("frobnicate", &["frobnicate"]),
    ] {
        home.run(&words(line)).failed(2, named);
    }
}

#[test]
fn wrong_env_files_are_named_by_file_line_and_variable() {
    let (home, _) = Home::with_keeper();
    for (text, words) in [
        ("RC_APP_CLIENT_ID=c\nnonsense\n", "line 2"),
        (
            "RC_SERVER_URL=nowhere\nRC_APP_CLIENT_ID=c\n",
            "line 1: RC_SERVER_URL",
        ),
        ("RC_SERVER_URL=https://example.com\n", "RC_APP_CLIENT_ID"),
        (
            "RC_APP_CLIENT_ID=c\nRC_REDIRECT_URL=x\n",
            "line 2: RC_REDIRECT_URL",
        ),
        (
            "RC_APP_CLIENT_ID=c\nRC_USER_JWT=j\n",
            "RC_APP_CLIENT_SECRET",
        ),
    ] {
        let file = home.file("wrong.env", text);
        home.run(&["add", "work", "--env-file", file.to_str().unwrap()])
            .failed(2, &["wrong.env", words]);
    }
    let file = home.file("code.env", "RC_APP_CLIENT_ID=c\n");
    let file = file.to_str().unwrap();
    home.run(&["add", "work", "--env-file", file, "--grant", "jwt"])
        .failed(2, &["code.env", "RC_USER_JWT is missing", "JWT credential"]);
}

#[test]
fn what_the_keeper_refuses_has_the_exit_code_of_its_kind() {
    let (home, env) = Home::with_keeper();
    let env = env.to_str().unwrap();
    for command in ["get", "refresh", "remove", "sign-in", "journal"] {
        home.run(&[command, "nobody"]).failed(3, &["nobody"]);
    }
    home.run(&["add", "work", "--env-file", env]).done();
    home.run(&["add", "work", "--env-file", env])
        .failed(2, &["work already", "tokenkeep remove work"]);
    home.run(&["get", "work", "--min-validity", "2h"])
        .failed(2, &["work", "less validity"]);
    for command in ["get", "refresh"] {
        home.run(&[command, "work", "--wait", "25h"])
            .failed(2, &["--wait", "at most 24h"]);
    }
    home.run(&["get", "work", "--min-validity", "4000d"])
        .failed(2, &["--min-validity", "at most 3650d"]);
    home.run(&["get", "work", "--refused", "--token-stdin"])
        .failed(2, &["--token-stdin"]);

    home.run(&["add", "me", "--env-file", env, "--grant", "code"])
        .done();
    home.run(&["get", "me"]).failed(4, &["me"]);
    home.run(&["sign-in", "me"]).failed(4, &["--paste"]);
    let wrong_provider = words("add w --provider nobody --client-id c --grant jwt --secrets-stdin");
    home.run_with_input(&wrong_provider, "client_secret=s\nassertion=j\n")
        .failed(2, &["nobody", "ringcentral"]);
    home.run_with_input(&wrong_provider, "client_secret=s\n")
        .failed(2, &["assertion"]);
}

#[test]
fn without_a_token_to_be_had_the_exit_code_says_so() {
    let mut home = Home::new();
    home.serve();
    // Nothing listens at port 1.
    let env = home.file(
        "away.env",
        "RC_SERVER_URL=http://127.0.0.1:1\nRC_APP_CLIENT_ID=c\nRC_APP_CLIENT_SECRET=s\nRC_USER_JWT=j\n",
    );
    home.run(&["add", "away", "--env-file", env.to_str().unwrap()])
        .done();
    home.run(&["get", "away", "--wait", "1s"])
        .failed(5, &["away"]);
}

#[test]
fn what_is_pasted_has_to_be_the_redirect() {
    let (home, env) = Home::with_keeper();
    home.run(&[
        "add",
        "me",
        "--env-file",
        env.to_str().unwrap(),
        "--grant",
        "code",
    ])
    .done();
    let nothing = home.run(&["sign-in", "me", "--paste"]);
    assert_eq!(nothing.code, Some(2), "{nothing:?}");
    assert!(
        nothing.stdout.starts_with("http://127.0.0.1:") && nothing.stdout.lines().count() == 1,
        "{nothing:?}"
    );
    let no_url = home.run_with_input(&["sign-in", "me", "--paste"], "planted\n");
    assert_eq!(no_url.code, Some(2), "{no_url:?}");
    let words =
        "Paste the whole address of the page at which the sign-in ends; it begins with http";
    assert!(
        no_url.stderr.contains(words) && !no_url.stderr.contains("planted"),
        "{no_url:?}"
    );
    let forged = "http://localhost:8643/callback?code=planted&state=forged\n";
    let forged = home.run_with_input(&["sign-in", "me", "--paste"], forged);
    assert_eq!(forged.code, Some(4), "{forged:?}");
    assert!(!forged.stderr.contains("planted"), "{forged:?}");
}
