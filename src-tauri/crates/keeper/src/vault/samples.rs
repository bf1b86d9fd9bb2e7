//! Items and stores for tests.

use std::sync::mpsc;

use zeroize::Zeroizing;

use super::store::{Memory, Store, StoreError};
use super::{Credentials, Item, PendingRefresh, StoredTokens, Vault};

pub(crate) const ACCESS: &str = "planted-access-token";
pub(crate) const SECRETS: [&str; 4] = [
    ACCESS,
    "planted-refresh-token",
    "planted-client-secret",
    "planted-assertion",
];

/// An item in which every field is set.
pub(crate) fn full() -> Item {
    let time = "2026-01-02T03:04:05.678Z".parse().unwrap();
    Item {
        generation: 7,
        credentials: Credentials {
            client_secret: Some(SECRETS[2].into()),
            assertion: Some(SECRETS[3].into()),
        },
        tokens: Some(StoredTokens {
            access_token: ACCESS.into(),
            refresh_token: Some(SECRETS[1].into()),
            scope: Some("ReadAccounts Äpfel".to_owned()),
            issued_at: time,
            expires_at: time,
            expiry_assumed: false,
            refresh_expires_at: Some(time),
            session_expires_at: Some(time),
            refresh_expiry_fixed: false,
            session_expiry_fixed: true,
            owner_id: Some("256440016".to_owned()),
            endpoint_id: Some("endpoint".to_owned()),
        }),
        pending: Some(PendingRefresh {
            attempt: 3,
            sent_at: time,
        }),
    }
}

/// The item with this generation.
pub(crate) fn generation(generation: u64) -> Item {
    Item {
        generation,
        ..full()
    }
}

/// The item as text, secrets and all, to compare by.
pub(crate) fn plain(item: &Item) -> String {
    String::from_utf8(item.encode().unwrap().to_vec()).unwrap()
}

/// A vault in memory that waits to be let go on before each deletion.
pub(crate) fn slow_to_delete() -> (Vault, mpsc::Sender<()>) {
    let (release, go) = mpsc::channel();
    let store = SlowToDelete {
        memory: Memory::default(),
        go,
    };
    (Vault::over(store, || Ok(()), true), release)
}

struct SlowToDelete {
    memory: Memory,
    go: mpsc::Receiver<()>,
}

impl Store for SlowToDelete {
    fn read(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.memory.read(name)
    }
    fn write(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        self.memory.write(name, value)
    }
    fn delete(&mut self, name: &str) -> Result<(), StoreError> {
        let _ = self.go.recv();
        self.memory.delete(name)
    }
}
