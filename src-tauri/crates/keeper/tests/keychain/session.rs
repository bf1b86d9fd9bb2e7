//! A private session: a bus, a home and a gnome-keyring-daemon of the test's own.
//!
//! The keyring libraries find the bus in the environment. So a test runs itself again, in a
//! child process under `dbus-run-session`, and what is in its body happens there.

use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

const MARK: &str = "TOKENKEEP_TEST_SESSION";
const PASSWORD: &str = "keyring password";
const SECRETS: &str = "org.freedesktop.secrets";
const SECRETS_PATH: &str = "/org/freedesktop/secrets";
const LOGIN_KEYRING: &str = "/org/freedesktop/secrets/collection/login";
const PATIENCE: Duration = Duration::from_secs(20);

/// A bus that starts nothing by itself: there is a Secret Service when the test starts one,
/// and nothing that could draw a prompt.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

/// Runs `body` in a private session. `test` is the calling test's own name.
pub(crate) fn in_session<F: Future<Output = ()>>(test: &str, body: impl FnOnce(Session) -> F) {
    if let Some(folder) = std::env::var_os(MARK) {
        let session = Session {
            folder: folder.into(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let body = body(session);
        runtime
            .block_on(async { tokio::time::timeout(4 * PATIENCE, body).await })
            .unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let path = folder.path().join(name);
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .unwrap();
        path
    };
    let bus = folder.path().join("bus.conf");
    std::fs::write(&bus, BUS).unwrap();
    let child = Command::new("dbus-run-session")
        .arg("--config-file")
        .arg(&bus)
        .arg("--")
        .arg(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", make("home"))
        .env("XDG_RUNTIME_DIR", make("run"))
        .env(MARK, folder.path())
        .output()
        .expect("dbus-run-session comes with the package dbus");
    let said = String::from_utf8_lossy(&child.stdout);
    let complained = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}\n{complained}");
    // A wrong name would run nothing, and pass.
    assert!(
        said.contains("1 passed"),
        "no test is called {test}:\n{said}"
    );
}

/// What a test finds itself in.
pub(crate) struct Session {
    folder: PathBuf,
}

impl Session {
    /// Starts gnome-keyring with its login keyring unlocked, and waits until it answers.
    pub(crate) fn start_keyring(&self) -> Keyring {
        let mut keyring = Self::start_daemon(&["--unlock"]);
        keyring
            .daemon
            .stdin
            .take()
            .unwrap()
            .write_all(PASSWORD.as_bytes())
            .unwrap();
        until("the keyring is there", || {
            keyring.is_locked() == Some(false)
        });
        keyring
    }

    /// Starts gnome-keyring as it is for somebody who never had a keyring.
    pub(crate) fn start_empty_keyring(&self) -> Keyring {
        let keyring = Self::start_daemon(&[]);
        until("the service is there", || {
            keyring
                .service()
                .get_property::<Vec<OwnedObjectPath>>("Collections")
                .is_ok()
        });
        keyring
    }

    fn start_daemon(more: &[&str]) -> Keyring {
        let daemon = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--components=secrets"])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon comes with the package gnome-keyring");
        Keyring {
            daemon,
            bus: Connection::session().unwrap(),
        }
    }

    /// Starts to listen for prompts on the bus.
    pub(crate) fn watch_prompts(&self) -> PromptWatch {
        let log = self.folder.join("prompts");
        let monitor = Command::new("dbus-monitor")
            .args([
                "--session",
                "type='method_call',interface='org.freedesktop.Secret.Prompt'",
            ])
            .stdout(std::fs::File::create(&log).unwrap())
            .spawn()
            .expect("dbus-monitor comes with the package dbus");
        let watch = PromptWatch { monitor, log };
        until("the monitor listens", || watch.text().contains("NameLost"));
        watch
    }

    /// Every file under the session's home, to look for secrets in.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.join("home")
    }
}

/// The session's gnome-keyring-daemon; ends when dropped.
pub(crate) struct Keyring {
    daemon: Child,
    bus: Connection,
}

impl Keyring {
    /// Locks the login keyring, as a person does in their keyring application.
    pub(crate) fn lock(&self) {
        let path = OwnedObjectPath::try_from(LOGIN_KEYRING).unwrap();
        let _: (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.service().call("Lock", &(vec![path],)).unwrap();
        until("the keyring is locked", || self.is_locked() == Some(true));
    }

    /// Unlocks the login keyring over gnome-keyring's own interface, without a prompt.
    pub(crate) fn unlock(&self) {
        let (_, session): (OwnedValue, OwnedObjectPath) = self
            .service()
            .call("OpenSession", &("plain", Value::from("")))
            .unwrap();
        let secret = (
            session,
            Vec::<u8>::new(),
            PASSWORD.as_bytes().to_vec(),
            "text/plain",
        );
        let path = OwnedObjectPath::try_from(LOGIN_KEYRING).unwrap();
        let _: () = self
            .proxy(
                SECRETS_PATH,
                "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
            )
            .call("UnlockWithMasterPassword", &(path, secret))
            .unwrap();
        until("the keyring is unlocked", || {
            self.is_locked() == Some(false)
        });
    }

    /// Has the daemon answer nothing until it is let go on.
    pub(crate) fn hang(&self) {
        self.signal("-STOP");
    }

    /// Has the daemon go on after [`Keyring::hang`].
    pub(crate) fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.daemon.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    fn is_locked(&self) -> Option<bool> {
        self.proxy(LOGIN_KEYRING, "org.freedesktop.Secret.Collection")
            .get_property("Locked")
            .ok()
    }

    fn service(&self) -> Proxy<'static> {
        self.proxy(SECRETS_PATH, "org.freedesktop.Secret.Service")
    }

    fn proxy(&self, path: &'static str, interface: &'static str) -> Proxy<'static> {
        zbus::blocking::proxy::Builder::new(&self.bus)
            .destination(SECRETS)
            .and_then(|proxy| proxy.path(path))
            .and_then(|proxy| proxy.interface(interface))
            .map(|proxy| proxy.cache_properties(zbus::proxy::CacheProperties::No))
            .and_then(zbus::blocking::proxy::Builder::build)
            .unwrap()
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
    }
}

/// Counts the prompts that anybody on the bus has asked for.
pub(crate) struct PromptWatch {
    monitor: Child,
    log: PathBuf,
}

impl PromptWatch {
    /// How many prompts there were, once there was at least one.
    pub(crate) fn first_count(&self) -> usize {
        let count = || self.text().matches("member=Prompt").count();
        until("somebody is asked", || count() > 0);
        count()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for PromptWatch {
    fn drop(&mut self) {
        self.monitor.kill().unwrap();
        self.monitor.wait().unwrap();
    }
}

/// Waits for a condition.
fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether any file under `folder` contains these bytes.
pub(crate) fn any_file_contains(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            any_file_contains(&path, needle)
        } else {
            std::fs::read(&path)
                .is_ok_and(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
        }
    })
}
