//! Copying a token from the menu.

use std::time::{Duration, Instant};

use tokenkeep_tests::{Desktop, Home, Provider, Screen, Tray, eventually};

const LIMIT: Duration = Duration::from_secs(60);
/// How long a token stays in the clipboard here.
const CLEARED_AFTER: Duration = Duration::from_secs(5);

/// A home that clears the clipboard soon, and its tray, with a fresh account.
fn start<'d>(desktop: &'d Desktop, home: &Home, provider: &Provider) -> Tray<'d> {
    let seconds = CLEARED_AFTER.as_secs();
    let text = format!("[clipboard]\nclear_after_seconds = {seconds}\n");
    home.file("config.toml", &text);
    let tray = Tray::start(desktop, home, &["--hidden"]);
    home.add_by_jwt("work", provider);
    tray.shows_fresh("work");
    tray
}

#[track_caller]
fn holds(screen: &Screen, text: &str) {
    eventually("the clipboard holds it", LIMIT, || {
        (screen.clipboard().as_deref() == Some(text)).then_some(())
    });
}

#[test]
fn a_copied_token_is_marked_as_a_secret_and_taken_out_again() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let provider = Provider::start(&[]);
    let tray = start(&desktop, &home, &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    tray.click(&["work", "Copy access token"]);
    let copied = Instant::now();
    holds(screen, &token);
    let hint = screen.clipboard_as("x-kde-passwordManagerHint");
    assert_eq!(hint.as_deref(), Some("secret"));
    eventually("it is taken out", LIMIT, || {
        let left = screen.clipboard().unwrap_or_default();
        left.is_empty().then_some(())
    });
    assert!(copied.elapsed() > CLEARED_AFTER - Duration::from_secs(1));
}

#[test]
fn what_was_copied_since_stays_in_the_clipboard() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let provider = Provider::start(&[]);
    let tray = start(&desktop, &home, &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    tray.click(&["work", "Copy access token"]);
    let copied = Instant::now();
    holds(screen, &token);
    let _other = screen.copy("something else");
    while copied.elapsed() < CLEARED_AFTER + Duration::from_secs(3) {
        assert_eq!(screen.clipboard().as_deref(), Some("something else"));
    }
}

#[test]
fn a_copied_header_is_what_a_request_takes() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let provider = Provider::start(&[]);
    let tray = start(&desktop, &home, &provider);
    let header = home.tokenkeep(&["get", "work", "--header"]).succeeded();
    tray.click(&["work", "Copy Authorization header"]);
    holds(screen, &header);
}

#[test]
fn a_program_that_hangs_with_the_clipboard_holds_nothing_up() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let provider = Provider::start(&[]);
    let tray = start(&desktop, &home, &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    tray.click(&["work", "Copy access token"]);
    let copied = Instant::now();
    holds(screen, &token);
    let mut other = screen.copy("something else");
    other.freeze();
    // The tray looks whether its token is still there, and gets no answer.
    eventually("it has been looked", LIMIT, || {
        (copied.elapsed() > CLEARED_AFTER + Duration::from_secs(1)).then_some(())
    });
    tray.shows_fresh("work");
    tray.click(&["work", "Copy access token"]);
    holds(screen, &token);
}
