//! Secrets are in the keychain, on the line to the provider and in what `get`
//! prints, and nowhere else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokenkeep_tests::{
    Bus, Decision, Home, Keeper, Output, Provider, Wiretap, address_in, eventually,
};

const LIMIT: Duration = Duration::from_secs(20);

/// Everything that was printed, written down or answered, and where.
#[derive(Default)]
struct Seen(Vec<(String, String)>);

impl Seen {
    fn text(&mut self, place: &str, text: impl Into<String>) {
        self.0.push((place.to_owned(), text.into()));
    }

    /// A command's output; of one that is to print a token, its words only.
    fn output(&mut self, place: &str, output: &Output) {
        self.text(place, output.stderr.clone());
        if !place.starts_with("get") {
            self.text(place, output.stdout.clone());
        }
    }

    /// Every file under a folder, as its bytes are.
    fn files(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                self.files(&path);
            } else if let Ok(bytes) = fs::read(&path) {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                self.text(&path.display().to_string(), text);
            }
        }
    }

    #[track_caller]
    fn holds_none_of(&self, secrets: &BTreeSet<(String, String)>) {
        for (place, text) in &self.0 {
            for (what, secret) in secrets {
                assert!(!text.contains(secret), "{place} shows the {what}: {text}");
            }
        }
    }
}

/// What the keychain holds, all values of the fields that are secret.
fn resting_secrets(bus: &Bus) -> BTreeSet<(String, String)> {
    let mut secrets = BTreeSet::new();
    for item in bus.keyring_secrets() {
        let item: Value = serde_json::from_slice(&item).expect("items are JSON");
        for (table, field) in [
            ("credentials", "client_secret"),
            ("credentials", "assertion"),
            ("tokens", "access_token"),
            ("tokens", "refresh_token"),
        ] {
            if let Some(secret) = item["item"][table][field].as_str() {
                secrets.insert((field.to_owned(), secret.to_owned()));
            }
        }
    }
    secrets
}

/// Answers in which a broken or hostile provider says back what it was sent.
fn echoes(secrets: &BTreeSet<(String, String)>) -> Vec<Value> {
    let all: Vec<&str> = secrets.iter().map(|(_, secret)| secret.as_str()).collect();
    let all = all.join(" ");
    let oauth = json!({
        "error": format!("bad {all}"), "error_description": all,
        "errors": [{"errorCode": all, "message": all}], "errorCode": all,
    });
    let token = json!({"access_token": 1, "token_type": all, "refresh_token": all});
    let answer = |status: u16, kind: &str, body: String| {
        json!({"times": 1, "action": {"answer": {
            "status": status, "content_type": kind, "body": body, "headers": {"x-echo": all},
        }}})
    };
    vec![
        answer(400, "application/json", oauth.to_string()),
        answer(401, "application/json", oauth.to_string()),
        answer(200, "application/json", token.to_string()),
        answer(200, "application/json", format!("{{\"{all}")),
        answer(500, "text/html", format!("<p>{all}")),
        answer(302, "text/plain", all.clone()),
    ]
}

