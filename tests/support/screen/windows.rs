//! The windows on the screen, and what a person does to them.

use std::path::Path;

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    ClientMessageEvent, ConnectionExt as _, EventMask, ImageFormat, Window as WindowId,
};

use super::look::Look;
use super::{LIMIT, Screen};
use crate::{Process, eventually};

/// A window that was found on the screen.
#[derive(Clone, Copy)]
pub struct Window<'s> {
    screen: &'s Screen,
    id: WindowId,
}

impl Screen {
    /// The windows that there are, oldest first.
    pub fn windows(&self) -> Vec<Window<'_>> {
        self.ids(self.root, "_NET_CLIENT_LIST")
            .into_iter()
            .map(|id| Window { screen: self, id })
            .collect()
    }

    /// The titles of the windows that there are.
    pub fn titles(&self) -> Vec<String> {
        self.windows().iter().map(Window::title).collect()
    }

    /// Waits for the window of this title.
    #[track_caller]
    pub fn window(&self, title: &str) -> Window<'_> {
        eventually(&format!("there is a window “{title}”"), LIMIT, || {
            self.windows()
                .into_iter()
                .find(|window| window.title() == title)
        })
    }

    /// Waits until no window has this title.
    #[track_caller]
    pub fn has_no_window(&self, title: &str) {
        eventually(&format!("the window “{title}” is gone"), LIMIT, || {
            (!self.titles().iter().any(|other| other == title)).then_some(())
        });
    }
}

impl Window<'_> {
    /// Its title; empty when it is gone.
    pub fn title(&self) -> String {
        // Old programs have only the old property.
        let titles = ["_NET_WM_NAME", "WM_NAME"].map(|name| {
            let reply = self.screen.property(self.id, name);
            let value = reply.map(|reply| reply.value).unwrap_or_default();
            String::from_utf8_lossy(&value).into_owned()
        });
        let title = titles.into_iter().find(|title| !title.is_empty());
        title.unwrap_or_default()
    }

    /// The process that shows it.
    pub fn process(&self) -> Process {
        let ids = self.screen.ids(self.id, "_NET_WM_PID");
        Process::with_id(*ids.first().expect("the window names its process"))
    }

    /// Whether it is there.
    pub fn is_open(&self) -> bool {
        let open = self.screen.ids(self.screen.root, "_NET_CLIENT_LIST");
        open.contains(&self.id)
    }

    /// Whether it is the one in front, that the keyboard writes to.
    pub fn is_in_front(&self) -> bool {
        let active = self.screen.ids(self.screen.root, "_NET_ACTIVE_WINDOW");
        active.first() == Some(&self.id)
    }

    /// Clicks into it, so that it is in front.
    #[track_caller]
    pub fn bring_to_front(&self) {
        // The source indication 2 says that a person wants it.
        self.ask("_NET_ACTIVE_WINDOW", [2, 0, 0, 0, 0]);
        eventually("the window is in front", LIMIT, || {
            self.is_in_front().then_some(())
        });
    }

    /// Presses its close button and waits until it is gone.
    #[track_caller]
    pub fn close(&self) {
        self.ask("_NET_CLOSE_WINDOW", [0, 2, 0, 0, 0]);
        self.is_closed();
    }

    /// Waits until it is gone.
    #[track_caller]
    pub fn is_closed(&self) {
        eventually("the window is closed", LIMIT, || {
            (!self.is_open()).then_some(())
        });
    }

    /// Types a text into whatever has the focus in it.
    #[track_caller]
    pub fn types(&self, text: &str) {
        self.bring_to_front();
        // Some toolkits lose keys that come faster than any person's.
        let arguments = ["type", "--delay", "30", "--", text];
        self.screen.run("xdotool", &arguments).succeeded();
    }

    /// Presses a key by its name: `Tab`, `Return`, `Escape`.
    #[track_caller]
    pub fn presses(&self, key: &str) {
        self.bring_to_front();
        self.screen.presses(key);
    }

    /// Writes a picture of it, without what is around it.
    #[track_caller]
    pub fn picture(&self, path: &Path) {
        let (id, path) = (self.id.to_string(), path.display().to_string());
        self.screen
            .run("import", &["-window", &id, &path])
            .succeeded();
    }

    /// What is to be seen in it now; `None` while it is not on the screen.
    pub(crate) fn look(&self) -> Option<Look> {
        look(self.screen, self.id)
    }

    /// Waits until there is text to be seen in it.
    #[track_caller]
    pub fn shows_something(&self) {
        eventually("the window shows something", LIMIT, || {
            self.look()?.has_text().then_some(())
        });
    }

    /// Asks the window manager, as panels and pagers do.
    fn ask(&self, what: &str, with: [u32; 5]) {
        let message = ClientMessageEvent::new(32, self.id, self.screen.atom(what), with);
        let to = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.screen
            .x
            .send_event(false, self.screen.root, to, message)
            .expect("the screen answers");
        self.screen.x.flush().expect("the screen answers");
    }
}

/// What is to be seen in a window, or on all of the screen.
pub(super) fn look(screen: &Screen, id: WindowId) -> Option<Look> {
    let size = screen.x.get_geometry(id).ok()?.reply().ok()?;
    let (width, height) = (size.width, size.height);
    let format = ImageFormat::Z_PIXMAP;
    let image = screen.x.get_image(format, id, 0, 0, width, height, !0);
    Some(Look::new(width.into(), image.ok()?.reply().ok()?.data))
}
