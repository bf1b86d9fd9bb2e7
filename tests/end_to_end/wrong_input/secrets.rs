//! Secrets that the provider does not take.

use std::fs;

use tokenkeep_tests::{Bus, Home, Keeper, Provider};

/// Where nothing listens, and nothing but a listener is missing.
const NOBODY: &str = "http://127.0.0.1:1";

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
