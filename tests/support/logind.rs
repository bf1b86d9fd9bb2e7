//! A stand-in for systemd's logind, on a system bus of a test's own.

use zbus::blocking::Connection;

use crate::{Bus, Home};

const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";

/// Tells, as logind does, that the machine falls asleep and wakes.
pub struct Logind {
    connection: Connection,
    bus: Bus,
}

impl Logind {
    /// Puts it on a bus of its own.
    pub fn start() -> Self {
        let bus = Bus::without_keyring();
        let connection = bus.connect();
        connection
            .request_name(NAME)
            .expect("the name is free on a bus of our own");
        Self { connection, bus }
    }

    /// Makes it the logind of what is started in this home from now on.
    pub fn serve(&self, home: &mut Home) {
        let address = &self.bus.environment()["DBUS_SESSION_BUS_ADDRESS"];
        home.set("DBUS_SYSTEM_BUS_ADDRESS", address);
    }

    /// Says that the machine is about to sleep.
    pub fn machine_falls_asleep(&self) {
        self.prepare_for_sleep(true);
    }

    /// Says that the machine has woken.
    pub fn machine_wakes(&self) {
        self.prepare_for_sleep(false);
    }

    fn prepare_for_sleep(&self, start: bool) {
        self.connection
            .emit_signal(None::<&str>, PATH, MANAGER, "PrepareForSleep", &(start,))
            .expect("the bus takes the signal");
    }
}
