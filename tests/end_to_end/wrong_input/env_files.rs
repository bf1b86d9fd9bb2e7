//! Files that `add --env-file` reads.

use std::fs;

use serde_json::json;
use tokenkeep_tests::{Bus, Home, Keeper, Provider};

use super::is_refused;

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
    for (what, content, grant, word) in [
        (
            "no client id",
            without("RC_APP_CLIENT_ID"),
            "jwt",
            "RC_APP_CLIENT_ID is missing",
        ),
        (
            "no client secret",
            without("RC_APP_CLIENT_SECRET"),
            "jwt",
            "RC_APP_CLIENT_SECRET is missing",
        ),
        (
            "no JWT",
            without("RC_USER_JWT"),
            "jwt",
            "RC_USER_JWT is missing",
        ),
        (
            "no redirect",
            without("RC_REDIRECT_URL"),
            "code",
            "RC_REDIRECT_URL is missing",
        ),
        (
            "a redirect that is no URL",
            good.replace("http://localhost", "localhost"),
            "code",
            "RC_REDIRECT_URL is not a URL",
        ),
        (
            "a server that is no URL",
            good.replace("RC_SERVER_URL=http://", "RC_SERVER_URL="),
            "jwt",
            "line 1: RC_SERVER_URL",
        ),
        (
            "a server that anybody can listen to",
            good.replace(
                "RC_SERVER_URL=http://127.0.0.1",
                "RC_SERVER_URL=http://example.com",
            ),
            "jwt",
            "https://",
        ),
        (
            "a line that sets nothing",
            format!("{good}and this?\n"),
            "jwt",
            "line 7",
        ),
        ("no text", "\u{0}\u{1}".to_owned(), "jwt", "line 1"),
    ] {
        println!("{what}");
        let file = provider.file("wrong.env", &content);
        let add = ["add", "work", "--env-file", &file, "--grant", grant];
        is_refused(&home, &add, "", 2, &[word]);
    }
    let folder = home.folder().display().to_string();
    for (path, word) in [
        ("/nowhere/.env", "/nowhere/.env"),
        (folder.as_str(), "folder"),
    ] {
        let add = ["add", "work", "--env-file", path];
        is_refused(&home, &add, "", 2, &["--env-file", word]);
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
