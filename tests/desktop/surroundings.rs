//! The desktop that every other test here stands on does what it promises.

use std::collections::HashMap;
use std::time::Duration;

use tokenkeep_tests::Desktop;
use zbus::blocking::Proxy;
use zbus::zvariant::Value;

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn what_was_copied_is_in_the_clipboard_while_its_program_lives() {
    let desktop = Desktop::start();
    let screen = desktop.screen();
    assert_eq!(screen.clipboard(), None);
    let owner = screen.copy("a text");
    assert_eq!(screen.clipboard().as_deref(), Some("a text"));
    assert!(screen.clipboard_forms().contains(&"UTF8_STRING".to_owned()));
    drop(owner);
    assert_eq!(screen.clipboard(), None);
}

#[test]
fn a_window_is_found_by_its_title_and_takes_keys() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let title = "127.0.0.1:1 - a question";
    let arguments = ["-title", title, "-buttons", "yes:7,no:8", "-default", "no"];
    let question = [&arguments[..], &["Really?"]].concat();
    let mut first = home.start_program("xmessage", &question);
    let window = screen.window(title);
    window.presses("Return");
    first.finish(LIMIT).exited(8);
    screen.has_no_window(title);
}

#[test]
fn a_window_is_brought_to_the_front_and_closed_as_by_its_button() {
    let desktop = Desktop::start();
    let (home, screen) = (desktop.home(), desktop.screen());
    let below = home.start_program("xmessage", &["-title", "below", "text"]);
    let below = (screen.window("below"), below);
    let _above = home.start_program("xmessage", &["-title", "above", "text"]);
    let above = screen.window("above");
    below.0.bring_to_front();
    assert!(!above.is_in_front());
    above.close();
    assert_eq!(screen.titles(), ["below"]);
}

#[test]
fn a_notification_is_kept_and_answered() {
    let desktop = Desktop::start();
    let connection = desktop.bus().connect();
    let name = "org.freedesktop.Notifications";
    let path = "/org/freedesktop/Notifications";
    let server = Proxy::new(&connection, name, path, name).unwrap();
    let mut answers = server.receive_signal("ActionInvoked").unwrap();
    let actions = vec!["default", "", "more", "More…"];
    let hints = HashMap::<&str, Value>::new();
    let call = (
        "a program",
        0_u32,
        "",
        "a title",
        "a body",
        actions,
        hints,
        -1_i32,
    );
    let id: u32 = server.call("Notify", &call).unwrap();

    let notification = desktop.notifications().wait_for("a title");
    assert_eq!(notification.body, "a body");
    desktop.notifications().press(&notification, "More…");
    let answer: (u32, String) = answers.next().unwrap().body().deserialize().unwrap();
    assert_eq!(answer, (id, "more".to_owned()));
    assert!(desktop.notifications().wait_for("a title").closed);
}
