//! Starting, starting again, taking over, and quitting.

use std::time::Duration;

use serde_json::json;
use tokenkeep_tests::{Desktop, Home, Keeper, Provider, Tray, eventually};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn hidden_it_starts_without_a_window_and_opens_one_when_asked() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    assert!(tray.windows().is_empty());
    assert!(screen.titles().is_empty());
    tray.click(&["Open Tokenkeep"]);
    screen.window("Tokenkeep").shows_something();
}

#[test]
fn started_again_it_brings_the_window_to_the_front() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let tray = Tray::start(&desktop, &home, &[]);
    let window = screen.window("Tokenkeep");
    window.shows_something();
    let _other = home.start_program("xmessage", &["-title", "other", "text"]);
    screen.window("other").bring_to_front();
    home.run_desktop(&[]).exited(0);
    eventually("the window is in front", LIMIT, || {
        window.is_in_front().then_some(())
    });
    assert_eq!(tray.windows(), [window.process()]);

    window.close();
    home.run_desktop(&[]).exited(0);
    assert!(screen.window("Tokenkeep").is_open());
    assert_eq!(tray.windows().len(), 1);
}

#[test]
fn started_again_hidden_it_opens_nothing() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.run_desktop(&["--hidden"]).exited(0);
    assert!(tray.windows().is_empty());
    let pid = home.tokenkeep(&["status", "--json"]).json()["pid"].clone();
    assert_eq!(pid, json!(tray.own().id()));
}

#[test]
fn trays_of_two_homes_run_side_by_side() {
    let desktop = Desktop::start();
    let (one, other) = (desktop.home(), desktop.home());
    let provider = Provider::start(&[]);
    let first = Tray::start(&desktop, &one, &["--hidden"]);
    let second = Tray::start(&desktop, &other, &["--hidden"]);
    one.add_by_jwt("work", &provider);
    first.shows_fresh("work");
    assert_eq!(second.menu()[0].label, "No accounts yet");
}

#[test]
fn a_keeper_without_a_desktop_makes_way_and_nothing_is_lost() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    assert!(!has_desktop(&home));
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    keeper.process().finish(LIMIT).exited(0);
    assert!(has_desktop(&home));
    tray.shows_fresh("work");
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);

    let second = home.tokenkeep(&["serve"]);
    second.exited(1);
    assert!(second.stderr.contains("already running"), "{second}");
}

#[test]
fn the_status_says_whether_there_is_a_desktop() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let mut tray = Tray::start(&desktop, &home, &["--hidden"]);
    let with = home.tokenkeep(&["status"]).succeeded();
    tray.stop().exited(0);
    let _keeper = Keeper::start(&home, &[]);
    let without = home.tokenkeep(&["status"]).succeeded();
    assert!(without.contains("without a desktop"), "{without}");
    assert!(!with.contains("without a desktop"), "{with}");
}

fn has_desktop(home: &Home) -> bool {
    home.tokenkeep(&["status", "--json"]).json()["desktop"] == json!(true)
}

#[test]
fn where_quitting_costs_a_sign_in_it_is_asked_first() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let provider = Provider::start(&[]);
    let mut tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    tray.shows_fresh("me");

    tray.click(&["Quit"]);
    let question = screen.window("Quit Tokenkeep?");
    // Once is enough.
    tray.click(&["Quit"]);
    tray.click(&["Quit"]);
    home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(screen.titles(), ["Quit Tokenkeep?"]);
    question.presses("Escape");
    question.is_closed();
    home.tokenkeep(&["get", "me"]).succeeded();
    assert!(tray.is_running());

    tray.click(&["Quit"]);
    let question = screen.window("Quit Tokenkeep?");
    question.presses("Return");
    tray.finish().exited(0);
    home.tokenkeep(&["get", "me"]).exited(6);
}

#[test]
fn where_secrets_are_in_memory_only_it_is_asked_before_they_are_gone() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let mut tray = Tray::start(&desktop, &home, &["--hidden", "--vault", "memory"]);
    home.add_by_jwt("work", &provider);
    tray.shows_fresh("work");
    tray.click(&["Quit"]);
    let question = desktop.screen().window("Quit Tokenkeep?");
    assert!(tray.is_running());
    question.presses("Return");
    tray.finish().exited(0);
    assert!(desktop.bus().keyring_secrets().is_empty());
}

#[test]
fn without_a_desktop_it_says_so_and_starts_nothing() {
    let desktop = Desktop::start();
    let mut home = desktop.home();
    home.set("DISPLAY", "");
    let refused = home.run_desktop(&[]);
    refused.exited(1);
    assert!(refused.stderr.contains("tokenkeep serve"), "{refused}");
    home.tokenkeep(&["list"]).exited(6);
}

#[test]
fn where_quitting_costs_nothing_nothing_is_asked() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let mut tray = Tray::start(&desktop, &home, &[]);
    home.add_by_jwt("work", &provider);
    tray.shows_fresh("work");
    desktop.screen().window("Tokenkeep").shows_something();
    tray.click(&["Quit"]);
    tray.finish().exited(0);
    desktop.screen().has_no_window("Tokenkeep");
}

#[test]
fn the_command_line_ends_it_without_a_question_windows_and_all() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let mut tray = Tray::start(&desktop, &home, &[]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    desktop.screen().window("Tokenkeep").shows_something();
    let windows = tray.own().descendants();
    home.tokenkeep(&["quit"]).succeeded();
    tray.finish().exited(0);
    eventually("its windows are gone", LIMIT, || {
        (!windows.iter().any(|window| window.is_running())).then_some(())
    });
}

#[test]
fn asked_by_the_system_it_ends_in_good_order() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let mut tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_jwt("work", &provider);
    tray.stop().exited(0);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    tray.shows_fresh("work");
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
}
