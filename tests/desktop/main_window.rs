//! The main window, looked at and used through WebDriver.

use std::time::Duration;

use tokenkeep_tests::{
    Decision, Desktop, Home, Page, Provider, Tray, WayIn, eventually, sign_in_title,
};

const LIMIT: Duration = Duration::from_secs(60);

/// A home of this desktop with its tray and the page of its main window.
fn start(desktop: &Desktop) -> (Home, Tray<'_>, Page) {
    let mut home = desktop.home();
    let way_in = WayIn::to(&mut home);
    let tray = Tray::start(desktop, &home, &[]);
    let page = way_in.take(&home);
    (home, tray, page)
}

#[test]
fn an_empty_window_leads_to_the_first_sign_in() {
    let desktop = Desktop::start();
    let provider = Provider::start(&[]);
    let (home, _tray, page) = start(&desktop);
    page.shows("Sign in for the first time");
    page.click("Practice provider");
    page.fill("Name", "me");
    page.fill("Server", provider.env("RC_SERVER_URL"));
    page.click("Add account");
    page.shows("A person has to sign in to it now");
    page.click("Sign in");
    let window = desktop.sign_in_window("me", &provider);
    page.card_shows("me", "Finish in the sign-in window…");
    window.visit(&provider, Decision::Allow);
    let card = page.card_shows("me", "Signed in.");
    assert!(card.contains("fresh"), "{card}");
    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    page.click_at("me", "Sign in again…");
    desktop.sign_in_window("me", &provider).close();
    page.card_shows("me", "The sign-in window was closed");
}

#[test]
fn a_jwt_account_is_added_in_the_window_and_its_secrets_are_not_kept_there() {
    let desktop = Desktop::start();
    let provider = Provider::start(&[]);
    let (home, tray, page) = start(&desktop);
    let secret = provider.env("RC_APP_CLIENT_SECRET");
    let jwt = provider.env("RC_USER_JWT");
    page.click("RingCentral with a JWT");
    page.fill("Name", "work");
    page.fill("Client ID", provider.env("RC_APP_CLIENT_ID"));
    page.fill("Client secret", secret);
    page.fill("JWT", jwt);
    page.fill("Server", provider.env("RC_SERVER_URL"));
    page.click("Add account");
    page.card_shows("work", "fresh");
    tray.shows_fresh("work");
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    let everything = page.everything();
    for hidden in [secret, jwt, &token] {
        assert!(!everything.contains(hidden), "{everything}");
    }
}

#[test]
fn a_name_that_is_taken_is_said_beside_its_field_and_nothing_is_lost() {
    let desktop = Desktop::start();
    let provider = Provider::start(&[]);
    let (home, _tray, page) = start(&desktop);
    home.add_by_jwt("me", &provider);
    page.card_shows("me", "fresh");
    page.click("Add account");
    page.click("Practice provider");
    page.fill("Name", "me");
    page.fill("Server", provider.env("RC_SERVER_URL"));
    page.click("Add account");
    page.shows("There is an account called me already");
    page.fill("Name", "me2");
    page.click("Add account");
    page.shows("me2 is added.");
    assert_eq!(home.account("me2")["state"], "signed_out");
}

#[test]
fn the_card_of_an_account_shows_its_time_running_out_and_its_renewal() {
    let desktop = Desktop::start();
    let provider = Provider::start(&["--access-token-ttl", "40", "--rate-limit", "0"]);
    let (home, _tray, page) = start(&desktop);
    home.add_by_jwt("work", &provider);
    page.card_shows("work", "fresh");
    let left = || {
        let card = page.card("work");
        let (before, _) = card.split_once(" s left")?;
        before.split_whitespace().last()?.parse::<u32>().ok()
    };
    let shows = |what: &str, range: std::ops::Range<u32>| {
        eventually(what, LIMIT, || left().filter(|left| range.contains(left)));
    };
    shows("a new token", 33..41);
    shows("an older one", 22..33);
    assert!(
        page.card("work").contains("renews in"),
        "{}",
        page.card("work")
    );
    shows("a new one again", 33..41);
}

#[test]
fn an_account_is_used_and_removed_in_the_window() {
    let desktop = Desktop::start();
    let provider = Provider::start(&[]);
    let (home, tray, page) = start(&desktop);
    home.add_by_jwt("work", &provider);
    page.card_shows("work", "fresh");
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    page.click_at("work", "Copy access token");
    page.card_shows("work", "Copied.");
    let copied = desktop.screen().clipboard();
    assert_eq!(copied, Some(token.clone()));

    page.click_at("work", "Refresh now");
    page.card_shows("work", "Refreshed.");
    let next = home.tokenkeep(&["get", "work"]).succeeded();
    assert_ne!(next, token);
    assert_eq!(provider.resource(&next).status, 200);

    page.click_at("work", "Remove");
    page.click_at("work", "Remove account");
    page.shows("work is removed.");
    eventually("it is gone from the menu", LIMIT, || {
        (tray.menu()[0].label == "No accounts yet").then_some(())
    });
    assert_eq!(provider.resource(&next).status, 401);
}

#[test]
fn what_is_wrong_with_an_account_is_said_with_the_next_step() {
    let desktop = Desktop::start();
    let provider = Provider::start(&[]);
    let (home, _tray, page) = start(&desktop);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    page.card_shows("me", "fresh");
    provider.end_sessions(0);
    home.tokenkeep(&["get", "me", "--refused"]).exited(4);
    page.card_shows("me", "sign in again");
    page.click_at("me", "Sign in again…");
    let window = desktop.sign_in_window("me", &provider);
    window.visit(&provider, Decision::Allow);
    page.card_shows("me", "fresh");
    let title = sign_in_title("me", &provider);
    desktop.screen().has_no_window(&title);
}

#[test]
fn a_locked_keychain_is_told_of_and_so_is_its_unlocking() {
    let desktop = Desktop::start();
    let provider = Provider::start(&[]);
    let (home, _tray, page) = start(&desktop);
    home.add_by_jwt("work", &provider);
    page.card_shows("work", "fresh");
    desktop.bus().lock_keyring();
    page.shows("The keychain is locked");
    desktop.bus().unlock_keyring();
    eventually("the page says no more of it", LIMIT, || {
        (!page.text().contains("The keychain is locked")).then_some(())
    });
}

#[test]
fn a_sign_in_goes_on_when_the_main_window_is_closed() {
    let desktop = Desktop::start();
    let provider = Provider::start(&[]);
    let (home, _tray, page) = start(&desktop);
    home.add_by_code("me", &provider);
    page.click_at("me", "Sign in…");
    let window = desktop.sign_in_window("me", &provider);
    desktop.screen().window("Tokenkeep").close();
    window.visit(&provider, Decision::Allow);
    desktop.notifications().wait_for("me: signed in");
    home.is_fresh("me");
}
