//! The menu of an icon (`com.canonical.dbusmenu`).

use std::collections::HashMap;
use std::fmt;

use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

const MENU: &str = "com.canonical.dbusmenu";
/// The item that holds all others.
const ROOT: i32 = 0;

/// An item as it travels: id, properties, children.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// A line of a menu, with the menu that it opens where it is a submenu's.
#[derive(Clone, PartialEq, Eq)]
pub struct MenuItem {
    id: i32,
    /// What it says; empty for a separator.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// Whether it is ticked; `None` where it is no check item.
    pub checked: Option<bool>,
    /// The items of its submenu.
    pub children: Vec<MenuItem>,
}

pub(super) struct Menu(Proxy<'static>);

impl Menu {
    pub(super) fn at(connection: &Connection, service: &str, path: OwnedObjectPath) -> Self {
        let proxy = Proxy::new(connection, service.to_owned(), path, MENU);
        Self(proxy.expect("the names are well formed"))
    }

    pub(super) fn items(&self) -> Vec<MenuItem> {
        // As a panel does before it shows a menu; the answer tells only
        // whether something changed.
        self.0.call::<_, _, bool>("AboutToShow", &ROOT).ok();
        let everything = -1;
        let (_revision, root): (u32, Layout) = self
            .0
            .call("GetLayout", &(ROOT, everything, Vec::<&str>::new()))
            .expect("the menu can be read");
        read(root).map_or_else(Vec::new, |root| root.children)
    }

    pub(super) fn click(&self, item: &MenuItem) {
        assert!(item.enabled, "{item:?} cannot be clicked");
        let event = (item.id, "clicked", Value::from(0), 0_u32);
        self.0
            .call::<_, _, ()>("Event", &event)
            .expect("the menu can be clicked");
    }
}

/// An item and what is in it; `None` where it is not to be seen.
fn read((id, properties, children): Layout) -> Option<MenuItem> {
    let value = |name: &str| properties.get(name);
    let text = |name: &str| value(name).and_then(|value| value.downcast_ref::<&str>().ok());
    let flag = |name: &str| value(name).and_then(|value| value.downcast_ref::<bool>().ok());
    let state = value("toggle-state").and_then(|value| value.downcast_ref::<i32>().ok());
    let is_check = text("toggle-type").is_some_and(|kind| !kind.is_empty());
    let children = children
        .into_iter()
        .map(|child| Layout::try_from(child).expect("what is in an item are items"));
    flag("visible").unwrap_or(true).then(|| MenuItem {
        id,
        label: without_mnemonic(text("label").unwrap_or_default()),
        enabled: flag("enabled").unwrap_or(true),
        checked: is_check.then_some(state == Some(1)),
        children: children.filter_map(read).collect(),
    })
}

/// A single underscore marks the key to press; two are one that is shown.
fn without_mnemonic(label: &str) -> String {
    let shown: Vec<String> = label
        .split("__")
        .map(|part| part.replace('_', ""))
        .collect();
    shown.join("_")
}

impl fmt::Debug for MenuItem {
    /// As a person sees it, a submenu's items indented.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tick = match self.checked {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => "",
        };
        let label = if self.label.is_empty() {
            "----"
        } else {
            &self.label
        };
        let grey = if self.enabled { "" } else { " (grey)" };
        write!(f, "{tick}{label}{grey}")?;
        for child in &self.children {
            let child = format!("{child:?}").replace('\n', "\n    ");
            write!(f, "\n    {child}")?;
        }
        Ok(())
    }
}
