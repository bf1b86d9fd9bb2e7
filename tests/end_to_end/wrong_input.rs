//! Wrong input of every kind is named, and nothing that is kept is lost by it.

use std::fs;

use serde_json::json;
use tokenkeep_tests::{Bus, Home, Keeper, Provider};

/// Where nothing listens, and nothing but a listener is missing.
const NOBODY: &str = "http://127.0.0.1:1";

/// The command is refused, and its words name what is wrong.
#[track_caller]
fn is_refused(home: &Home, arguments: &[&str], input: &str, code: i32, words: &[&str]) {
    let refused = home.tokenkeep_with_input(arguments, input);
    refused.exited(code);
    assert_eq!(refused.stdout, "", "{refused}");
    for word in words {
        assert!(refused.stderr.contains(word), "no {word:?} in\n{refused}");
    }
}

#[test]
fn wrong_arguments_files_and_urls_are_named_and_cost_nothing() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    let config = fs::read_to_string(home.folder().join("config.toml")).unwrap();
    let resting = bus.keyring_secrets();
    let good = provider.env_file();
    let refused = |arguments: &[&str], code, words: &[&str]| {
        is_refused(&home, arguments, "", code, words);
    };

    for name in ["", "two words", "a/b", ".hidden", "ümlaut", &"x".repeat(65)] {
        refused(&["add", name, "--env-file", &good], 2, &["NAME"]);
        refused(&["get", name], 2, &["NAME"]);
    }
    refused(&["add", "work", "--env-file", &good], 2, &["work already"]);
    refused(&["add", "WORK", "--env-file", &good], 2, &["work already"]);
    for command in ["get", "refresh", "remove", "sign-in"] {
        refused(&[command, "nobody"], 3, &["nobody", "tokenkeep list"]);
    }
    for duration in ["5", "soon", "-1m", ""] {
        let validity = format!("--min-validity={duration}");
        refused(&["get", "work", &validity], 2, &["--min-validity"]);
        let wait = format!("--wait={duration}");
        refused(&["get", "work", &wait], 2, &["--wait"]);
        refused(&["refresh", "work", &wait], 2, &["--wait"]);
    }
    refused(&["get", "work", "--wait", "48h"], 2, &["wait"]);

    let new = |rest: &[&'static str]| [&["add", "new", "--provider"], rest].concat();
    let jwt = "client_secret=s\nassertion=a.b.c\n";
    for (rest, input, words) in [
        (
            &[
                "nowhere",
                "--client-id",
                "c",
                "--grant",
                "jwt",
                "--secrets-stdin",
            ][..],
            jwt,
            &["nowhere", "ringcentral, practice"][..],
        ),
        (
            &[
                "practice",
                "--client-id",
                "c",
                "--grant",
                "jwt",
                "--secrets-stdin",
                "--server",
                "ftp://127.0.0.1",
            ],
            jwt,
            &["server"],
        ),
        (
            &[
                "ringcentral",
                "--client-id",
                "c",
                "--grant",
                "jwt",
                "--secrets-stdin",
                "--server",
                "http://example.com",
            ],
            jwt,
            &["http://example.com", "https://"],
        ),
        (
            &[
                "practice",
                "--client-id",
                "c",
                "--grant",
                "jwt",
                "--secrets-stdin",
                "--server",
                "https://example.com",
            ],
            jwt,
            &["https://example.com", "this machine"],
        ),
        (
            &[
                "practice",
                "--client-id",
                "c",
                "--grant",
                "jwt",
                "--secrets-stdin",
                "--server",
                "not a URL",
            ],
            jwt,
            &["--server"],
        ),
        (
            &[
                "practice",
                "--client-id",
                "",
                "--grant",
                "jwt",
                "--secrets-stdin",
            ],
            jwt,
            &["client id"],
        ),
        (
            &[
                "practice",
                "--client-id",
                "c",
                "--grant",
                "code",
                "--secrets-stdin",
            ],
            "",
            &["--redirect-uri"],
        ),
        (
            &[
                "practice",
                "--client-id",
                "c",
                "--grant",
                "code",
                "--secrets-stdin",
                "--redirect-uri",
                "callback",
            ],
            "",
            &["--redirect-uri"],
        ),
        (
            &[
                "practice",
                "--client-id",
                "c",
                "--grant",
                "code",
                "--secrets-stdin",
                "--redirect-uri",
                "http://localhost/#x",
            ],
            "",
            &["redirect"],
        ),
        (
            &[
                "practice",
                "--client-id",
                "c",
                "--grant",
                "jwt",
                "--secrets-stdin",
            ],
            "client_secret=s\n",
            &["assertion"],
        ),
        (
            &[
                "practice",
                "--client-id",
                "c",
                "--grant",
                "jwt",
                "--secrets-stdin",
            ],
            "assertion=a.b.c\n",
            &["client_secret"],
        ),
        (
            &[
                "practice",
                "--client-id",
                "c",
                "--grant",
                "jwt",
                "--secrets-stdin",
            ],
            "planted-secret\n",
            &["--secrets-stdin", "line 1"],
        ),
        // Nobody is there to be asked.
        (
            &["practice", "--client-id", "c", "--grant", "jwt"],
            "",
            &["--secrets-stdin"],
        ),
    ] {
        is_refused(&home, &new(rest), input, 2, words);
    }

    assert_eq!(
        fs::read_to_string(home.folder().join("config.toml")).unwrap(),
        config
    );
    assert_eq!(bus.keyring_secrets(), resting);
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
}

