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

/// What a home has left of `account`, whose client is that of [`account`].
fn left_by(home: &str, path: &str) -> Vec<u8> {
    let mut item = samples::full();
    let now = chrono::Utc::now();
    let tokens = item.tokens.as_mut().unwrap();
    (tokens.issued_at, tokens.expires_at) = (now, now + chrono::TimeDelta::hours(1));
    (tokens.refresh_expires_at, tokens.session_expires_at) = (None, None);
    item.pending = None;
    (item.verdict, item.refresh_rejected, item.refused) = (None, false, None);
    item.bound_to = Some(crate::vault::Binding {
        client_id: "one".to_owned(),
        origins: vec!["http://127.0.0.1:9".to_owned()],
    });
    item.home = Some(HomeMark {
        id: home.to_owned(),
        path: path.to_owned(),
    });
    samples::plain(&item).into_bytes()
}

#[tokio::test]
async fn what_a_home_that_is_gone_has_left_is_listed_and_taken() {
    let bench = Bench::new();
    bench.configure(&account("work", "code"));
    bench.store.put("aa11:work", &left_by("aa11", "/nowhere"));
    // Homes that are there still, or in use, keep theirs.
    let there = tempfile::tempdir().unwrap();
    let identity = Home::at(there.path()).identity().unwrap();
    let of_there = format!("{}:work", identity.id());
    bench
        .store
        .put(&of_there, &left_by(identity.id(), identity.folder()));
    bench.store.put("cc33:work", &left_by("cc33", "/nowhere"));
    let _in_use = Lock::take_items("cc33").unwrap();

    let keeper = bench.open().await;
    let orphans = keeper.orphans().await.unwrap();
    assert_eq!(orphans.len(), 1, "{orphans:?}");
    let orphan = &orphans[0];
    assert_eq!((&*orphan.home, &*orphan.account), ("aa11", "work"));
    assert_eq!(orphan.path.as_deref(), Some("/nowhere"));
    assert!(orphan.signed_in);

    let name = "work".parse().unwrap();
    for home in ["cc33", "dd44", "../aa11"] {
        keeper.adopt(home, &name).await.unwrap_err();
    }
    let view = keeper.adopt("aa11", &name).await.unwrap();
    assert_eq!(view.unconfirmed, None);
    let token = keeper.token(&name, ReadRequest::default()).await.unwrap();
    assert_eq!(token.access_token.expose(), samples::ACCESS);
    assert!(bench.store.get("aa11:work").is_none());
    assert!(bench.store.get("cc33:work").is_some() && bench.store.get(&of_there).is_some());
    let own: serde_json::Value = serde_json::from_slice(&bench.store.get("work").unwrap()).unwrap();
    let here = bench.home().identity().unwrap();
    assert_eq!(own["item"]["home"]["id"], here.id());
    assert_eq!(keeper.orphans().await.unwrap(), []);
}

#[tokio::test]
async fn an_account_that_has_tokens_takes_none_and_an_orphan_can_be_deleted() {
    let bench = Bench::new();
    bench.configure(&account("work", "code"));
    bench.store.put("work", &left_by("0123", "/nowhere"));
    bench.store.put("aa11:work", &left_by("aa11", "/nowhere"));
    bench.store.put("aa11:other", &left_by("aa11", "/nowhere"));
    bench.store.put("ee55:work", NEWER);
    let keeper = bench.open().await;
    let name = "work".parse().unwrap();
    let refused = keeper.adopt("aa11", &name).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::AccountExists);
    let refused = keeper.adopt("aa11", &"other".parse().unwrap()).await;
    assert_eq!(refused.unwrap_err().kind, ErrorKind::NoSuchAccount);
    assert!(bench.store.get("aa11:work").is_some() && bench.store.get("aa11:other").is_some());

    keeper.delete_orphan("aa11", &name).await.unwrap();
    assert!(bench.store.get("aa11:work").is_none());
    let again = keeper.delete_orphan("aa11", &name).await.unwrap_err();
    assert_eq!(again.kind, ErrorKind::NoSuchAccount);
    // What a newer program wrote is left as it is here, too.
    is_called_newer(keeper.adopt("ee55", &name).await);
    is_called_newer(keeper.delete_orphan("ee55", &name).await);
    assert_eq!(bench.store.get("ee55:work").unwrap(), NEWER);
}
