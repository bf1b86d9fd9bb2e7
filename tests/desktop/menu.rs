//! The icon in the tray and its menu.

use std::time::Duration;

use tokenkeep_tests::{Desktop, MenuItem, Provider, Tray, eventually};

const LIMIT: Duration = Duration::from_secs(60);

fn labels(items: &[MenuItem]) -> Vec<&str> {
    items.iter().map(|item| item.label.as_str()).collect()
}

fn enabled(items: &[MenuItem]) -> Vec<bool> {
    items.iter().map(|item| item.enabled).collect()
}

/// The seconds in `Fresh, 38 s left`.
fn seconds_left(line: &str) -> Option<u32> {
    line.strip_prefix("Fresh, ")?
        .strip_suffix(" s left")?
        .parse()
        .ok()
}

#[test]
fn without_accounts_the_menu_says_so_and_can_open_the_window_and_quit() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    let menu = tray.menu();
    let expected = [
        "No accounts yet",
        "",
        "Open Tokenkeep",
        "Start at login",
        "",
        "Quit",
    ];
    assert_eq!(labels(&menu), expected);
    assert!(!menu[0].enabled);
    assert_eq!(menu[3].checked, Some(false));
    assert_eq!(tray.icon().title(), "Tokenkeep");
}

#[test]
fn every_account_has_a_submenu_in_the_order_of_their_names() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&["--rate-limit", "0"]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_jwt("work", &provider);
    home.add_by_code("me", &provider);
    home.add_by_code("zoe_b", &provider);
    tray.shows_fresh("work");
    let zoe = tray.account("zoe_b");
    let menu = tray.menu();
    let first = ["me", "work", "zoe_b", "", "Open Tokenkeep"];
    assert_eq!(labels(&menu)[..5], first);
    let of_one = [
        "Signed out",
        "Copy access token",
        "Copy Authorization header",
        "Refresh now",
        "Sign in…",
    ];
    assert_eq!(labels(&zoe.children), of_one);
    // The line only tells, and without a token there is nothing to copy.
    assert_eq!(enabled(&zoe.children), [false, false, false, false, true]);
    assert_eq!(enabled(&menu[1].children), [false, true, true, true, true]);

    for name in ["me", "work", "zoe_b"] {
        home.tokenkeep(&["remove", name]).succeeded();
    }
    eventually("the menu says that there are none", LIMIT, || {
        (labels(&tray.menu()).first() == Some(&"No accounts yet")).then_some(())
    });
    assert_eq!(tray.menu().len(), 6);
}

#[test]
fn the_line_of_an_account_counts_down_until_its_token_is_renewed() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&["--access-token-ttl", "40", "--rate-limit", "0"]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_jwt("work", &provider);
    let fits = |range: std::ops::Range<u32>| {
        move |line: &str| seconds_left(line).is_some_and(|left| range.contains(&left))
    };
    // It is renewed when half of its life is left.
    tray.line("work", "new", fits(35..41));
    tray.line("work", "older", fits(30..35));
    tray.line("work", "older yet", fits(23..30));
    tray.line("work", "new again", fits(35..41));
    assert!(home.account("work")["generation"].as_u64() >= Some(2));
}

#[test]
fn above_two_minutes_the_line_counts_in_minutes() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_jwt("work", &provider);
    tray.line("work", "fresh", |line| line == "Fresh, 59 min left");
}

#[test]
fn the_icon_tells_apart_how_the_accounts_stand() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    let signed_out = tray.icon().picture();
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    let fresh = eventually("the icon of fresh tokens", LIMIT, || {
        tray.shows_fresh("me");
        let now = tray.icon().picture();
        (now != signed_out).then_some(now)
    });
    provider.end_sessions(0);
    home.tokenkeep(&["get", "me", "--refused"]).exited(4);
    tray.label("me", "me: sign in again");
    eventually("the icon of trouble", LIMIT, || {
        let now = tray.icon().picture();
        (now != signed_out && now != fresh).then_some(())
    });
}

#[test]
fn a_token_is_refreshed_from_the_menu() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_jwt("work", &provider);
    let before = home.fingerprint("work");
    tray.shows_fresh("work");
    tray.click(&["work", "Refresh now"]);
    eventually("there is another token", LIMIT, || {
        (home.fingerprint("work") != before).then_some(())
    });
}

#[test]
fn the_icon_is_in_a_panel_that_comes_late() {
    let desktop = Desktop::without_panel();
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    home.add_by_jwt("work", &provider);
    desktop.start_panel();
    tray.shows_fresh("work");
}

#[test]
fn starting_at_login_is_switched_in_the_menu() {
    let desktop = Desktop::start();
    let home = desktop.home();
    let tray = Tray::start(&desktop, &home, &["--hidden"]);
    let folder = desktop.bus().folder().join("home/.config/autostart");
    let entries = || {
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let texts = files.map(|file| std::fs::read_to_string(file.path()).unwrap());
        texts.collect::<Vec<_>>()
    };
    let ticked = || {
        let menu = tray.menu();
        let item = menu.iter().find(|item| item.label == "Start at login");
        item.unwrap().checked.unwrap()
    };
    assert!(entries().is_empty());
    tray.click(&["Start at login"]);
    eventually("the desktop starts it", LIMIT, || {
        matches!(&entries()[..], [entry] if entry.contains("--hidden")).then_some(())
    });
    eventually("it is ticked", LIMIT, || ticked().then_some(()));
    tray.click(&["Start at login"]);
    eventually("the desktop does not start it", LIMIT, || {
        entries().is_empty().then_some(())
    });
    eventually("it is not ticked", LIMIT, || (!ticked()).then_some(()));
}
