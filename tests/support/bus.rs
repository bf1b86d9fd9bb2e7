//! A session bus of a test's own, with or without a keychain on it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::object_server::Interface;

use crate::keyring::Keyring;
use crate::{Child, eventually};

/// How long the bus or the keychain may take to come up.
const START_LIMIT: Duration = Duration::from_secs(20);

/// A private session: `HOME`, `XDG_RUNTIME_DIR`, a D-Bus daemon, and perhaps
/// an unlocked `gnome-keyring-daemon`, which is the real Secret Service.
///
/// Nothing is started by the bus on demand, so without a keychain there is
/// none, and a prompt that wants a person finds nobody to show it.
pub struct Bus {
    keyring: Option<Keyring>,
    environment: BTreeMap<String, String>,
    address: String,
    _daemon: Child,
    // Last, so that it is removed after everything in it has ended.
    folder: TempDir,
}

impl Bus {
    /// A session whose keychain is there and unlocked.
    pub fn with_keyring() -> Self {
        let mut bus = Self::without_keyring();
        bus.start_keyring();
        bus
    }

    /// A session without any keychain.
    pub fn without_keyring() -> Self {
        // Straight in /tmp: a socket's path has only about a hundred bytes.
        let folder = tempfile::Builder::new()
            .prefix("tkbus")
            .tempdir_in("/tmp")
            .expect("/tmp can be written");
        let private = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir(&path).expect("the folder is ours");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("it is ours");
            path.display().to_string()
        };
        let mut environment = plain_environment();
        environment.insert("HOME".into(), private("home"));
        environment.insert("XDG_RUNTIME_DIR".into(), private("run"));

        let socket = folder.path().join("bus");
        let configuration = folder.path().join("bus.conf");
        fs::write(&configuration, bus_configuration(&socket)).expect("the folder is ours");
        let daemon = Child::start(
            Path::new("dbus-daemon"),
            &[
                "--nofork",
                "--nopidfile",
                "--config-file",
                &configuration.display().to_string(),
            ],
            &environment,
            "",
        );
        let address = format!("unix:path={}", socket.display());
        environment.insert("DBUS_SESSION_BUS_ADDRESS".into(), address.clone());
        let bus = Self {
            keyring: None,
            environment,
            address,
            _daemon: daemon,
            folder,
        };
        eventually("the session bus answers", START_LIMIT, || {
            bus.try_connect().ok().map(drop)
        });
        bus
    }

    /// The variables that a process of this session has, and no others.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// The folder of the session, removed with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A connection of the test's own to the bus.
    pub fn connect(&self) -> Connection {
        self.try_connect().expect("the session bus answers")
    }

    /// Puts an object on the bus under a name of its own, for as long as the
    /// connection lives.
    pub(crate) fn serve<I: Interface>(&self, name: &str, path: &str, object: I) -> Connection {
        Builder::address(self.address.as_str())
            .and_then(|builder| builder.serve_at(path, object))
            .and_then(|builder| builder.name(name))
            .and_then(|builder| builder.method_timeout(START_LIMIT).build())
            .unwrap_or_else(|e| panic!("{name} cannot be put on the bus: {e}"))
    }

    /// Starts the keychain and unlocks it, also after [`Bus::kill_keyring`].
    pub fn start_keyring(&mut self) {
        self.keyring = Some(Keyring::start(self.connect(), &self.environment));
    }

    /// Kills the keychain's daemon, as when it crashes. What it stored remains.
    pub fn kill_keyring(&mut self) {
        self.keyring = None;
        let connection = self.connect();
        eventually("the keychain is gone from the bus", START_LIMIT, || {
            (!Keyring::is_on(&connection)).then_some(())
        });
    }

    /// Whether the keychain's daemon has ended by itself.
    pub fn keyring_has_crashed(&mut self) -> bool {
        let keyring = self.keyring.as_mut();
        keyring.is_some_and(|keyring| !keyring.is_running())
    }

    /// Stops the keychain's daemon from running: it takes calls and answers none.
    pub fn freeze_keyring(&mut self) {
        self.keyring
            .as_mut()
            .expect("this bus has a keychain")
            .freeze();
    }

    /// Locks the keychain: what is in it cannot be read, nor anything saved.
    pub fn lock_keyring(&self) {
        self.keyring().lock();
    }

    /// Unlocks the keychain with its password, as a person would in the prompt.
    pub fn unlock_keyring(&self) {
        self.keyring().unlock();
    }

    /// Whether the keychain is locked.
    pub fn keyring_is_locked(&self) -> bool {
        self.keyring().is_locked()
    }

    /// The secrets that the keychain holds now, as they were stored.
    pub fn keyring_secrets(&self) -> Vec<Vec<u8>> {
        self.keyring().secrets()
    }

    fn keyring(&self) -> &Keyring {
        self.keyring
            .as_ref()
            .expect("this bus was started without a keychain")
    }

    fn try_connect(&self) -> zbus::Result<Connection> {
        Builder::address(self.address.as_str())?
            .method_timeout(START_LIMIT)
            .build()
    }
}

/// What every process under test gets: no proxy, no desktop, no colour, none
/// of the variables of the person who runs the tests.
pub(crate) fn plain_environment() -> BTreeMap<String, String> {
    let path = std::env::var("PATH").expect("there is a PATH");
    BTreeMap::from([
        ("PATH".to_owned(), path),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ("RUST_BACKTRACE".to_owned(), "1".to_owned()),
    ])
}

fn bus_configuration(socket: &Path) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    )
}