#[test]
fn planted_secrets_are_found_in_no_output_no_file_and_no_process() {
    let bus = Bus::with_keyring();
    let mut home = Home::on(&bus);
    home.set("TOKENKEEP_LOG", "trace");
    home.set("RUST_LOG", "trace");
    home.file(
        "config.toml",
        "[providers.practice]\nrequests_per_minute = 0\n",
    );
    let mut provider = Provider::start(&["--rate-limit", "0"]);
    let tap = Wiretap::on(provider.port());
    let tapped = fs::read_to_string(provider.env_file())
        .unwrap()
        .replace(provider.env("RC_SERVER_URL"), &tap.url());
    let env_file = provider.file("tapped.env", &tapped);
    let mut seen = Seen::default();
    let mut keeper = Keeper::start(&home, &[]);

    // Added, signed in to, used.
    let run = |seen: &mut Seen, arguments: &[&str]| {
        let output = home.tokenkeep(arguments);
        seen.output(&arguments.join(" "), &output);
        output
    };
    run(&mut seen, &["add", "work", "--env-file", &env_file]).succeeded();
    home.is_fresh("work");
    let me = [
        "add",
        "me",
        "--env-file",
        &env_file,
        "--grant",
        "code",
        "--json",
    ];
    run(&mut seen, &me).succeeded();
    let mut follow = home.start(&["journal", "--follow"]);
    for decision in [Decision::Deny, Decision::Allow] {
        let mut command = home.start_listening(&["sign-in", "me", "--paste"]);
        let page = eventually("the page's address is shown", LIMIT, || {
            address_in(&command.stdout())
        });
        let page = page.replace(&tap.url(), provider.env("RC_SERVER_URL"));
        command.say(&format!("{}\n", provider.visit(&page, decision)));
        let done = command.finish(LIMIT);
        assert_eq!(done.code == 0, decision == Decision::Allow, "{done}");
        seen.output("sign-in", &done);
    }
    let token = run(&mut seen, &["get", "me"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    run(&mut seen, &["refresh", "me", "--json"]).succeeded();
    run(&mut seen, &["refresh", "work"]).succeeded();
    run(&mut seen, &["get", "work", "--refused", "--json"]).succeeded();

    // Misused: secrets in the wrong places are not said back either.
    let misplaced = provider.file("misplaced.env", &format!("{token}\n"));
    run(&mut seen, &["add", "x", "--env-file", &misplaced]).exited(2);
    let secret = provider.env("RC_APP_CLIENT_SECRET").to_owned();
    let torn = provider.file("torn.env", &format!("RC_SERVER_URL={secret}\n"));
    run(&mut seen, &["add", "x", "--env-file", &torn]).exited(2);
    for (path, body) in [
        ("/v1/accounts/work/token", format!("{{\"{token}")),
        (
            "/v1/accounts/work/token",
            format!("{{\"wait\": \"{token}\"}}"),
        ),
        (
            "/v1/accounts/work/refused",
            format!("{{\"fingerprint\": \"{token}\"}}"),
        ),
        (
            "/v1/accounts",
            format!("{{\"name\": \"x y\", \"client_secret\": \"{secret}\"}}"),
        ),
        (
            "/v1/accounts",
            format!("{{\"client_secret\": [\"{secret}\"]}}"),
        ),
        ("/v1/sign-ins/1", format!("{{\"redirect\": \"{token}\"}}")),
    ] {
        let reply = home.ask("POST", path, &body);
        assert!(
            (400..500).contains(&reply.status),
            "{path} {body}: {reply:?}"
        );
        seen.text(path, reply.body);
    }

    // In bad weather, in which secrets come back.
    let mut secrets = resting_secrets(&bus);
    secrets.extend(tap.secrets());
    for echo in echoes(&secrets) {
        provider.order_fault(&echo);
        run(&mut seen, &["refresh", "work", "--wait", "1s"]);
        run(&mut seen, &["get", "work", "--wait", "0s"]);
        run(&mut seen, &["list"]);
        run(&mut seen, &["list", "--json"]);
        provider.clear_faults();
        run(&mut seen, &["refresh", "work", "--wait", "60s"]).succeeded();
    }
    let stale = ["get", "work", "--refused", "--token-stdin"];
    seen.output("get", &home.tokenkeep_with_input(&stale, &token));
    provider.end_sessions(0);
    run(&mut seen, &["get", "me", "--refused"]).exited(4);
    run(&mut seen, &["get", "work", "--refused"]).succeeded();
    run(&mut seen, &["status", "--json"]);

    // What another process of this user can look at.
    let process = format!("/proc/{}", keeper.process().id());
    for file in ["cmdline", "environ", "comm"] {
        let bytes = fs::read(format!("{process}/{file}")).unwrap();
        seen.text(file, String::from_utf8_lossy(&bytes));
    }
    secrets.extend(resting_secrets(&bus));
    run(&mut seen, &["journal", "-n", "10000"]).succeeded();
    run(&mut seen, &["journal", "-n", "10000", "--json"]).succeeded();
    seen.files(home.folder());
    run(&mut seen, &["remove", "me", "--json"]).succeeded();
    run(&mut seen, &["remove", "work"]).succeeded();
    let served = keeper.stop();
    assert!(!served.stderr.is_empty(), "nothing was logged\n{served}");
    seen.output("serve", &served);
    seen.output("journal --follow", &follow.finish(LIMIT));
    seen.files(home.folder());
    seen.text("the provider's log", provider.process().stderr());

    secrets.extend(tap.secrets());
    let kinds: BTreeSet<&str> = secrets.iter().map(|(what, _)| what.as_str()).collect();
    for kind in [
        "access_token",
        "refresh_token",
        "client_secret",
        "assertion",
        "code",
        "code_verifier",
        "Basic header",
    ] {
        assert!(kinds.contains(kind), "no {kind} was overheard: {kinds:?}");
    }
    seen.holds_none_of(&secrets);
}
