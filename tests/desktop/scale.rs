//! More accounts than anybody has.

use std::time::Duration;

use serde_json::json;
use tokenkeep_tests::{Desktop, Home, Provider, Tray, WayIn, eventually};

const LIMIT: Duration = Duration::from_secs(60);
const ACCOUNTS: u32 = 100;

fn name(number: u32) -> String {
    format!("user-{number:03}")
}

/// Adds the account of a practice user over the socket: a hundred commands
/// would take longer than the keeper does.
fn add(home: &Home, provider: &Provider, number: u32) {
    let jwt = match number {
        1 => "RC_USER_JWT".to_owned(),
        _ => format!("RC_USER_JWT_{number}"),
    };
    let account = json!({
        "name": name(number),
        "provider": "practice",
        "server": provider.env("RC_SERVER_URL"),
        "client_id": provider.env("RC_APP_CLIENT_ID"),
        "client_secret": provider.env("RC_APP_CLIENT_SECRET"),
        "grant": "jwt",
        "assertion": provider.env(&jwt),
    });
    let reply = home.ask("POST", "/v1/accounts", &account.to_string());
    assert_eq!(reply.status, 201, "{reply:?}");
}

#[test]
fn a_hundred_accounts_are_in_the_menu_and_in_the_window() {
    let desktop = Desktop::start();
    let mut home = desktop.home();
    home.file(
        "config.toml",
        "[providers.practice]\nrequests_per_minute = 0\n",
    );
    let users = ACCOUNTS.to_string();
    let provider = Provider::start(&["--users", &users, "--rate-limit", "0"]);
    let way_in = WayIn::to(&mut home);
    let tray = Tray::start(&desktop, &home, &[]);
    let page = way_in.take(&home);
    (1..=ACCOUNTS).for_each(|number| add(&home, &provider, number));

    eventually("all are in the menu, fresh, by their names", LIMIT, || {
        let menu = tray.menu();
        let accounts = menu.iter().take_while(|item| !item.children.is_empty());
        let fresh = accounts.filter(|item| item.children[0].label.starts_with("Fresh, "));
        fresh
            .map(|item| item.label.clone())
            .eq((1..=ACCOUNTS).map(name))
            .then_some(())
    });
    page.card_shows(&name(1), "fresh");
    page.card_shows(&name(ACCOUNTS), "fresh");
    page.fill("Filter accounts", "user-07");
    let shown = page.shows("10 of 100 accounts");
    assert!(shown.contains(&name(70)) && shown.contains(&name(79)));
    assert!(!shown.contains(&name(69)) && !shown.contains(&name(80)));

    // All of them can still be used.
    page.click_at(&name(77), "Copy access token");
    let token = home.tokenkeep(&["get", &name(77)]).succeeded();
    eventually("the clipboard holds it", LIMIT, || {
        (desktop.screen().clipboard().as_deref() == Some(token.as_str())).then_some(())
    });
    tray.click(&[&name(78), "Copy access token"]);
    let token = home.tokenkeep(&["get", &name(78)]).succeeded();
    eventually("the clipboard holds the next", LIMIT, || {
        (desktop.screen().clipboard().as_deref() == Some(token.as_str())).then_some(())
    });
}
