use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use zeroize::Zeroizing;

use super::*;

/// A store that waits to be let go on before each write, and counts the writes.
struct Slow {
    memory: Memory,
    go: mpsc::Receiver<()>,
    writes: Arc<AtomicUsize>,
}

impl Store for Slow {
    fn read(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.memory.read(name)
    }
    fn write(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        let _ = self.go.recv();
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.memory.write(name, value)
    }
    fn delete(&mut self, name: &str) -> Result<(), StoreError> {
        self.memory.delete(name)
    }
}

fn slow() -> (Vault, mpsc::Sender<()>, Arc<AtomicUsize>) {
    let (release, go) = mpsc::channel();
    let writes = Arc::new(AtomicUsize::new(0));
    let store = Slow {
        memory: Memory::default(),
        go,
        writes: Arc::clone(&writes),
    };
    (Vault::over(store, || Ok(()), true), release, writes)
}

async fn generation(vault: &Vault, account: &str) -> u64 {
    vault.load(account).await.unwrap().unwrap().generation
}

#[tokio::test]
async fn an_item_is_saved_replaced_and_deleted() {
    let vault = Vault::memory();
    assert_eq!(vault.state().await, VaultState::Ready);
    assert!(vault.load("work").await.unwrap().is_none());
    vault.save("work", samples::generation(1)).await.unwrap();
    vault.save("work", samples::generation(2)).await.unwrap();
    vault.save("home", samples::generation(9)).await.unwrap();
    assert_eq!(generation(&vault, "work").await, 2);
    vault.delete("work").await.unwrap();
    vault.delete("work").await.unwrap();
    assert!(vault.load("work").await.unwrap().is_none());
    assert_eq!(generation(&vault, "home").await, 9);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_timed_out_is_followed_by_no_second_one_until_it_has_returned() {
    let (vault, release, writes) = slow();
    assert_eq!(
        vault.save("work", samples::generation(1)).await,
        Err(VaultError::TimedOut)
    );
    // The first write hangs still: the second is not sent after it.
    assert_eq!(
        vault.save("work", samples::generation(2)).await,
        Err(VaultError::TimedOut)
    );
    release.send(()).unwrap();
    tokio::time::resume();
    assert_eq!(generation(&vault, "work").await, 1);
    assert_eq!(writes.load(Ordering::SeqCst), 1);
    // What turns out to have been written is not written again.
    vault.save("work", samples::generation(1)).await.unwrap();
    assert_eq!(writes.load(Ordering::SeqCst), 1);
    release.send(()).unwrap();
    vault.save("work", samples::generation(2)).await.unwrap();
    assert_eq!(generation(&vault, "work").await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_keychain_that_hangs_holds_nobody_longer_than_the_limit() {
    let (vault, _release, _) = slow();
    let begun = tokio::time::Instant::now();
    assert_eq!(
        vault.save("work", samples::full()).await,
        Err(VaultError::TimedOut)
    );
    assert_eq!(vault.load("home").await.unwrap_err(), VaultError::TimedOut);
    assert!(matches!(vault.state().await, VaultState::Absent(_)));
    assert!(begun.elapsed() < CALL_LIMIT * 3 + Duration::from_secs(1));
}

#[tokio::test]
async fn a_save_that_nobody_waits_for_is_carried_out_all_the_same() {
    let (vault, release, _) = slow();
    let save = vault.save("work", samples::generation(1));
    assert!(
        tokio::time::timeout(Duration::from_millis(1), save)
            .await
            .is_err()
    );
    release.send(()).unwrap();
    assert_eq!(generation(&vault, "work").await, 1);
}

#[tokio::test]
async fn an_item_that_cannot_be_read_is_never_overwritten_and_deleted_only_if_damaged() {
    for (bytes, word) in [
        (&b"not an item planted-access-token"[..], "damaged"),
        (b"", "damaged"),
        (br#"{"version":9,"item":"planted-access-token"}"#, "newer"),
    ] {
        let (vault, store) = samples::vault_in_sight();
        store.put("work", bytes);
        for error in [
            vault.load("work").await.unwrap_err(),
            vault.save("work", samples::full()).await.unwrap_err(),
        ] {
            let message = error.to_string();
            assert!(
                message.contains(word) && message.contains("work"),
                "{message}"
            );
            assert!(!message.contains(samples::ACCESS), "{message}");
        }
        assert_eq!(store.get("work").unwrap(), bytes);
        let deleted = vault.delete("work").await;
        let is_newer = word == "newer";
        assert_eq!(deleted.is_err(), is_newer);
        assert_eq!(store.get("work").is_some(), is_newer);
    }
}

#[tokio::test]
async fn a_newer_item_in_parts_is_called_newer_and_loses_no_part() {
    let (vault, store) = samples::vault_in_sight();
    store.limit(200);
    vault.save("work", samples::full()).await.unwrap();
    let head = String::from_utf8(store.get("work").unwrap()).unwrap();
    store.put(
        "work",
        head.replace("\"version\":1", "\"version\":9").as_bytes(),
    );
    let before = store.all();
    assert!(before.len() > 2);
    for outcome in [
        vault.load("work").await.map(drop),
        vault.save("work", samples::generation(8)).await,
        vault.delete("work").await,
    ] {
        let newer = VaultError::Newer {
            account: "work".to_owned(),
            version: 9,
        };
        assert_eq!(outcome, Err(newer));
    }
    assert_eq!(store.all(), before);
}

/// A store whose first call panics, as the libraries below it may.
struct Panics(bool);

impl Store for Panics {
    fn read(&mut self, _name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        assert!(self.0, "impossible");
        Ok(None)
    }
    fn write(&mut self, _name: &str, _value: &[u8]) -> Result<(), StoreError> {
        Ok(())
    }
    fn delete(&mut self, _name: &str) -> Result<(), StoreError> {
        Ok(())
    }
    fn reset(&mut self) {
        self.0 = true;
    }
}

#[tokio::test]
async fn a_panic_below_fails_one_call_and_not_the_vault() {
    let vault = Vault::over(Panics(false), || Ok(()), true);
    assert!(matches!(
        vault.load("work").await,
        Err(VaultError::Failed { .. })
    ));
    assert!(vault.load("work").await.unwrap().is_none());
}

#[tokio::test]
async fn unlocking_what_is_open_asks_nobody() {
    let vault = Vault::over(Memory::default(), || panic!("asked"), true);
    vault.unlock().await.unwrap();
}

/// A store that is locked until its person answers.
struct Closed;

impl Store for Closed {
    fn read(&mut self, _name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        Err(StoreError::Locked)
    }
    fn write(&mut self, _name: &str, _value: &[u8]) -> Result<(), StoreError> {
        Err(StoreError::Locked)
    }
    fn delete(&mut self, _name: &str) -> Result<(), StoreError> {
        Err(StoreError::Locked)
    }
    fn state(&mut self) -> VaultState {
        VaultState::Locked
    }
}

#[tokio::test]
async fn a_locked_vault_says_so_and_a_person_may_decline_to_unlock_it() {
    let vault = Vault::over(Closed, || Err(StoreError::Dismissed), true);
    assert_eq!(vault.load("work").await.unwrap_err(), VaultError::Locked);
    assert_eq!(
        vault.save("work", samples::full()).await,
        Err(VaultError::Locked)
    );
    assert_eq!(vault.unlock().await, Err(VaultError::Dismissed));
}
