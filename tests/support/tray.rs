//! The tray application as a process.

use std::time::Duration;

use crate::panel::{Icon, MenuItem};
use crate::{Child, Desktop, Home, Output, Process, eventually};

/// How long the application, or what is done in it, may take.
const LIMIT: Duration = Duration::from_secs(60);
/// The exit code that says that no keeper is running.
const NO_KEEPER: i32 = 6;
/// The option with which a window's process is started.
const WINDOW: &str = "--window";

/// `tokenkeep-desktop` on a desktop, ended on drop.
pub struct Tray<'d> {
    desktop: &'d Desktop,
    child: Child,
}

impl<'d> Tray<'d> {
    /// Starts it and waits until it keeps the accounts and, where there is a
    /// panel, is in it. Without `--hidden` it opens its main window.
    pub fn start(desktop: &'d Desktop, home: &Home, arguments: &[&str]) -> Self {
        let mut child = home.start_desktop(arguments);
        eventually("the tray keeps the accounts", LIMIT, || {
            let running = child.is_running();
            assert!(running, "the tray ended by itself\n{}", child.stderr());
            (home.tokenkeep(&["list"]).code != NO_KEEPER).then_some(())
        });
        let tray = Self { desktop, child };
        if desktop.panel().is_some() {
            tray.icon();
        }
        tray
    }

    /// Its icon, for which it waits.
    #[track_caller]
    pub fn icon(&self) -> Icon {
        eventually("the icon is in the panel", LIMIT, || {
            assert!(self.own().is_running(), "the tray ended by itself");
            self.desktop.panel()?.icon_of(self.child.id())
        })
    }

    /// Its menu as it is now.
    #[track_caller]
    pub fn menu(&self) -> Vec<MenuItem> {
        self.icon().menu()
    }

    /// The submenu of an account, for which it waits.
    #[track_caller]
    pub fn account(&self, name: &str) -> MenuItem {
        eventually(&format!("{name} is in the menu"), LIMIT, || {
            let mut items = self.menu().into_iter();
            items.find(|item| !item.children.is_empty() && names(&item.label, name))
        })
    }

    /// Waits until the submenu of an account is called so.
    #[track_caller]
    pub fn label(&self, name: &str, label: &str) {
        eventually(&format!("{name} is called “{label}”"), LIMIT, || {
            (self.account(name).label == label).then_some(())
        });
    }

    /// Waits until the line of an account fits.
    #[track_caller]
    pub fn line(&self, name: &str, what: &str, fits: impl Fn(&str) -> bool) {
        eventually(&format!("{name} is shown as {what}"), LIMIT, || {
            fits(&self.account(name).children[0].label).then_some(())
        });
    }

    /// Waits until an account is shown as fresh.
    #[track_caller]
    pub fn shows_fresh(&self, name: &str) {
        self.line(name, "fresh", |line| line.starts_with("Fresh, "));
    }

    /// Clicks an item of the menu, or of its submenu for an account.
    #[track_caller]
    pub fn click(&self, path: &[&str]) {
        let items = match path {
            [_] => self.menu(),
            [name, _] => self.account(name).children,
            _ => panic!("the menu is two levels deep"),
        };
        let label = path[path.len() - 1];
        let item = items.iter().find(|item| item.label == label);
        let item = item.unwrap_or_else(|| panic!("no “{label}” in\n{items:#?}"));
        self.icon().click(item);
    }

    /// The processes of its windows.
    pub fn windows(&self) -> Vec<Process> {
        let mut children = self.own().children();
        children.retain(|child| child.command_line().lines().any(|part| part == WINDOW));
        children
    }

    /// Its own process.
    pub fn own(&self) -> Process {
        Process::with_id(self.child.id())
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.is_running()
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    #[track_caller]
    pub fn stop(&mut self) -> Output {
        self.child.stop()
    }

    /// Ends it alone at once (SIGKILL), as a crash does.
    #[track_caller]
    pub fn kill(&mut self) -> Output {
        self.own().kill();
        self.finish()
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub fn finish(&mut self) -> Output {
        self.child.finish(LIMIT)
    }
}

/// Whether a submenu's label is of an account: its name alone, or with words.
fn names(label: &str, name: &str) -> bool {
    let rest = label.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(": "))
}
