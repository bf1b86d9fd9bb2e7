//! A desktop of a test's own: a session bus with a keychain, a screen, and a
//! panel that shows the tray and the notifications.

use std::cell::OnceCell;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::panel::Panel;
use crate::panel::notifications::Notifications;
use crate::screen::Screen;
use crate::{Bus, Home};

/// How many desktops there are at once. Web views are heavy, and more of them
/// than processors only make each other late.
const AT_ONCE: usize = 2;

/// A desktop without a person at it: the test is the person.
pub struct Desktop {
    panel: OnceCell<Panel>,
    notifications: Notifications,
    screen: Screen,
    bus: Bus,
    // Last, so that the next desktop comes up when this one is gone.
    _turn: Turn,
}

impl Desktop {
    /// A whole desktop. Waits for its turn where there are many already.
    pub fn start() -> Self {
        let desktop = Self::without_panel();
        desktop.start_panel();
        desktop
    }

    /// A desktop whose panel comes later, as after logging in, or never.
    pub fn without_panel() -> Self {
        let turn = Turn::take();
        let bus = Bus::with_keyring();
        let screen = Screen::start(bus.environment());
        let notifications = Notifications::serve(&bus);
        Self {
            panel: OnceCell::new(),
            notifications,
            screen,
            bus,
            _turn: turn,
        }
    }

    /// Starts the panel of a desktop that had none.
    pub fn start_panel(&self) {
        let started = self.panel.set(Panel::serve(&self.bus));
        assert!(started.is_ok(), "this desktop has a panel already");
    }

    /// A fresh home whose programs are on this desktop.
    pub fn home(&self) -> Home {
        let mut home = Home::on(&self.bus);
        home.set("DISPLAY", self.screen.display());
        // Not the Wayland of the person who runs the tests.
        home.set("GDK_BACKEND", "x11");
        // GTK would look for the accessibility bus, which is not there.
        home.set("NO_AT_BRIDGE", "1");
        home
    }

    /// The screen, with its windows and its clipboard.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// What was notified.
    pub fn notifications(&self) -> &Notifications {
        &self.notifications
    }

    /// The session, with its keychain.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// The panel, where there is one.
    pub(crate) fn panel(&self) -> Option<&Panel> {
        self.panel.get()
    }
}

/// One of the few places for a desktop.
struct Turn;

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

impl Turn {
    fn take() -> Self {
        let mut taken = FREED
            .wait_while(count(), |taken| *taken >= AT_ONCE)
            .unwrap_or_else(PoisonError::into_inner);
        *taken += 1;
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *count() -= 1;
        FREED.notify_one();
    }
}

fn count() -> MutexGuard<'static, usize> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}
