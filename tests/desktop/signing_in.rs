//! Signing in in the window, and how that ends.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};
use tokenkeep_tests::{
    Bus, Decision, Desktop, Home, Notification, Output, Provider, Tray, eventually, sign_in_title,
};
use url::Url;

const LIMIT: Duration = Duration::from_secs(60);

/// Whether the keychain holds an item with a refresh token.
fn keychain_holds_a_sign_in(bus: &Bus) -> bool {
    let holds = |item: &Vec<u8>| {
        let item: Value = serde_json::from_slice(item).unwrap();
        item["item"]["tokens"]["refresh_token"].is_string()
    };
    bus.keyring_secrets().iter().any(holds)
}

/// How many codes were presented to the provider.
fn codes_presented(provider: &Provider) -> u64 {
    ["issued", "invalid_grant", "invalid_request"]
        .map(|outcome| provider.count(&format!("token/authorization_code/{outcome}")))
        .iter()
        .sum()
}

/// That a sign-in ended without success, on the command line and in a notice in
/// the same words.
#[track_caller]
fn both_say(command: &Output, notice: &Notification, words: &str) {
    command.exited(4);
    assert!(command.stderr.contains(words), "{command}");
    assert!(notice.body.contains(words), "{notice:?}");
}

#[track_caller]
fn works(home: &Home, provider: &Provider) {
    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
}

#[test]
fn a_person_signs_in_from_the_menu_by_typing_into_the_window() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    tray.line("me", "signed out", |line| line == "Signed out");
    assert!(!keychain_holds_a_sign_in(desktop.bus()));

    tray.click(&["me", "Sign in…"]);
    let window = desktop.sign_in_window("me", &provider);
    assert_eq!(tray.windows(), [window.process()]);
    window.visit(&provider, Decision::Allow);
    window.is_closed();
    desktop.notifications().wait_for("me: signed in");
    assert!(keychain_holds_a_sign_in(desktop.bus()));
    works(&home, &provider);
    tray.shows_fresh("me");
    let labels = tray.account("me").children.into_iter();
    assert_eq!(labels.last().unwrap().label, "Sign in again…");
    eventually("the window's process is gone", LIMIT, || {
        tray.windows().is_empty().then_some(())
    });
}

#[test]
fn the_command_line_opens_the_window_and_says_how_it_ended() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let _tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    let mut command = home.start(&["sign-in", "me"]);
    let window = desktop.sign_in_window("me", &provider);
    assert!(command.is_running());
    window.visit(&provider, Decision::Allow);
    let done = command.finish(LIMIT);
    done.exited(0);
    assert!(done.stderr.contains("Signed in to me"), "{done}");
    works(&home, &provider);
}

#[test]
fn who_denies_access_is_told_so_and_keeps_the_sign_in_from_before() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let _tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    let token = home.tokenkeep(&["get", "me"]).succeeded();

    let mut command = home.start(&["sign-in", "me"]);
    let window = desktop.sign_in_window("me", &provider);
    window.visit(&provider, Decision::Deny);
    window.is_closed();
    let notice = desktop.notifications().wait_for("me: not signed in");
    both_say(&command.finish(LIMIT), &notice, "access_denied");
    assert_eq!(home.tokenkeep(&["get", "me"]).succeeded(), token);
    works(&home, &provider);
    assert_eq!(codes_presented(&provider), 1);
}

#[test]
fn who_closes_the_window_is_told_that_nothing_has_changed_and_may_begin_again() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let _tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    let mut command = home.start(&["sign-in", "me"]);
    desktop.sign_in_window("me", &provider).close();
    let notice = desktop.notifications().wait_for("me: not signed in");
    both_say(&command.finish(LIMIT), &notice, "closed");
    home.tokenkeep(&["get", "me"]).exited(4);

    desktop.notifications().press(&notice, "Sign in");
    let window = desktop.sign_in_window("me", &provider);
    window.visit(&provider, Decision::Allow);
    desktop.notifications().wait_for("me: signed in");
    works(&home, &provider);
}

#[test]
fn a_sign_in_that_takes_too_long_is_ended_and_its_window_closed() {
    let desktop = Desktop::start();
    let home = desktop.home();
    home.file("config.toml", "[sign_in]\nlimit_seconds = 10\n");
    let provider = Provider::start(&[]);
    let _tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    let mut command = home.start(&["sign-in", "me"]);
    desktop.sign_in_window("me", &provider);
    let notice = desktop.notifications().wait_for("me: not signed in");
    both_say(&command.finish(LIMIT), &notice, "took longer than 10 s");
    let title = sign_in_title("me", &provider);
    desktop.screen().has_no_window(&title);
    home.tokenkeep(&["get", "me"]).exited(4);
}

