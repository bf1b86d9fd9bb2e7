//! A screen that nobody sees: an X server in memory, with a window manager.

mod clipboard;
mod failure;
mod look;
mod windows;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, Window as WindowId};
use x11rb::rust_connection::RustConnection;

use crate::{Child, Output, eventually};

pub use windows::Window;

/// How long the screen, or what is done at it, may take.
const LIMIT: Duration = Duration::from_secs(60);

/// A screen of 1280 by 800, and the person's hands at it.
pub struct Screen {
    root: WindowId,
    x: RustConnection,
    environment: BTreeMap<String, String>,
    display: String,
    _failure_picture: failure::Picture,
    _window_manager: Child,
    _server: Child,
}

impl Screen {
    /// Starts one for the programs of a session.
    pub(crate) fn start(session: &BTreeMap<String, String>) -> Self {
        let server = Child::start(
            Path::new("Xvfb"),
            &[
                // It finds a free display itself and prints its number.
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "-nolisten",
                "tcp",
                // Or it would forget everything when the last program ends.
                "-noreset",
            ],
            session,
            "",
        );
        let number = eventually("the screen is there", LIMIT, || {
            let printed = server.stdout();
            Some(printed[..printed.find('\n')?].trim().to_owned())
        });
        let display = format!(":{number}");
        let mut environment = session.clone();
        environment.insert("DISPLAY".to_owned(), display.clone());
        // Without a window manager nothing ever has the keyboard.
        let arguments = ["--sm-disable"];
        let window_manager = Child::start(Path::new("openbox"), &arguments, &environment, "");
        let (x, screen) = x11rb::connect(Some(&display)).expect("the screen answers");
        let root = x.setup().roots[screen].root;
        let screen = Self {
            root,
            x,
            _failure_picture: failure::Picture::of(&environment),
            environment,
            display,
            _window_manager: window_manager,
            _server: server,
        };
        eventually("there is a window manager", LIMIT, || {
            let check = screen.ids(screen.root, "_NET_SUPPORTING_WM_CHECK");
            (!check.is_empty()).then_some(())
        });
        screen
    }

    /// Its name, as `DISPLAY` has it.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Writes a picture of a part of the screen, as `560x300+720+0` names it.
    #[track_caller]
    pub fn picture(&self, part: &str, path: &Path) {
        let path = path.display().to_string();
        let arguments = ["-window", "root", "-crop", part, "+repage", &path];
        self.run("import", &arguments).succeeded();
    }

    /// Moves the pointer to a place and clicks with a button.
    #[track_caller]
    pub fn click(&self, x: u16, y: u16, button: u8) {
        let (x, y) = (x.to_string(), y.to_string());
        let arguments = ["mousemove", "--sync", &x, &y, "click", &button.to_string()];
        self.run("xdotool", &arguments).succeeded();
    }

    /// Presses a key, wherever it goes to.
    #[track_caller]
    pub fn presses(&self, key: &str) {
        self.run("xdotool", &["key", "--", key]).succeeded();
    }

    /// Does something, and waits until that is to be seen.
    #[track_caller]
    pub fn changes_by<T>(&self, act: impl FnOnce() -> T) -> T {
        let look = || windows::look(self, self.root);
        let before = look();
        let done = act();
        eventually("the screen shows something new", LIMIT, || {
            (look() != before).then_some(())
        });
        done
    }

    /// Runs a program at this screen to its end.
    #[track_caller]
    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        Child::start(Path::new(program), arguments, &self.environment, "").finish(LIMIT)
    }

    /// A property of a window that is a list of numbers; empty where absent.
    fn ids(&self, window: WindowId, property: &str) -> Vec<u32> {
        self.property(window, property)
            .and_then(|reply| Some(reply.value32()?.collect()))
            .unwrap_or_default()
    }

    /// A property of a window; windows come and go while they are looked at.
    fn property(
        &self,
        window: WindowId,
        name: &str,
    ) -> Option<x11rb::protocol::xproto::GetPropertyReply> {
        let name = self.atom(name);
        self.x
            .get_property(false, window, name, AtomEnum::ANY, 0, 4096)
            .ok()?
            .reply()
            .ok()
    }

    fn atom(&self, name: &str) -> u32 {
        self.x
            .intern_atom(false, name.as_bytes())
            .ok()
            .and_then(|cookie| cookie.reply().ok())
            .expect("the screen answers")
            .atom
    }
}
