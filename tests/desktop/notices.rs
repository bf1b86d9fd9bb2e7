//! What the user is told, and what a click on it does.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tokenkeep_tests::{Decision, Desktop, Home, Notification, Provider, Tray, eventually};

const LIMIT: Duration = Duration::from_secs(60);

/// Ends the session of the account `me` and finds that out, as a program that
/// gets a 401 does.
#[track_caller]
fn end_the_session(home: &Home, provider: &Provider) {
    assert_eq!(provider.end_sessions(0), 1);
    home.tokenkeep(&["get", "me", "--refused"]).exited(4);
}

fn titles(all: &[Notification]) -> Vec<&str> {
    all.iter().map(|notice| notice.title.as_str()).collect()
}

#[test]
fn who_must_sign_in_again_is_told_once_and_a_click_opens_the_sign_in() {
    let desktop = Desktop::start();
    let (home, notices) = (desktop.home(), desktop.notifications());
    let provider = Provider::start(&[]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    end_the_session(&home, &provider);
    let notice = notices.wait_for("me: sign in again");
    tray.label("me", "me: sign in again");

    notices.click(&notice);
    let window = desktop.sign_in_window("me", &provider);
    window.visit(&provider, Decision::Allow);
    notices.wait_for("me: signed in");
    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(notices.titled("me: sign in again").len(), 1);
    // That all is well again is said by the sign-in's own notice.
    assert!(notices.titled("me is fresh again").is_empty());
}

#[test]
fn the_button_of_a_notice_opens_the_sign_in_too() {
    let desktop = Desktop::start();
    let (home, notices) = (desktop.home(), desktop.notifications());
    let provider = Provider::start(&[]);
    let _tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    end_the_session(&home, &provider);
    let notice = notices.wait_for("me: sign in again");
    notices.press(&notice, "Sign in");
    desktop.sign_in_window("me", &provider);
}

#[test]
fn a_lapse_that_nothing_can_stop_is_told_ahead_of_time_and_each_thing_once() {
    let desktop = Desktop::start();
    let (home, notices) = (desktop.home(), desktop.notifications());
    let lives = ["--access-token-ttl", "30", "--refresh-token-ttl", "0"];
    let provider = Provider::start(&lives);
    let _tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    notices.wait_for("me: no refresh token came");
    let ahead = eventually("a lapse is told of", LIMIT, || {
        let mut all = notices.all().into_iter();
        all.find(|notice| notice.title.starts_with("me lapses in "))
    });
    assert!(
        ahead.body.contains("Sign in again before then."),
        "{ahead:?}"
    );
    notices.wait_for("me: sign in again");
    let all = notices.all();
    let different: BTreeSet<_> = titles(&all).into_iter().collect();
    assert_eq!(different.len(), all.len(), "{:?}", titles(&all));
}

#[test]
fn renewing_that_keeps_failing_is_told_and_so_is_its_end() {
    let desktop = Desktop::start();
    let (home, notices) = (desktop.home(), desktop.notifications());
    // Without pacing, so that it is tried again at once.
    let unpaced = "[providers.practice]\nrequests_per_minute = 0\n";
    home.file("config.toml", unpaced);
    let provider = Provider::start(&["--access-token-ttl", "20", "--rate-limit", "0"]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_jwt("work", &provider);
    let body = r#"{"errorCode": "CMN-201"}"#;
    let maintenance =
        json!({ "answer": { "status": 503, "headers": { "retry-after": "3" }, "body": body } });
    provider.order_fault(&json!({ "action": maintenance }));
    let notice = notices.wait_for("work: renewing keeps failing");
    assert!(!notice.actions.iter().any(|(_, label)| label == "Sign in"));
    tray.label("work", "work: needs attention");
    provider.clear_faults();
    notices.wait_for("work is fresh again");
    tray.shows_fresh("work");
    tray.label("work", "work");
    assert_eq!(notices.titled("work: renewing keeps failing").len(), 1);
}

#[test]
fn starting_at_login_is_offered_once_after_the_first_sign_in() {
    let desktop = Desktop::start();
    let (home, notices) = (desktop.home(), desktop.notifications());
    let provider = Provider::start(&[]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    tray.click(&["me", "Sign in…"]);
    let window = desktop.sign_in_window("me", &provider);
    window.visit(&provider, Decision::Allow);
    let offer = notices.wait_for("Start Tokenkeep when you log in?");
    notices.press(&offer, "Start at login");
    eventually("the menu shows it", LIMIT, || {
        let menu = tray.menu();
        let item = menu.iter().find(|item| item.label == "Start at login");
        (item.unwrap().checked == Some(true)).then_some(())
    });

    tray.click(&["Start at login"]);
    tray.click(&["me", "Sign in again…"]);
    let window = desktop.sign_in_window("me", &provider);
    window.visit(&provider, Decision::Allow);
    eventually("it is signed in to again", LIMIT, || {
        (notices.titled("me: signed in").len() == 2).then_some(())
    });
    assert_eq!(notices.titled("Start Tokenkeep when you log in?").len(), 1);
}

#[test]
fn an_account_whose_doubt_outlasts_its_token_is_told_of() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let unpaced = "[providers.practice]\nrequests_per_minute = 0\n";
    home.file("config.toml", unpaced);
    let lives = ["--access-token-ttl", "20", "--rate-limit", "0"];
    let provider = Provider::start(&lives);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_jwt("work", &provider);
    provider.order_fault(&json!({ "action": { "answer": { "status": 500 } } }));
    desktop
        .notifications()
        .wait_for("work: renewing keeps failing");
    tray.label("work", "work: needs attention");
    provider.clear_faults();
    tray.shows_fresh("work");
    tray.label("work", "work");
}
