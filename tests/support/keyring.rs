//! The real Secret Service on a private bus: gnome-keyring.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;

use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, Proxy};
use zbus::names::BusName;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, Value};

use crate::{Child, eventually};

const NAME: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
/// The collection that programs store into, under its alias.
const DEFAULT: &str = "/org/freedesktop/secrets/aliases/default";
/// gnome-keyring's own interface for its tests, which unlocks without a prompt.
const UNLOCKING: &str = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface";
const PASSWORD: &str = "the keyring's own password";

/// A secret on the bus: session, parameters, value, content type.
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// A running `gnome-keyring-daemon`, unlocked when it starts.
pub(crate) struct Keyring {
    connection: Connection,
    daemon: Child,
}

impl Keyring {
    pub(crate) fn start(connection: Connection, environment: &BTreeMap<String, String>) -> Self {
        let daemon = Child::start(
            Path::new("gnome-keyring-daemon"),
            &["--foreground", "--unlock", "--components=secrets"],
            environment,
            PASSWORD,
        );
        let keyring = Self { connection, daemon };
        let limit = Duration::from_secs(20);
        eventually("the keychain is on the bus, unlocked", limit, || {
            (Self::is_on(&keyring.connection) && keyring.locked() == Ok(false)).then_some(())
        });
        keyring
    }

    /// Whether a Secret Service is on the bus.
    pub(crate) fn is_on(connection: &Connection) -> bool {
        DBusProxy::new(connection)
            .and_then(|bus| Ok(bus.name_has_owner(BusName::try_from(NAME)?)?))
            .expect("the session bus answers")
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.daemon.is_running()
    }

    pub(crate) fn freeze(&mut self) {
        self.daemon.freeze();
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.locked().expect("the keychain answers")
    }

    pub(crate) fn lock(&self) {
        let collection = ObjectPath::try_from(DEFAULT).expect("it is a path");
        let (_locked, _prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = self
            .proxy(ROOT, SERVICE)
            .call("Lock", &(vec![self.resolved(&collection)],))
            .expect("the keychain locks");
        assert!(self.is_locked(), "the keychain says that it is not locked");
    }

    pub(crate) fn unlock(&self) {
        let collection = ObjectPath::try_from(DEFAULT).expect("it is a path");
        let password = (
            self.session(),
            Vec::<u8>::new(),
            PASSWORD.as_bytes(),
            "text/plain",
        );
        self.proxy(ROOT, UNLOCKING)
            .call::<_, _, ()>(
                "UnlockWithMasterPassword",
                &(self.resolved(&collection), password),
            )
            .expect("the keychain unlocks");
        assert!(!self.is_locked(), "the keychain says that it is locked");
    }

    pub(crate) fn secrets(&self) -> Vec<Vec<u8>> {
        let items: Vec<OwnedObjectPath> = self
            .proxy(DEFAULT, COLLECTION)
            .get_property("Items")
            .expect("the keychain lists its items");
        let found: HashMap<OwnedObjectPath, Secret> = self
            .proxy(ROOT, SERVICE)
            .call("GetSecrets", &(items, self.session()))
            .expect("the keychain gives its secrets");
        found.into_values().map(|(_, _, value, _)| value).collect()
    }

    fn locked(&self) -> zbus::Result<bool> {
        self.proxy(DEFAULT, COLLECTION).get_property("Locked")
    }

    /// A session in which secrets travel as they are; the bus is private.
    fn session(&self) -> OwnedObjectPath {
        let (_output, session): (zbus::zvariant::OwnedValue, OwnedObjectPath) = self
            .proxy(ROOT, SERVICE)
            .call("OpenSession", &("plain", Value::from("")))
            .expect("the keychain opens a session");
        session
    }

    /// The collection behind an alias: `Lock` wants its real path.
    fn resolved(&self, alias: &ObjectPath<'_>) -> OwnedObjectPath {
        let name = alias.as_str().rsplit('/').next().unwrap_or_default();
        self.proxy(ROOT, SERVICE)
            .call("ReadAlias", &(name,))
            .expect("the keychain knows its default collection")
    }

    fn proxy(&self, path: &'static str, interface: &'static str) -> Proxy<'_> {
        Proxy::new(&self.connection, NAME, path, interface).expect("the names are well formed")
    }
}
