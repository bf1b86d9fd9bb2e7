use tokenkeep_protocol::account::State;
use tokio::time::sleep;

use super::*;
use crate::home::Home;
use crate::keeper::ErrorKind;
use crate::vault::samples;

/// Far longer than anything here takes that does not wait for the keychain.
const LIMIT: Duration = Duration::from_secs(5);

/// An account to which nobody has signed in, so that it needs no provider.
fn account(name: &str) -> NewAccount {
    NewAccount {
        name: name.parse().unwrap(),
        provider: "practice".to_owned(),
        server: Some("http://127.0.0.1:1".parse().unwrap()),
        client_id: "id".to_owned(),
        grant: Grant::Code,
        redirect_uri: Some("http://localhost:8643/callback".parse().unwrap()),
        client_secret: None,
        assertion: None,
    }
}

async fn states(keeper: &Keeper) -> Vec<(String, State)> {
    let listed = timeout(LIMIT, keeper.accounts()).await;
    let accounts = listed.expect("the list waits for nothing").into_iter();
    accounts
        .map(|view| (view.name.to_string(), view.state))
        .collect()
}

#[tokio::test]
async fn while_a_removal_hangs_all_accounts_are_listed_and_the_one_is_called_removing() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, release) = samples::slow_to_delete();
    let keeper = Keeper::open(&Home::at(folder.path()), vault).await.unwrap();
    for name in ["other", "work"] {
        keeper.add(account(name)).await.unwrap();
    }
    let removing = keeper.clone();
    let removal = tokio::spawn(async move { removing.remove(&"work".parse().unwrap()).await });
    let hangs = [
        ("other".to_owned(), State::SignedOut),
        ("work".to_owned(), State::Removing),
    ];
    let reached = async {
        while states(&keeper).await != hangs {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LIMIT, reached)
        .await
        .expect("the removal is under way");
    let again = timeout(LIMIT, keeper.add(account("work"))).await;
    let error = again.expect("nothing is waited for").unwrap_err();
    assert_eq!(error.kind, ErrorKind::AccountExists);
    assert!(error.message.contains("being removed"), "{error}");
    release.send(()).unwrap();
    let removed = removal.await.unwrap().unwrap();
    assert!(!removed.revoking && removed.session_left.is_none());
    assert_eq!(states(&keeper).await.len(), 1);
    keeper.add(account("work")).await.unwrap();
    // For the write that begins the keeper's end.
    drop(release);
}
