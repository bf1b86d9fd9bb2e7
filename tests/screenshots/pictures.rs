//! What there are pictures of.

use std::path::Path;

use tokenkeep_tests::{Desktop, Home, Page, Provider, Tray, WayIn};

use crate::panel::Panel;

/// By this GTK, and with it every web view, is dark.
const DARK: (&str, &str) = ("GTK_THEME", "Adwaita:dark");

/// Takes all pictures and puts them into a folder, which it creates.
pub(crate) fn take_all(folder: &Path) {
    std::fs::create_dir_all(folder).expect("the folder can be written");
    empty_window(folder);
    windows(folder, None, "light");
    windows(folder, Some(DARK), "dark");
    tray_menu(folder);
}

fn empty_window(folder: &Path) {
    let desktop = Desktop::start();
    let (_home, _tray, page) = open(&desktop, None);
    page.shows("Sign in for the first time");
    take_window(&desktop, &page, folder, "window-empty");
}

/// The main window with accounts, in trouble, and the sign-in window.
fn windows(folder: &Path, setting: Option<(&str, &str)>, look: &str) {
    let desktop = Desktop::start();
    let provider = Provider::start(&[]);
    let (home, tray, page) = open(&desktop, setting);
    add_accounts(&home, &provider);
    page.card_shows("work", "fresh");
    page.card_shows("me", "fresh");
    page.card_shows("reports", "signed out");
    take_window(&desktop, &page, folder, &format!("window-{look}"));

    end_the_session_of_me(&home, &provider);
    page.card_shows("me", "sign in again");
    take_window(&desktop, &page, folder, &format!("window-trouble-{look}"));

    tray.click(&["reports", "Sign in…"]);
    let window = desktop.sign_in_window("reports", &provider);
    window.shows_a_practice_page();
    window.picture(&folder.join(format!("sign-in-{look}.png")));
}

/// The tray's menu in a panel that people have, where there is one.
fn tray_menu(folder: &Path) {
    let desktop = Desktop::without_panel();
    let screen = desktop.screen();
    let Some(panel) = Panel::start(&desktop) else {
        eprintln!("There is no picture of the tray's menu: Xfce's panel is not installed.");
        return;
    };
    let home = desktop.home();
    let provider = Provider::start(&[]);
    let _tray = screen.changes_by(|| Tray::start(&desktop, &home, &["--hidden"]));
    add_accounts(&home, &provider);
    screen.changes_by(|| end_the_session_of_me(&home, &provider));
    panel.open_menu();
    screen.picture("560x320+720+0", &folder.join("tray-menu.png"));
}

/// A home with its tray and the page in its main window.
fn open<'d>(desktop: &'d Desktop, setting: Option<(&str, &str)>) -> (Home, Tray<'d>, Page) {
    let mut home = desktop.home();
    if let Some((name, value)) = setting {
        home.set(name, value);
    }
    let way_in = WayIn::to(&mut home);
    let tray = Tray::start(desktop, &home, &[]);
    let page = way_in.take(&home);
    (home, tray, page)
}

/// One that needs no person, one that a person has signed in to, and one that
/// nobody has.
fn add_accounts(home: &Home, provider: &Provider) {
    home.add_by_jwt("work", provider);
    home.add_by_code("me", provider);
    home.sign_in("me", provider);
    home.add_by_code("reports", provider);
}

/// The JWT account has the same user, so its session ends as well; it opens
/// another by itself.
fn end_the_session_of_me(home: &Home, provider: &Provider) {
    provider.end_sessions(0);
    home.tokenkeep(&["get", "me", "--refused"]).exited(4);
    home.tokenkeep(&["get", "work", "--refused"]).succeeded();
}

fn take_window(desktop: &Desktop, page: &Page, folder: &Path, name: &str) {
    page.is_painted();
    let window = desktop.screen().window("Tokenkeep");
    window.bring_to_front();
    window.picture(&folder.join(format!("{name}.png")));
}