#[test]
fn wrong_env_files_are_named_with_their_line_or_variable() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    let good = fs::read_to_string(provider.env_file()).unwrap();
    let without = |name: &str| {
        let lines = good.lines().filter(|line| !line.starts_with(name));
        lines.collect::<Vec<_>>().join("\n")
    };
    let jwt = &["--grant", "jwt"][..];
    let code = &["--grant", "code"][..];
    for (content, grant, word) in [
        (
            without("RC_APP_CLIENT_ID"),
            jwt,
            "RC_APP_CLIENT_ID is missing",
        ),
        (
            without("RC_APP_CLIENT_SECRET"),
            jwt,
            "RC_APP_CLIENT_SECRET is missing",
        ),
        (without("RC_USER_JWT"), jwt, "RC_USER_JWT is missing"),
        (
            without("RC_REDIRECT_URL"),
            code,
            "RC_REDIRECT_URL is missing",
        ),
        (
            good.replace("http://localhost", "localhost"),
            code,
            "RC_REDIRECT_URL is not a URL",
        ),
        (
            good.replace("RC_SERVER_URL=http://", "RC_SERVER_URL="),
            jwt,
            "line 1: RC_SERVER_URL",
        ),
        (
            good.replace(
                "RC_SERVER_URL=http://127.0.0.1",
                "RC_SERVER_URL=http://example.com",
            ),
            jwt,
            "https://",
        ),
        (format!("{good}and this?\n"), jwt, "line 7"),
        ("\u{0}\u{1}".to_owned(), jwt, "line 1"),
    ] {
        let file = provider.file("wrong.env", &content);
        let arguments = [&["add", "work", "--env-file", &file], grant].concat();
        is_refused(&home, &arguments, "", 2, &[word]);
    }
    let folder = home.folder().display().to_string();
    for (path, word) in [
        ("/nowhere/.env", "/nowhere/.env"),
        (folder.as_str(), "folder"),
    ] {
        is_refused(
            &home,
            &["add", "work", "--env-file", path],
            "",
            2,
            &["--env-file", word],
        );
    }
    assert_eq!(home.tokenkeep(&["list", "--json"]).json(), json!([]));
    assert!(bus.keyring_secrets().is_empty());

    // The template of the developer guide, padding, quotes and empty values included.
    let guide = format!(
        "# RingCentral\nexport RC_SERVER_URL = \"{}\"\nRC_APP_CLIENT_ID     = '{}'\n\
         RC_APP_CLIENT_SECRET = {} # the secret\nRC_USER_JWT          = \"{}\"\nRC_REDIRECT_URL      =\n",
        provider.env("RC_SERVER_URL"),
        provider.env("RC_APP_CLIENT_ID"),
        provider.env("RC_APP_CLIENT_SECRET"),
        provider.env("RC_USER_JWT"),
    );
    let file = provider.file("guide.env", &guide);
    home.tokenkeep(&["add", "work", "--env-file", &file])
        .succeeded();
    home.is_fresh("work");
}

#[test]
fn secrets_that_the_provider_refuses_are_told_apart() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    let good = fs::read_to_string(provider.env_file()).unwrap();
    let add = |name: &str, wrong: &str, right: &str| {
        let file = provider.file("wrong.env", &good.replace(right, wrong));
        home.tokenkeep(&["add", name, "--env-file", &file])
            .succeeded();
    };
    add(
        "secret",
        "not-the-secret",
        provider.env("RC_APP_CLIENT_SECRET"),
    );
    add("client", "no-such-app", provider.env("RC_APP_CLIENT_ID"));
    add("jwt", "not.a.jwt", provider.env("RC_USER_JWT"));
    add("away", NOBODY, provider.env("RC_SERVER_URL"));

    for (name, state, code, words) in [
        ("secret", "misconfigured", 5, "client id, secret"),
        ("client", "misconfigured", 5, "client id, secret"),
        ("jwt", "sign_in_needed", 4, "does not take this JWT"),
        ("away", "failing", 5, "No connection"),
    ] {
        home.is_in_state(name, state);
        let refused = home.tokenkeep(&["get", name, "--wait", "1s"]);
        refused.exited(code);
        assert!(refused.stderr.contains(words), "{refused}");
        let problem = home.account(name)["problem"].to_string();
        assert!(problem.contains(words), "{problem}");
    }
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    for name in ["secret", "client", "jwt", "away"] {
        home.tokenkeep(&["remove", name]).succeeded();
    }
    assert_eq!(bus.keyring_secrets().len(), 1);
}

