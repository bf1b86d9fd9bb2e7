//! Vault items that the keeper must not touch.

use super::*;
use crate::config::Grant;
use crate::vault::samples::{self, Sight};
use secrecy::SecretString;

const NEWER: &[u8] = br#"{"version":9,"of":"a later day"}"#;

struct Bench {
    folder: tempfile::TempDir,
    vault: Vault,
    store: Sight,
}

impl Bench {
    fn new() -> Self {
        let (vault, store) = samples::vault_in_sight();
        Self {
            folder: tempfile::tempdir().unwrap(),
            vault,
            store,
        }
    }

    fn home(&self) -> Home {
        Home::at(self.folder.path())
    }

    fn configure(&self, text: &str) {
        std::fs::write(self.home().config_file(), text).unwrap();
    }

    fn config(&self) -> String {
        std::fs::read_to_string(self.home().config_file()).unwrap_or_default()
    }

    async fn open(&self) -> Keeper {
        // Every client wants a cryptography to be chosen.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Keeper::open(&self.home(), self.vault.clone())
            .await
            .unwrap()
    }
}

fn account(name: &str, grant: &str) -> String {
    format!(
        "[accounts.{name}]\nprovider = \"practice\"\nserver = \"http://127.0.0.1:9\"\nclient_id = \"one\"\n\
         grant = \"{grant}\"\nredirect_uri = \"http://localhost:8080/callback\"\n"
    )
}

fn new_account(name: &str) -> NewAccount {
    NewAccount {
        name: name.parse().unwrap(),
        provider: "practice".to_owned(),
        server: Some("http://127.0.0.1:9".parse().unwrap()),
        client_id: "one".to_owned(),
        grant: Grant::Code,
        redirect_uri: Some("http://localhost:8080/callback".parse().unwrap()),
        client_secret: Some(SecretString::from("secret")),
        assertion: None,
    }
}

fn is_called_newer<T>(outcome: Result<T, KeeperError>) {
    let error = outcome.err().expect("an error");
    assert_eq!(error.kind, ErrorKind::VaultUnavailable);
    assert!(
        error.message.contains("by a newer Tokenkeep (form 9)"),
        "{error}"
    );
}

#[tokio::test]
async fn a_newer_item_is_called_newer_and_outlives_whatever_an_older_keeper_is_asked_for() {
    for grant in ["code", "jwt"] {
        let bench = Bench::new();
        bench.configure(&account("work", grant));
        bench.store.put("work", NEWER);
        let keeper = bench.open().await;
        let name = "work".parse().unwrap();
        let wait = Some(Duration::from_millis(200));
        is_called_newer(keeper.sign_in(&name, wait).await);
        let request = ReadRequest {
            wait,
            ..ReadRequest::default()
        };
        is_called_newer(keeper.token(&name, request).await);
        keeper.inner.tell_all(MachineEvent::ClockSet);
        is_called_newer(keeper.remove(&name).await);
        assert_eq!(bench.config(), account("work", grant));
        let view = keeper.account(&name).await.unwrap();
        let problem = view.problem.unwrap();
        assert!(problem.contains("by a newer Tokenkeep"), "{problem}");
        keeper.quit().await;
        assert_eq!(bench.store.get("work").unwrap(), NEWER);
    }
}

#[tokio::test]
async fn an_account_is_not_added_over_a_newer_item_of_the_same_name() {
    let bench = Bench::new();
    bench.store.put("work", NEWER);
    let keeper = bench.open().await;
    is_called_newer(keeper.add(new_account("work")).await);
    assert_eq!(bench.store.get("work").unwrap(), NEWER);
    assert_eq!(bench.config(), "");
}

#[tokio::test]
async fn an_item_that_became_newer_under_a_running_keeper_is_not_written_again() {
    let bench = Bench::new();
    let keeper = bench.open().await;
    keeper.add(new_account("work")).await.unwrap();
    let name = "work".parse().unwrap();
    // Answered once the item has been read.
    keeper.sign_in(&name, None).await.unwrap();
    bench.store.put("work", NEWER);
    keeper.inner.tell_all(MachineEvent::ClockSet);
    is_called_newer(keeper.remove(&name).await);
    keeper.quit().await;
    assert_eq!(bench.store.get("work").unwrap(), NEWER);
    assert!(bench.config().contains("[accounts.work]"));
}
