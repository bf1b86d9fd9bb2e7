//! The part of a desktop that shows the tray: icons and their menus.

mod icon;
mod menu;
pub(crate) mod notifications;
mod watcher;

use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;

use crate::Bus;

pub use icon::Icon;
pub use menu::MenuItem;
pub use notifications::{Notification, Notifications};
use watcher::{Registered, Watcher};

/// A panel without a picture: it knows every icon that registered.
pub(crate) struct Panel {
    connection: Connection,
    registered: Registered,
}

impl Panel {
    pub(crate) fn serve(bus: &Bus) -> Self {
        let registered = Registered::default();
        let watcher = Watcher::new(&registered);
        let connection = bus.serve(watcher::NAME, watcher::PATH, watcher);
        Self {
            connection,
            registered,
        }
    }

    /// The icon of a process, where it has one.
    pub(crate) fn icon_of(&self, process: u32) -> Option<Icon> {
        let bus = DBusProxy::new(&self.connection).expect("the session bus answers");
        // The newest first: a process may register again.
        let mut newest_first = self.registered.all().into_iter().rev();
        newest_first
            .find(|address| {
                let name = BusName::try_from(address.service.as_str());
                // A name that has left the bus has no process.
                name.is_ok_and(|name| bus.get_connection_unix_process_id(name) == Ok(process))
            })
            .map(|address| Icon::at(self.connection.clone(), address))
    }
}
