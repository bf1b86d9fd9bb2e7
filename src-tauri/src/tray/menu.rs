//! The icon in the tray and its menu. A menu that is shown cannot be replaced, so its items are changed in place.

use std::collections::BTreeMap;

use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Wry};
use tokenkeep_agent::wire::Copied;
use tokenkeep_keeper::config::AccountName;

use super::board::Row;
use super::icon::IconLook;

/// What an item of the menu stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Open the main window.
    Open,
    /// Start at login, or do not any more.
    StartAtLogin,
    /// End Tokenkeep.
    Quit,
    /// Something about an account.
    Account(AccountName, AccountChoice),
}

/// What can be chosen for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AccountChoice {
    /// Copy its token.
    Copy(Copied),
    /// Renew it now.
    Refresh,
    /// Sign in to it.
    SignIn,
}

const OPEN: &str = "open";
const START_AT_LOGIN: &str = "start-at-login";
const QUIT: &str = "quit";
const COPY_TOKEN: &str = "copy-token";
const COPY_HEADER: &str = "copy-header";
const REFRESH: &str = "refresh";
const SIGN_IN: &str = "sign-in";

impl Choice {
    /// What the item with this id stands for; none if it stands for nothing.
    pub(super) fn of_id(id: &str) -> Option<Self> {
        match id {
            OPEN => return Some(Self::Open),
            START_AT_LOGIN => return Some(Self::StartAtLogin),
            QUIT => return Some(Self::Quit),
            _ => {}
        }
        // No account's name has a slash.
        let (what, name) = id.split_once('/')?;
        let choice = match what {
            COPY_TOKEN => AccountChoice::Copy(Copied::AccessToken),
            COPY_HEADER => AccountChoice::Copy(Copied::AuthorizationHeader),
            REFRESH => AccountChoice::Refresh,
            SIGN_IN => AccountChoice::SignIn,
            _ => return None,
        };
        Some(Self::Account(name.parse().ok()?, choice))
    }
}

/// Why there is no icon.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrayError {
    /// The library that shows icons is missing, if the desktop needs one.
    #[error(
        "The icon cannot be shown, because libayatana-appindicator3 is missing. Install it (Debian and Ubuntu: apt install \
         libayatana-appindicator3-1), or keep tokens fresh without a desktop with `tokenkeep serve`."
    )]
    NoLibrary,
    /// The desktop does not take it.
    #[error(
        "The icon cannot be shown ({0}). Keep tokens fresh without a desktop with `tokenkeep serve`."
    )]
    Tauri(#[from] tauri::Error),
}

/// The icon and its menu, as they are shown.
pub(super) struct TrayMenu {
    icon: TrayIcon,
    look: IconLook,
    menu: Menu<Wry>,
    accounts: BTreeMap<AccountName, AccountMenu>,
    /// Shown instead of accounts while there are none.
    none_yet: MenuItem<Wry>,
    start_at_login: CheckMenuItem<Wry>,
}

/// The submenu of one account.
struct AccountMenu {
    submenu: Submenu<Wry>,
    line: MenuItem<Wry>,
    copy: [MenuItem<Wry>; 2],
    refresh: MenuItem<Wry>,
    sign_in: MenuItem<Wry>,
    shown: Row,
}

