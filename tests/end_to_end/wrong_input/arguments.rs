//! Arguments and settings.

use std::fs;

use tokenkeep_tests::{Bus, Home, Keeper, Provider};

use super::{is_refused, words};

/// What `--secrets-stdin` reads for `--grant jwt`.
const SECRETS: &str = "client_secret=s\nassertion=a.b.c\n";

/// What is wrong, what follows `add new --provider`, standard input, and the words that name it.
const WRONG_ACCOUNTS: [(&str, &str, &str, &[&str]); 13] = [
    (
        "an unknown provider",
        "nowhere --client-id c --grant jwt --secrets-stdin",
        SECRETS,
        &["nowhere", "ringcentral, practice"],
    ),
    (
        "a server that is not on the web",
        "practice --client-id c --grant jwt --secrets-stdin --server ftp://127.0.0.1",
        SECRETS,
        &["server"],
    ),
    (
        "a server that anybody can listen to",
        "ringcentral --client-id c --grant jwt --secrets-stdin --server http://example.com",
        SECRETS,
        &["http://example.com", "https://"],
    ),
    (
        "practice elsewhere",
        "practice --client-id c --grant jwt --secrets-stdin --server https://example.com",
        SECRETS,
        &["https://example.com", "this machine"],
    ),
    (
        "a server that is no URL",
        "practice --client-id c --grant jwt --secrets-stdin --server 'not a URL'",
        SECRETS,
        &["--server"],
    ),
    (
        "an empty client id",
        "practice --client-id '' --grant jwt --secrets-stdin",
        SECRETS,
        &["client id"],
    ),
    (
        "no redirect URI",
        "practice --client-id c --grant code --secrets-stdin",
        "",
        &["--redirect-uri"],
    ),
    (
        "a redirect URI that is no URL",
        "practice --client-id c --grant code --secrets-stdin --redirect-uri callback",
        "",
        &["--redirect-uri"],
    ),
    (
        "a redirect URI with a fragment",
        "practice --client-id c --grant code --secrets-stdin --redirect-uri http://localhost/#x",
        "",
        &["redirect"],
    ),
    (
        "no assertion",
        "practice --client-id c --grant jwt --secrets-stdin",
        "client_secret=s\n",
        &["assertion"],
    ),
    (
        "no client secret",
        "practice --client-id c --grant jwt --secrets-stdin",
        "assertion=a.b.c\n",
        &["client_secret"],
    ),
    (
        "a secret without its name",
        "practice --client-id c --grant jwt --secrets-stdin",
        "planted-secret\n",
        &["--secrets-stdin", "line 1"],
    ),
    (
        "nobody there to be asked for secrets",
        "practice --client-id c --grant jwt",
        "",
        &["--secrets-stdin"],
    ),
];

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
    for (what, account, input, named) in WRONG_ACCOUNTS {
        println!("{what}");
        let add = [&["add", "new", "--provider"], &words(account)[..]].concat();
        is_refused(&home, &add, input, 2, named);
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
fn settings_that_cannot_be_used_are_named() {
    let mut home = Home::without_bus();
    home.set("TOKENKEEP_LOG", "loud");
    is_refused(&home, &["serve"], "", 2, &["TOKENKEEP_LOG", "trace"]);
    let mut home = Home::without_bus();
    let file = home.file("a file", "").display().to_string();
    home.set("TOKENKEEP_HOME", &file);
    is_refused(&home, &["serve"], "", 1, &[&file, "TOKENKEEP_HOME"]);
    let home = Home::without_bus();
    for (line, word) in [
        ("practice --listen 0.0.0.0:0", "--listen"),
        ("practice --listen 127.0.0.1:0 --users 0", "--users"),
        (
            "practice --listen 127.0.0.1:0 --access-token-ttl 0",
            "--access-token-ttl",
        ),
        ("serve --vault drawer", "--vault"),
    ] {
        is_refused(&home, &words(line), "", 2, &[word]);
    }
}