#[test]
fn a_configuration_that_makes_no_sense_is_named_and_left_as_it_is() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let fingerprint = home.fingerprint("work");
    keeper.stop();
    let path = home.folder().join("config.toml");
    let good = fs::read_to_string(&path).unwrap();

    for (wrong, words) in [
        (format!("{good}\nthis is not TOML\n"), "line "),
        (
            good.replace("grant = \"jwt\"", "grant = \"magic\""),
            "grant",
        ),
        (
            format!("{good}client_secret = \"planted\"\n"),
            "client_secret",
        ),
    ] {
        fs::write(&path, &wrong).unwrap();
        let refused = home.tokenkeep(&["serve"]);
        refused.exited(1);
        assert!(refused.stderr.contains("config.toml"), "{refused}");
        assert!(refused.stderr.contains(words), "{refused}");
        assert!(!refused.stderr.contains("planted"), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), wrong);
    }

    // One account that makes no sense keeps no other from working.
    let strange =
        "\n[accounts.strange]\nprovider = \"nowhere\"\nclient_id = \"c\"\ngrant = \"jwt\"\n";
    fs::write(&path, format!("# mine\n{good}{strange}")).unwrap();
    keeper.restart();
    assert_eq!(home.account("strange")["state"], "misconfigured");
    is_refused(
        &home,
        &["get", "strange"],
        "",
        5,
        &["config.toml", "nowhere"],
    );
    home.is_fresh("work");
    assert_eq!(home.fingerprint("work"), fingerprint);
    home.tokenkeep(&["remove", "strange"]).succeeded();
    let kept = fs::read_to_string(&path).unwrap();
    assert!(
        kept.starts_with("# mine\n") && !kept.contains("strange"),
        "{kept}"
    );
}

#[test]
fn requests_at_the_socket_that_make_no_sense_name_the_field() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    for (method, path, body, status, field) in [
        ("POST", "/v1/accounts/work/token", "nonsense", 400, "body"),
        (
            "POST",
            "/v1/accounts/work/token",
            "{\"min-validity\": 1}",
            400,
            "min-validity",
        ),
        (
            "POST",
            "/v1/accounts/work/token",
            "{\"wait\": \"long\"}",
            400,
            "wait",
        ),
        (
            "POST",
            "/v1/accounts/work/token",
            "{\"lease\": {}}",
            400,
            "lease",
        ),
        (
            "POST",
            "/v1/accounts/work/refused",
            "{\"fingerprint\": \"f\"}",
            400,
            "fingerprint",
        ),
        ("POST", "/v1/accounts/no%20name/token", "", 400, "name"),
        ("POST", "/v1/accounts/nobody/token", "", 404, "name"),
        ("POST", "/v1/accounts", "{}", 400, "name"),
        ("GET", "/v1/accounts/work/token", "", 405, "method"),
        ("GET", "/v2/accounts", "", 404, "path"),
    ] {
        let reply = home.ask(method, path, body);
        assert_eq!(reply.status, status, "{method} {path} {body}: {reply:?}");
        let error = &reply.json()["error"];
        assert_eq!(error["field"], field, "{method} {path} {body}: {error}");
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|words| words.len() > 10)
        );
    }
    assert_eq!(home.ask_for_token("work").status, 200);
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let mut home = Home::without_bus();
    home.set("TOKENKEEP_LOG", "loud");
    is_refused(&home, &["serve"], "", 2, &["TOKENKEEP_LOG", "trace"]);
    let mut home = Home::without_bus();
    let file = home.file("a file", "").display().to_string();
    home.set("TOKENKEEP_HOME", &file);
    is_refused(&home, &["serve"], "", 1, &[&file, "TOKENKEEP_HOME"]);
    let home = Home::without_bus();
    for (arguments, word) in [
        (&["practice", "--listen", "0.0.0.0:0"][..], "--listen"),
        (
            &["practice", "--listen", "127.0.0.1:0", "--users", "0"],
            "--users",
        ),
        (
            &[
                "practice",
                "--listen",
                "127.0.0.1:0",
                "--access-token-ttl",
                "0",
            ],
            "--access-token-ttl",
        ),
        (&["serve", "--vault", "drawer"], "--vault"),
    ] {
        is_refused(&home, arguments, "", 2, &[word]);
    }
}
