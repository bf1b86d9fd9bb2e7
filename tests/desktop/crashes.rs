//! Windows and trays that are killed.

use std::time::Duration;

use tokenkeep_tests::{Decision, Desktop, Process, Provider, Tray, eventually};

const LIMIT: Duration = Duration::from_secs(60);

#[track_caller]
fn are_gone(what: &str, processes: &[Process]) {
    eventually(&format!("{what} are gone"), LIMIT, || {
        (!processes.iter().any(Process::is_running)).then_some(())
    });
}

#[test]
fn a_main_window_that_is_killed_changes_nothing_for_the_tray() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let provider = Provider::start(&[]);
    let mut tray = Tray::start(&desktop, &home, &[]);
    home.add_by_jwt("work", &provider);
    let window = screen.window("Tokenkeep");
    window.shows_something();
    let process = window.process();
    let helpers = process.descendants();
    assert!(!helpers.is_empty(), "a web view has processes of its own");
    process.kill();
    screen.has_no_window("Tokenkeep");
    are_gone("the processes of its web view", &helpers);
    assert!(tray.is_running());
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);

    tray.click(&["Open Tokenkeep"]);
    let again = screen.window("Tokenkeep");
    assert_ne!(again.process(), process);
}

#[test]
fn a_web_view_that_crashes_changes_nothing_for_the_tray() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let provider = Provider::start(&[]);
    let mut tray = Tray::start(&desktop, &home, &[]);
    home.add_by_jwt("work", &provider);
    let window = screen.window("Tokenkeep");
    window.shows_something();
    let of_window = window.process().descendants();
    let web: Vec<_> = of_window
        .into_iter()
        .filter(|process| process.command_line().contains("WebKitWebProcess"))
        .collect();
    assert!(!web.is_empty());
    web.iter().for_each(Process::kill);
    are_gone("the web processes", &web);
    assert!(tray.is_running());
    home.tokenkeep(&["get", "work"]).succeeded();
    // Whatever became of the window, it can be had again.
    if window.is_open() {
        window.close();
    }
    tray.click(&["Open Tokenkeep"]);
    screen.window("Tokenkeep").shows_something();
}

#[test]
fn a_sign_in_window_that_is_killed_ends_the_sign_in_in_words() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let mut tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    let mut command = home.start(&["sign-in", "me"]);
    desktop.sign_in_window("me", &provider).process().kill();
    let failed = command.finish(LIMIT);
    failed.exited(4);
    assert!(failed.stderr.contains("broke down"), "{failed}");
    let notice = desktop.notifications().wait_for("me: not signed in");
    assert!(notice.body.contains("broke down"), "{notice:?}");
    assert!(tray.is_running());

    tray.click(&["me", "Sign in…"]);
    let window = desktop.sign_in_window("me", &provider);
    window.visit(&provider, Decision::Allow);
    desktop.notifications().wait_for("me: signed in");
}

#[test]
fn a_tray_that_is_killed_takes_its_windows_along() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let provider = Provider::start(&[]);
    let mut tray = Tray::start(&desktop, &home, &[]);
    home.add_by_code("me", &provider);
    screen.window("Tokenkeep").shows_something();
    let mut command = home.start(&["sign-in", "me"]);
    desktop.sign_in_window("me", &provider).shows_something();
    let all = tray.own().descendants();
    assert!(all.len() >= 4, "two windows and their web views: {all:?}");
    tray.kill();
    are_gone("the windows", &all);
    assert!(screen.titles().is_empty(), "{:?}", screen.titles());
    let lost = command.finish(LIMIT);
    assert_ne!(lost.code, 0);
    assert!(!lost.stderr.is_empty(), "{lost}");
}

#[test]
fn a_tray_whose_windows_hang_ends_all_the_same() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let provider = Provider::start(&[]);
    let mut tray = Tray::start(&desktop, &home, &[]);
    home.add_by_code("me", &provider);
    screen.window("Tokenkeep").shows_something();
    tray.click(&["me", "Sign in…"]);
    desktop.sign_in_window("me", &provider).shows_something();
    let windows = tray.windows();
    assert_eq!(windows.len(), 2);
    windows.iter().for_each(Process::freeze);
    home.tokenkeep(&["list"]).succeeded();
    tray.stop().exited(0);
    are_gone("the windows", &windows);
}

#[test]
fn after_a_crash_all_is_still_there() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let mut tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_jwt("work", &provider);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    let tokens = ["me", "work"].map(|name| home.tokenkeep(&["get", name]).succeeded());
    tray.kill();
    home.tokenkeep(&["get", "me"]).exited(6);

    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    for (name, token) in ["me", "work"].iter().zip(&tokens) {
        tray.shows_fresh(name);
        let now = home.tokenkeep(&["get", name]).succeeded();
        assert_eq!(now, *token);
        assert_eq!(provider.resource(&now).status, 200);
    }
}

#[test]
fn a_closed_window_leaves_neither_a_process_nor_memory_behind() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    let before = tray.own().own_memory();
    for _ in 0..3 {
        tray.click(&["Open Tokenkeep"]);
        let window = screen.window("Tokenkeep");
        window.shows_something();
        window.close();
        eventually("no process of it is left", LIMIT, || {
            tray.own().descendants().is_empty().then_some(())
        });
    }
    let after = tray.own().own_memory();
    // Kilobytes; a web view in this process would take ten times as much.
    assert!(
        after < before + 10_000,
        "{before} kB before, {after} kB after"
    );
}