impl TrayMenu {
    /// Puts the icon into the tray. If there is no tray yet, the icon appears with it.
    ///
    /// # Errors
    /// Where no icon can be shown.
    pub(super) fn show(app: &AppHandle) -> Result<Self, TrayError> {
        // The library is loaded on first use. If it is missing, it panics.
        let shown = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| Self::build(app)));
        Ok(shown.map_err(|_| TrayError::NoLibrary)??)
    }

    fn build(app: &AppHandle) -> tauri::Result<Self> {
        let none_yet = MenuItem::new(app, "No accounts yet", false, None::<&str>)?;
        let start_at_login = CheckMenuItem::with_id(
            app,
            START_AT_LOGIN,
            "Start at login",
            true,
            false,
            None::<&str>,
        )?;
        let menu = Menu::with_items(
            app,
            &[
                &none_yet,
                &PredefinedMenuItem::separator(app)?,
                &item(app, OPEN, "Open Tokenkeep")?,
                &start_at_login,
                &PredefinedMenuItem::separator(app)?,
                &item(app, QUIT, "Quit")?,
            ],
        )?;
        let look = IconLook::SignedOut;
        let icon = TrayIconBuilder::with_id("tokenkeep")
            .icon(look.image())
            .tooltip(look.in_words())
            .menu(&menu)
            .build(app)?;
        Ok(Self {
            icon,
            look,
            menu,
            accounts: BTreeMap::new(),
            none_yet,
            start_at_login,
        })
    }

    /// Shows how the accounts stand, which are sorted by name.
    pub(super) fn update(&mut self, rows: Vec<Row>, look: IconLook) -> tauri::Result<()> {
        if look != self.look {
            self.icon.set_icon(Some(look.image()))?;
            self.icon.set_tooltip(Some(look.in_words()))?;
            self.look = look;
        }
        self.remove_all_but(&rows)?;
        for (position, row) in rows.into_iter().enumerate() {
            match self.accounts.get_mut(&row.name) {
                Some(account) if account.shown.label == row.label => account.update(row)?,
                _ => self.put(position, row)?,
            }
        }
        Ok(())
    }

    /// Puts an account's submenu in its place. One that is there is replaced: on Linux the text of a submenu that has
    /// been shown cannot be changed.
    fn put(&mut self, position: usize, row: Row) -> tauri::Result<()> {
        let account = AccountMenu::new(self.menu.app_handle(), row)?;
        if self.accounts.is_empty() {
            self.menu.remove(&self.none_yet)?;
        }
        self.menu.insert(&account.submenu, position)?;
        let before = self.accounts.insert(account.shown.name.clone(), account);
        match before {
            Some(before) => self.menu.remove(&before.submenu),
            None => Ok(()),
        }
    }

    /// Shows whether Tokenkeep starts at login.
    pub(super) fn show_start_at_login(&self, enabled: bool) -> tauri::Result<()> {
        self.start_at_login.set_checked(enabled)
    }

    fn remove_all_but(&mut self, rows: &[Row]) -> tauri::Result<()> {
        let had_some = !self.accounts.is_empty();
        let is_gone = |name: &AccountName| !rows.iter().any(|row| row.name == *name);
        let gone: Vec<_> = self
            .accounts
            .keys()
            .filter(|name| is_gone(name))
            .cloned()
            .collect();
        for name in gone {
            if let Some(account) = self.accounts.remove(&name) {
                self.menu.remove(&account.submenu)?;
            }
        }
        if had_some && self.accounts.is_empty() {
            self.menu.insert(&self.none_yet, 0)?;
        }
        Ok(())
    }
}

impl AccountMenu {
    fn new(app: &AppHandle, row: Row) -> tauri::Result<Self> {
        let of_account = |what: &str, text: &str, enabled| {
            let id = format!("{what}/{}", row.name);
            MenuItem::with_id(app, id, text, enabled, None::<&str>)
        };
        let line = MenuItem::new(app, &row.line, false, None::<&str>)?;
        let copy = [
            of_account(COPY_TOKEN, "Copy access token", row.can_copy)?,
            of_account(COPY_HEADER, "Copy Authorization header", row.can_copy)?,
        ];
        let refresh = of_account(REFRESH, "Refresh now", row.can_refresh)?;
        let sign_in = of_account(SIGN_IN, row.sign_in, true)?;
        let items: [&dyn IsMenuItem<Wry>; 5] = [&line, &copy[0], &copy[1], &refresh, &sign_in];
        let submenu = Submenu::with_items(app, &row.label, true, &items)?;
        Ok(Self {
            submenu,
            line,
            copy,
            refresh,
            sign_in,
            shown: row,
        })
    }

    /// Changes the texts that differ, but never the label.
    fn update(&mut self, row: Row) -> tauri::Result<()> {
        let shown = std::mem::replace(&mut self.shown, row);
        let row = &self.shown;
        if row.line != shown.line {
            self.line.set_text(&row.line)?;
        }
        if row.sign_in != shown.sign_in {
            self.sign_in.set_text(row.sign_in)?;
        }
        if row.can_copy != shown.can_copy {
            for item in &self.copy {
                item.set_enabled(row.can_copy)?;
            }
        }
        if row.can_refresh != shown.can_refresh {
            self.refresh.set_enabled(row.can_refresh)?;
        }
        Ok(())
    }
}

fn item(app: &AppHandle, id: &str, text: &str) -> tauri::Result<MenuItem<Wry>> {
    MenuItem::with_id(app, id, text, true, None::<&str>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_known_by_its_id() {
        assert_eq!(Choice::of_id("quit"), Some(Choice::Quit));
        let name: AccountName = "me@work".parse().unwrap();
        assert_eq!(
            Choice::of_id("copy-header/me@work"),
            Some(Choice::Account(
                name,
                AccountChoice::Copy(Copied::AuthorizationHeader)
            ))
        );
        for unknown in ["", "copy-token", "copy-token/", "other/me", "refresh/a b"] {
            assert_eq!(Choice::of_id(unknown), None, "{unknown}");
        }
    }
}
