//! Starting at login: offered once, after the first sign-in, because a keeper that is off for a week loses its sign-ins.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};
use tauri_plugin_autostart::ManagerExt as _;
use tokenkeep_agent::wire::StartAtLogin;
use tokenkeep_keeper::keeper::{ErrorKind, Keeper, KeeperError};

use super::menu::TrayMenu;

/// The key under which it is noted that the offer was made.
const OFFERED: &str = "start_at_login_offered";

/// What starts Tokenkeep at login: in the tray, and in the home that it runs in now.
pub(super) fn plugin(home: Option<&Path>) -> TauriPlugin<Wry> {
    let plugin = tauri_plugin_autostart::Builder::new().arg("--hidden");
    match home {
        Some(home) => plugin.arg(quoted(&format!("--home={}", home.display()))),
        None => plugin,
    }
    .build()
}

/// An argument as it stands in what the platform keeps of a program to be started.
fn quoted(argument: &str) -> String {
    if cfg!(target_os = "macos") {
        in_property_list(argument)
    } else if cfg!(windows) {
        format!("\"{argument}\"")
    } else {
        in_desktop_entry(argument)
    }
}

/// An entry of its own, in XML.
fn in_property_list(argument: &str) -> String {
    argument.replace('&', "&amp;").replace('<', "&lt;")
}

/// In one line with the others: in quotes, with what has a meaning there marked (Desktop Entry Specification, "The Exec
/// key", and "Basic value types" for the backslash).
fn in_desktop_entry(argument: &str) -> String {
    let mut quoted = String::from("\"");
    for character in argument.chars() {
        match character {
            '"' | '`' | '$' => quoted.push_str("\\\\"),
            '\\' => quoted.push_str("\\\\\\"),
            '%' => quoted.push('%'),
            _ => {}
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

/// Whether Tokenkeep starts at login.
pub(super) struct Login {
    app: AppHandle,
    keeper: Keeper,
    menu: Arc<Mutex<TrayMenu>>,
    /// Whether it was made in this run and not answered yet.
    offer: AtomicBool,
}

impl Login {
    /// How it is now shows in the menu from here on.
    pub(super) fn new(app: AppHandle, keeper: Keeper, menu: Arc<Mutex<TrayMenu>>) -> Self {
        let login = Self {
            app,
            keeper,
            menu,
            offer: AtomicBool::new(false),
        };
        login.show_in_menu();
        login
    }

    /// Whether it does, and whether to offer it. Where the desktop does not say, it does not.
    pub(super) fn state(&self) -> StartAtLogin {
        StartAtLogin {
            enabled: self.is_enabled(),
            offer: self.offer.load(Ordering::Relaxed),
        }
    }

    /// Has it start at login, or not any more. Either answers the offer.
    ///
    /// # Errors
    /// Where the desktop does not take it.
    pub(super) fn set(&self, enabled: bool) -> Result<StartAtLogin, KeeperError> {
        self.offer.store(false, Ordering::Relaxed);
        let launch = self.app.autolaunch();
        let set = match (enabled, self.is_enabled()) {
            (true, false) => launch.enable(),
            (false, true) => launch.disable(),
            _ => Ok(()),
        };
        // The desktop has ticked the item by itself, whatever came of it.
        self.show_in_menu();
        set.map_err(|error| refused(&error))?;
        Ok(self.state())
    }

    /// Whether to make the offer now that somebody has signed in: once, and not if it starts at login already.
    pub(super) async fn is_to_be_offered(&self) -> bool {
        let offer = !self.is_enabled() && self.keeper.is_first_time(OFFERED).await;
        if offer {
            self.offer.store(true, Ordering::Relaxed);
        }
        offer
    }

    fn show_in_menu(&self) {
        let (menu, enabled) = (Arc::clone(&self.menu), self.is_enabled());
        let shown = self.app.run_on_main_thread(move || {
            let menu = menu.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = menu.show_start_at_login(enabled) {
                tracing::warn!(%error, "the menu could not be changed");
            }
        });
        if let Err(error) = shown {
            tracing::warn!(%error, "the menu could not be changed");
        }
    }

    fn is_enabled(&self) -> bool {
        self.app.autolaunch().is_enabled().unwrap_or_else(|error| {
            tracing::warn!(%error, "the desktop does not say whether Tokenkeep starts at login");
            false
        })
    }
}

fn refused(error: &tauri_plugin_autostart::Error) -> KeeperError {
    KeeperError::new(
        ErrorKind::StorageUnavailable,
        format!(
            "The desktop does not let Tokenkeep start at login ({error}). Tokens are kept fresh while it runs; add it \
             to the programs that start at login yourself."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_desktop_entry_is_marked() {
        assert_eq!(in_desktop_entry("--home=/a b"), "\"--home=/a b\"");
        assert_eq!(in_desktop_entry("$x"), r#""\\$x""#);
        assert_eq!(in_desktop_entry("100%"), "\"100%%\"");
        assert_eq!(in_desktop_entry(r"a\b"), r#""a\\\\b""#);
    }

    #[test]
    fn what_has_a_meaning_in_a_property_list_is_marked() {
        assert_eq!(in_property_list("--home=/a b"), "--home=/a b");
        assert_eq!(in_property_list("/a&b<c"), "/a&amp;b&lt;c");
    }
}
