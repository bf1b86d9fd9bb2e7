//! Secrets are in no page, no command line, no environment, no notice and no
//! file, whatever is done with them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tokenkeep_tests::{Bus, Decision, Desktop, Process, Provider, Tray, WayIn, Wiretap};

/// Everything that was shown or written down, and where.
#[derive(Default)]
struct Seen(Vec<(String, String)>);

impl Seen {
    fn text(&mut self, place: &str, text: impl Into<String>) {
        self.0.push((place.to_owned(), text.into()));
    }

    /// What others of this user can look at of the tray, its windows and their
    /// web views.
    fn processes(&mut self, tray: Process) {
        for process in [vec![tray], tray.descendants()].concat() {
            self.text("a command line", process.command_line());
            self.text("an environment", process.environment());
        }
    }

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

/// The tokens that the keychain holds.
fn resting_tokens(bus: &Bus) -> BTreeSet<(String, String)> {
    let mut tokens = BTreeSet::new();
    for item in bus.keyring_secrets() {
        let item: Value = serde_json::from_slice(&item).unwrap();
        for field in ["access_token", "refresh_token"] {
            if let Some(token) = item["item"]["tokens"][field].as_str() {
                tokens.insert((field.to_owned(), token.to_owned()));
            }
        }
    }
    tokens
}

#[test]
fn no_secret_is_in_a_page_a_command_line_an_environment_a_notice_or_a_file() {
    let desktop = Desktop::start();
    let mut home = desktop.home();
    home.set("TOKENKEEP_LOG", "trace");
    home.set("RUST_LOG", "trace");
    let provider = Provider::start(&["--rate-limit", "0"]);
    let tap = Wiretap::on(provider.port());
    let tapped = fs::read_to_string(provider.env_file())
        .unwrap()
        .replace(provider.env("RC_SERVER_URL"), &tap.url());
    let env_file = provider.file("tapped.env", &tapped);
    let mut seen = Seen::default();
    let way_in = WayIn::to(&mut home);
    let mut tray = Tray::start(&desktop, &home, &[]);
    let page = way_in.take(&home);

    home.tokenkeep(&["add", "work", "--env-file", &env_file])
        .succeeded();
    let me = ["add", "me", "--env-file", &env_file, "--grant", "code"];
    home.tokenkeep(&me).succeeded();
    page.card_shows("work", "fresh");
    page.click_at("me", "Sign in…");
    let host = tap.url().replace("http://", "");
    let title = format!("{host} – sign in to me – Tokenkeep");
    let window = desktop.screen().window(&title);
    window.shows_something();
    seen.processes(tray.own());
    window.visit(&provider, Decision::Allow);
    page.card_shows("me", "Signed in.");
    seen.text("the page", page.everything());
    page.click_at("work", "Copy access token");
    page.card_shows("work", "Copied.");
    page.click_at("me", "Refresh now");
    page.card_shows("me", "Refreshed.");
    seen.text("the page", page.everything());
    seen.processes(tray.own());
    seen.text("the menu", format!("{:?}", tray.menu()));

    let mut secrets = resting_tokens(desktop.bus());
    provider.end_sessions(0);
    home.tokenkeep(&["get", "me", "--refused"]).exited(4);
    page.card_shows("me", "sign in again");
    seen.text("the page", page.everything());
    for notice in desktop.notifications().all() {
        seen.text("a notice", format!("{notice:?}"));
    }
    let ended = tray.stop();
    ended.exited(0);
    let log = ended.everything();
    assert!(log.contains("Presented the refresh token"), "{log}");
    seen.text("the tray's log", log);
    seen.files(home.folder());
    // What web views keep is below the user's own folder.
    seen.files(&desktop.bus().folder().join("home"));

    secrets.extend(tap.secrets());
    let kinds: BTreeSet<&str> = secrets.iter().map(|(what, _)| what.as_str()).collect();
    for kind in [
        "access_token",
        "refresh_token",
        "Basic header",
        "assertion",
        "code",
        "code_verifier",
    ] {
        assert!(kinds.contains(kind), "no {kind} was overheard: {kinds:?}");
    }
    seen.holds_none_of(&secrets);
}

#[test]
fn the_page_where_a_password_is_typed_cannot_be_driven() {
    let desktop = Desktop::start();
    let mut home = desktop.home();
    let provider = Provider::start(&[]);
    let _way_in = WayIn::to(&mut home);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    tray.click(&["me", "Sign in…"]);
    let process = desktop.sign_in_window("me", &provider).process();
    for variable in ["TAURI_WEBVIEW_AUTOMATION", "WEBKIT_INSPECTOR_SERVER"] {
        assert!(tray.own().environment().contains(variable));
        assert!(!process.environment().contains(variable));
    }
}

#[test]
fn no_token_and_no_verifier_is_ever_in_the_memory_of_a_process_that_shows_a_page() {
    let desktop = Desktop::start();
    let mut home = desktop.home();
    let provider = Provider::start(&["--rate-limit", "0"]);
    let tap = Wiretap::on(provider.port());
    let tapped = fs::read_to_string(provider.env_file())
        .unwrap()
        .replace(provider.env("RC_SERVER_URL"), &tap.url());
    let env_file = provider.file("tapped.env", &tapped);
    let way_in = WayIn::to(&mut home);
    let tray = Tray::start(&desktop, &home, &[]);
    let page = way_in.take(&home);
    let me = ["add", "me", "--env-file", &env_file, "--grant", "code"];
    home.tokenkeep(&me).succeeded();
    let host = tap.url().replace("http://", "");
    let title = format!("{host} – sign in to me – Tokenkeep");
    page.click_at("me", "Sign in…");
    let window = desktop.screen().window(&title);
    window.visit(&provider, Decision::Allow);
    page.card_shows("me", "Signed in.");
    page.click_at("me", "Copy access token");
    page.card_shows("me", "Copied.");
    page.click_at("me", "Refresh now");
    page.card_shows("me", "Refreshed.");
    page.click_at("me", "Sign in again…");
    desktop.screen().window(&title).shows_something();

    let token = home.tokenkeep(&["get", "me"]).succeeded();
    let found = tray.own().remembers(&[&token]);
    assert_eq!(found, [&token], "it is not looked for well");
    // The code passes through the window that catches the redirect.
    let secrets = tap.secrets();
    let secrets = secrets.iter().filter(|(what, _)| what != "code");
    let secrets: Vec<&str> = secrets.map(|(_, secret)| secret.as_str()).collect();
    assert!(secrets.contains(&token.as_str()) && secrets.len() >= 5);
    for process in tray.own().descendants() {
        let found = process.remembers(&secrets);
        let line = process.command_line();
        assert!(found.is_empty(), "{found:?} in the memory of\n{line}");
    }
}
