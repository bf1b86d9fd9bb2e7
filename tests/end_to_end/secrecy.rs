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

/// A keeper with a provider, of which everything is kept that it says.
struct Scene<'h> {
    bus: &'h Bus,
    home: &'h Home,
    provider: Provider,
    tap: Wiretap,
    /// The provider's, with the tap in between.
    env_file: String,
    secrets: BTreeSet<(String, String)>,
    seen: Seen,
}

impl<'h> Scene<'h> {
    fn set_up(bus: &'h Bus, home: &'h Home) -> Self {
        let provider = Provider::start(&["--rate-limit", "0"]);
        let tap = Wiretap::on(provider.port());
        let tapped = fs::read_to_string(provider.env_file())
            .unwrap()
            .replace(provider.env("RC_SERVER_URL"), &tap.url());
        let env_file = provider.file("tapped.env", &tapped);
        Self {
            bus,
            home,
            provider,
            tap,
            env_file,
            secrets: BTreeSet::new(),
            seen: Seen::default(),
        }
    }

    fn run(&mut self, arguments: &[&str]) -> Output {
        let output = self.home.tokenkeep(arguments);
        self.seen.output(&arguments.join(" "), &output);
        output
    }

    /// Notes the secrets that there are and have been.
    fn note_secrets(&mut self) {
        self.secrets.extend(resting_secrets(self.bus));
        self.secrets.extend(self.tap.secrets());
    }

    fn add_accounts(&mut self) {
        let env_file = self.env_file.clone();
        self.run(&["add", "work", "--env-file", &env_file])
            .succeeded();
        self.home.is_fresh("work");
        let me = ["add", "me", "--env-file", &env_file];
        self.run(&[&me[..], &["--grant", "code", "--json"]].concat())
            .succeeded();
    }

    fn sign_in(&mut self, decision: Decision) {
        let mut command = self.home.start_listening(&["sign-in", "me", "--paste"]);
        let page = eventually("the page's address is shown", LIMIT, || {
            address_in(&command.stdout())
        });
        let page = page.replace(&self.tap.url(), self.provider.env("RC_SERVER_URL"));
        command.say(&format!("{}\n", self.provider.visit(&page, decision)));
        let done = command.finish(LIMIT);
        assert_eq!(done.code == 0, decision == Decision::Allow, "{done}");
        self.seen.output("sign-in", &done);
    }

    /// Uses both accounts; returns a token that was given.
    fn use_accounts(&mut self) -> String {
        let token = self.run(&["get", "me"]).succeeded();
        assert_eq!(self.provider.resource(&token).status, 200);
        self.run(&["refresh", "me", "--json"]).succeeded();
        self.run(&["refresh", "work"]).succeeded();
        self.run(&["get", "work", "--refused", "--json"])
            .succeeded();
        token
    }

    /// Secrets in the wrong places are not said back either.
    fn misplace(&mut self, token: &str) {
        let secret = self.provider.env("RC_APP_CLIENT_SECRET").to_owned();
        for (name, content) in [
            ("misplaced.env", format!("{token}\n")),
            ("torn.env", format!("RC_SERVER_URL={secret}\n")),
        ] {
            let file = self.provider.file(name, &content);
            self.run(&["add", "x", "--env-file", &file]).exited(2);
        }
        for (name, path, body) in misplaced(token, &secret) {
            let reply = self.home.ask("POST", path, &body);
            assert!((400..500).contains(&reply.status), "{name}: {reply:?}");
            self.seen.text(name, reply.body);
        }
    }

    /// Asks while the provider says back what it was sent, and when sessions have ended.
    fn use_in_bad_weather(&mut self, token: &str) {
        self.note_secrets();
        for echo in echoes(&self.secrets) {
            self.provider.order_fault(&echo);
            self.run(&["refresh", "work", "--wait", "1s"]);
            self.run(&["get", "work", "--wait", "0s"]);
            self.run(&["list"]);
            self.run(&["list", "--json"]);
            self.provider.clear_faults();
            self.run(&["refresh", "work", "--wait", "60s"]).succeeded();
        }
        let stale = ["get", "work", "--refused", "--token-stdin"];
        let output = self.home.tokenkeep_with_input(&stale, token);
        self.seen.output("get", &output);
        self.provider.end_sessions(0);
        self.run(&["get", "me", "--refused"]).exited(4);
        self.run(&["get", "work", "--refused"]).succeeded();
        self.run(&["status", "--json"]);
    }

    /// What another process of this user can look at.
    fn look_at(&mut self, process: u32) {
        for file in ["cmdline", "environ", "comm"] {
            let bytes = fs::read(format!("/proc/{process}/{file}")).unwrap();
            self.seen.text(file, String::from_utf8_lossy(&bytes));
        }
        self.run(&["journal", "-n", "10000"]).succeeded();
        self.run(&["journal", "-n", "10000", "--json"]).succeeded();
        self.seen.files(self.home.folder());
    }

    fn remove_accounts(&mut self) {
        self.run(&["remove", "me", "--json"]).succeeded();
        self.run(&["remove", "work"]).succeeded();
    }
}

/// Requests with a secret where none belongs: a name for each, its path and its body.
fn misplaced(token: &str, secret: &str) -> [(&'static str, &'static str, String); 6] {
    let token_path = "/v1/accounts/work/token";
    [
        ("as a key", token_path, format!("{{\"{token}")),
        (
            "as a wait",
            token_path,
            format!("{{\"wait\": \"{token}\"}}"),
        ),
        (
            "as a fingerprint",
            "/v1/accounts/work/refused",
            format!("{{\"fingerprint\": \"{token}\"}}"),
        ),
        (
            "beside a wrong name",
            "/v1/accounts",
            format!("{{\"name\": \"x y\", \"client_secret\": \"{secret}\"}}"),
        ),
        (
            "in a list",
            "/v1/accounts",
            format!("{{\"client_secret\": [\"{secret}\"]}}"),
        ),
        (
            "as a redirect",
            "/v1/sign-ins/1",
            format!("{{\"redirect\": \"{token}\"}}"),
        ),
    ]
}

#[track_caller]
fn were_overheard(secrets: &BTreeSet<(String, String)>) {
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
}

#[test]
fn planted_secrets_are_found_in_no_output_no_file_and_no_process() {
    let bus = Bus::with_keyring();
    let mut home = Home::on(&bus);
    home.set("TOKENKEEP_LOG", "trace");
    home.set("RUST_LOG", "trace");
    let no_limit = "[providers.practice]\nrequests_per_minute = 0\n";
    home.file("config.toml", no_limit);
    let mut scene = Scene::set_up(&bus, &home);
    let mut keeper = Keeper::start(&home, &[]);

    scene.add_accounts();
    let mut follow = home.start(&["journal", "--follow"]);
    scene.sign_in(Decision::Deny);
    scene.sign_in(Decision::Allow);
    let token = scene.use_accounts();
    scene.misplace(&token);
    scene.use_in_bad_weather(&token);
    scene.look_at(keeper.process().id());
    scene.note_secrets();
    scene.remove_accounts();

    let served = keeper.stop();
    assert!(!served.stderr.is_empty(), "nothing was logged\n{served}");
    let Scene {
        mut provider,
        tap,
        mut secrets,
        mut seen,
        ..
    } = scene;
    seen.output("serve", &served);
    seen.output("journal --follow", &follow.finish(LIMIT));
    seen.files(home.folder());
    seen.text("the provider's log", provider.process().stderr());

    secrets.extend(tap.secrets());
    were_overheard(&secrets);
    seen.holds_none_of(&secrets);
}