#[test]
fn an_answer_to_another_sign_in_is_not_used() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    let foreign = "http://localhost:8643/callback?code=planted&state=wrong";
    provider.order_fault(&json!({
        "endpoint": "authorize", "times": 1,
        "action": { "answer": { "status": 303, "headers": { "location": foreign } } },
    }));
    let command = home.tokenkeep(&["sign-in", "me"]);
    let notice = desktop.notifications().wait_for("me: not signed in");
    both_say(&command, &notice, "another sign-in");
    assert_eq!(codes_presented(&provider), 0);
    home.tokenkeep(&["get", "me"]).exited(4);
    eventually("the window is gone", LIMIT, || {
        tray.windows().is_empty().then_some(())
    });
}

#[test]
fn a_second_sign_in_to_the_same_account_brings_the_first_window_to_the_front() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    let mut first = home.start(&["sign-in", "me"]);
    let window = desktop.sign_in_window("me", &provider);
    window.shows_something();
    let _other = home.start_program("xmessage", &["-title", "other", "text"]);
    let other = desktop.screen().window("other");
    other.bring_to_front();

    let mut second = home.start(&["sign-in", "me"]);
    eventually("the first window is in front", LIMIT, || {
        window.is_in_front().then_some(())
    });
    assert_eq!(tray.windows(), [window.process()]);
    window.visit(&provider, Decision::Allow);
    first.finish(LIMIT).exited(0);
    second.finish(LIMIT).exited(0);
    assert_eq!(codes_presented(&provider), 1);
    desktop.notifications().wait_for("me: signed in");
    assert_eq!(desktop.notifications().titled("me: signed in").len(), 1);
}

#[test]
fn people_sign_in_to_two_accounts_at_the_same_time() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let (one, other) = (Provider::start(&[]), Provider::start(&[]));
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &one);
    home.add_by_code("you", &other);
    tray.click(&["me", "Sign in…"]);
    let mine = desktop.sign_in_window("me", &one);
    tray.click(&["you", "Sign in…"]);
    let yours = desktop.sign_in_window("you", &other);
    mine.visit(&one, Decision::Allow);
    desktop.notifications().wait_for("me: signed in");
    assert!(yours.is_open());
    yours.visit(&other, Decision::Allow);
    desktop.notifications().wait_for("you: signed in");
}

#[test]
fn the_redirect_is_caught_and_never_loaded() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let redirect = provider.env("RC_REDIRECT_URL").parse::<Url>().unwrap();
    let listeners: Vec<_> = redirect
        .socket_addrs(|| None)
        .unwrap()
        .into_iter()
        .filter_map(|address| TcpListener::bind(address).ok())
        .collect();
    assert!(!listeners.is_empty(), "the port of {redirect} is in use");
    let _tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    let mut command = home.start(&["sign-in", "me"]);
    let window = desktop.sign_in_window("me", &provider);
    window.visit(&provider, Decision::Allow);
    command.finish(LIMIT).exited(0);
    for listener in listeners {
        listener.set_nonblocking(true).unwrap();
        let nobody = listener.accept().unwrap_err();
        assert_eq!(nobody.kind(), ErrorKind::WouldBlock);
    }
}

#[test]
fn the_title_names_the_host_of_the_page_that_is_there() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let (provider, other) = (Provider::start(&[]), Provider::start(&[]));
    let _tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    let elsewhere = other.url("/");
    provider.order_fault(&json!({
        "endpoint": "authorize", "times": 1,
        "action": { "answer": { "status": 303, "headers": { "location": elsewhere } } },
    }));
    let _command = home.start(&["sign-in", "me"]);
    desktop.sign_in_window("me", &other).shows_something();
}

#[test]
fn the_window_closes_when_its_account_is_removed() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let _tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    let mut command = home.start(&["sign-in", "me"]);
    let window = desktop.sign_in_window("me", &provider);
    home.tokenkeep(&["remove", "me"]).succeeded();
    window.is_closed();
    let ended = command.finish(LIMIT);
    assert_ne!(ended.code, 0);
    assert!(ended.stderr.contains("removed"), "{ended}");
}

#[test]
fn an_account_with_a_jwt_signs_in_without_a_window() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_jwt("work", &provider);
    let before = home.fingerprint("work");
    tray.shows_fresh("work");
    tray.click(&["work", "Sign in again…"]);
    desktop.notifications().wait_for("work: signed in");
    assert_ne!(home.fingerprint("work"), before);
    assert!(desktop.screen().titles().is_empty());
}
