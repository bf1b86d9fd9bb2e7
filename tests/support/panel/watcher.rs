//! `org.kde.StatusNotifierWatcher`, with which icons register.

use std::sync::{Arc, Mutex, PoisonError};

use zbus::interface;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;

pub(super) const NAME: &str = "org.kde.StatusNotifierWatcher";
pub(super) const PATH: &str = "/StatusNotifierWatcher";
/// Where an icon is that names only its service.
const USUAL_PATH: &str = "/StatusNotifierItem";

/// Where an icon is on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) service: String,
    pub(super) path: String,
}

/// Every icon that ever registered, oldest first.
#[derive(Clone, Default)]
pub(super) struct Registered(Arc<Mutex<Vec<Address>>>);

impl Registered {
    pub(super) fn all(&self) -> Vec<Address> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Address>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Watcher(Registered);

impl Watcher {
    pub(super) fn new(registered: &Registered) -> Self {
        Self(registered.clone())
    }
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    /// Takes a service's name, or, from some libraries, only an object's path.
    async fn register_status_notifier_item(
        &self,
        service_or_path: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        let sender = header.sender().map(ToString::to_string);
        let address = if service_or_path.starts_with('/') {
            Address {
                service: sender.unwrap_or_default(),
                path: service_or_path.to_owned(),
            }
        } else {
            Address {
                service: service_or_path.to_owned(),
                path: USUAL_PATH.to_owned(),
            }
        };
        let whole = format!("{}{}", address.service, address.path);
        self.0.lock().push(address);
        Self::status_notifier_item_registered(&emitter, &whole).await?;
        Ok(())
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let all = self.0.all().into_iter();
        all.map(|address| format!("{}{}", address.service, address.path))
            .collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(
        emitter: &SignalEmitter<'_>,
        item: &str,
    ) -> zbus::Result<()>;
}
