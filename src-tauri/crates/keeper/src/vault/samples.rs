//! Items and stores for tests, and a vault that can be looked into.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, mpsc};

use zeroize::Zeroizing;

use super::Vault;
use super::store::{Memory, Store, StoreError};
use super::{
    Binding, Credentials, HomeMark, Item, PendingRefresh, StoredProblem, StoredTokens,
    StoredVerdict, StoredVerdictKind,
};

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
        verdict: Some(StoredVerdict {
            kind: StoredVerdictKind::SignInNeeded,
            problem: StoredProblem {
                kind: "invalid_grant".to_owned(),
                message: "The sign-in is over.".to_owned(),
            },
            at: time,
        }),
        refresh_rejected: true,
        refused: Some(time),
        owner: Some("256440016".to_owned()),
        bound_to: Some(Binding {
            client_id: "client".to_owned(),
            origins: vec!["https://platform.ringcentral.com".to_owned()],
        }),
        sign_in: Some("00112233445566778899aabbccddeeff".to_owned()),
        home: Some(HomeMark {
            id: "0123456789ab".to_owned(),
            path: "/home/somebody/.config/tokenkeep".to_owned(),
        }),
        opened: vec![time],
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

/// A vault in memory, and what is stored in it.
pub(crate) fn vault_in_sight() -> (Vault, Sight) {
    let sight = Sight::default();
    (Vault::over(sight.clone(), || Ok(()), false), sight)
}

/// What is stored in a vault, byte by byte.
#[derive(Clone, Default)]
pub(crate) struct Sight(Arc<Mutex<Memory>>);

impl Sight {
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        let bytes = Zeroizing::new(bytes.to_vec());
        self.0.lock().unwrap().values.insert(name.to_owned(), bytes);
    }

    pub(crate) fn get(&self, name: &str) -> Option<Vec<u8>> {
        let memory = self.0.lock().unwrap();
        memory.values.get(name).map(|bytes| bytes.to_vec())
    }

    pub(crate) fn all(&self) -> BTreeMap<String, Zeroizing<Vec<u8>>> {
        self.0.lock().unwrap().values.clone()
    }

    pub(crate) fn limit(&self, limit: usize) {
        self.0.lock().unwrap().limit = Some(limit);
    }
}

impl Store for Sight {
    fn limit(&self) -> Option<usize> {
        self.0.lock().unwrap().limit
    }
    fn read(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.0.lock().unwrap().read(name)
    }
    fn write(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        self.0.lock().unwrap().write(name, value)
    }
    fn delete(&mut self, name: &str) -> Result<(), StoreError> {
        self.0.lock().unwrap().delete(name)
    }
    fn of_others(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        let all = self.all().into_keys();
        let others = all.filter_map(|name| {
            let (home_id, name) = name.split_once(':')?;
            Some((home_id.to_owned(), name.to_owned()))
        });
        Ok(others.collect())
    }
    fn of_home(&mut self, home_id: &str) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(OtherHome(self.clone(), home_id.to_owned())))
    }
}

/// What another home has in the same store: under its id and a colon.
struct OtherHome(Sight, String);

impl OtherHome {
    fn name(&self, name: &str) -> String {
        format!("{}:{name}", self.1)
    }
}

impl Store for OtherHome {
    fn read(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let name = self.name(name);
        self.0.read(&name)
    }
    fn write(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        let name = self.name(name);
        self.0.write(&name, value)
    }
    fn delete(&mut self, name: &str) -> Result<(), StoreError> {
        let name = self.name(name);
        self.0.delete(&name)
    }
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
