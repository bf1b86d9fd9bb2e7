//! `org.freedesktop.Notifications`: what was notified, and a person's answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use zbus::blocking::Connection;
use zbus::interface;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

use crate::{Bus, eventually};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// What a click beside the buttons means.
const BODY: &str = "default";
/// Why it went: a person did it, or the program.
const DISMISSED: u32 = 2;
const CLOSED_BY_CALL: u32 = 3;
/// How long a notification may take to come.
const LIMIT: Duration = Duration::from_secs(60);

/// A notification as it was last shown.
#[derive(Clone, Debug)]
pub struct Notification {
    id: u32,
    /// The title.
    pub title: String,
    /// The text.
    pub body: String,
    /// Its actions as `(key, label)`, in their order.
    pub actions: Vec<(String, String)>,
    /// Whether it was taken away again.
    pub closed: bool,
}

/// All notifications of a desktop, of those that are gone too.
pub struct Notifications {
    connection: Connection,
    given: Given,
}

#[derive(Clone, Default)]
struct Given(Arc<Mutex<Vec<Notification>>>);

impl Notifications {
    pub(crate) fn serve(bus: &Bus) -> Self {
        let given = Given::default();
        let connection = bus.serve(NAME, PATH, Server(given.clone()));
        Self { connection, given }
    }

    /// What was notified so far, oldest first.
    pub fn all(&self) -> Vec<Notification> {
        self.given.lock().clone()
    }

    /// Those with a title.
    pub fn titled(&self, title: &str) -> Vec<Notification> {
        let mut all = self.all();
        all.retain(|notification| notification.title == title);
        all
    }

    /// Waits for a notification with a title.
    #[track_caller]
    pub fn wait_for(&self, title: &str) -> Notification {
        eventually(&format!("“{title}” is notified"), LIMIT, || {
            self.titled(title).pop()
        })
    }

    /// Clicks a notification beside its buttons.
    #[track_caller]
    pub fn click(&self, notification: &Notification) {
        self.invoke(notification, BODY);
    }

    /// Presses a button of a notification.
    #[track_caller]
    pub fn press(&self, notification: &Notification, label: &str) {
        let mut buttons = notification.actions.iter();
        let (key, _) = buttons
            .find(|(key, other)| key != BODY && other == label)
            .unwrap_or_else(|| panic!("it has no button “{label}”: {notification:?}"));
        self.invoke(notification, key);
    }

    /// Says that an action was chosen, and takes the notification away.
    #[track_caller]
    fn invoke(&self, notification: &Notification, key: &str) {
        let has_it = notification.actions.iter().any(|(other, _)| other == key);
        assert!(has_it, "nothing answers to {key}: {notification:?}");
        let id = notification.id;
        let everybody = None::<&str>;
        self.connection
            .emit_signal(everybody, PATH, NAME, "ActionInvoked", &(id, key))
            .expect("the session bus answers");
        self.given.close(id);
        let body = (id, DISMISSED);
        self.connection
            .emit_signal(everybody, PATH, NAME, "NotificationClosed", &body)
            .expect("the session bus answers");
    }
}

impl Given {
    fn lock(&self) -> MutexGuard<'_, Vec<Notification>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, id: u32) {
        let mut all = self.lock();
        let with_id = all.iter_mut().filter(|notification| notification.id == id);
        with_id.for_each(|notification| notification.closed = true);
    }
}

struct Server(Given);

#[interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[expect(clippy::too_many_arguments, reason = "the specification has them")]
    fn notify(
        &self,
        _app_name: &str,
        replaces_id: u32,
        _app_icon: &str,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let mut all = self.0.lock();
        let newest = all.iter().map(|notification| notification.id).max();
        let id = if replaces_id == 0 {
            newest.unwrap_or_default() + 1
        } else {
            replaces_id
        };
        let pairs = actions.chunks_exact(2);
        all.push(Notification {
            id,
            title: summary,
            body,
            actions: pairs
                .map(|pair| (pair[0].clone(), pair[1].clone()))
                .collect(),
            closed: false,
        });
        id
    }

    async fn close_notification(
        &self,
        id: u32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        self.0.close(id);
        Self::notification_closed(&emitter, id, CLOSED_BY_CALL).await?;
        Ok(())
    }

    fn get_capabilities(&self) -> Vec<&str> {
        vec!["actions", "body", "persistence"]
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("tokenkeep-tests", "tokenkeep", "1", "1.2")
    }

    #[zbus(signal)]
    async fn notification_closed(
        emitter: &SignalEmitter<'_>,
        id: u32,
        reason: u32,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn action_invoked(
        emitter: &SignalEmitter<'_>,
        id: u32,
        action_key: &str,
    ) -> zbus::Result<()>;
}
