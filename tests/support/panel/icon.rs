//! An icon in the tray (`org.kde.StatusNotifierItem`).

use std::path::PathBuf;

use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::OwnedObjectPath;

use super::menu::{Menu, MenuItem};
use super::watcher::Address;

const ITEM: &str = "org.kde.StatusNotifierItem";

/// An icon that a process has registered, with its menu.
pub struct Icon {
    connection: Connection,
    address: Address,
}

impl Icon {
    pub(super) fn at(connection: Connection, address: Address) -> Self {
        Self {
            connection,
            address,
        }
    }

    /// What the panel calls it.
    pub fn title(&self) -> String {
        self.text("Title")
    }

    /// The picture that it shows now, as the bytes of its file.
    pub fn picture(&self) -> Vec<u8> {
        let name = PathBuf::from(self.text("IconName"));
        let folder = PathBuf::from(self.text("IconThemePath"));
        // A name is the path of a file, or a file's name in the folder.
        let path = folder.join(name.with_extension("png"));
        std::fs::read(&path).unwrap_or_else(|e| panic!("no icon at {}: {e}", path.display()))
    }

    /// Its menu, as it is now.
    pub fn menu(&self) -> Vec<MenuItem> {
        self.dbusmenu().items()
    }

    /// Clicks an item of its menu.
    pub fn click(&self, item: &MenuItem) {
        self.dbusmenu().click(item);
    }

    fn dbusmenu(&self) -> Menu {
        let path: OwnedObjectPath = self.get("Menu");
        Menu::at(&self.connection, &self.address.service, path)
    }

    fn text(&self, property: &str) -> String {
        self.get(property)
    }

    fn get<T>(&self, property: &str) -> T
    where
        T: TryFrom<zbus::zvariant::OwnedValue, Error: Into<zbus::Error>>,
    {
        let Address { service, path } = &self.address;
        Proxy::new(&self.connection, service.as_str(), path.as_str(), ITEM)
            .and_then(|proxy| proxy.get_property(property))
            .unwrap_or_else(|e| panic!("the icon's {property} cannot be read: {e}"))
    }
}
