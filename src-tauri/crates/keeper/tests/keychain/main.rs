//! The vault over a real Secret Service: gnome-keyring on a private session bus.

#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "is how a test fails"
)]

mod session;

use session::{any_file_contains, in_session};
use tokenkeep_keeper::vault::{Credentials, Item, Vault, VaultError, VaultState};

const HOME: &str = "0123456789ab";
const PLANTED: &str = "planted-client-secret";

fn item(generation: u64) -> Item {
    let credentials = Credentials {
        client_secret: Some(PLANTED.into()),
        ..Credentials::default()
    };
    Item {
        generation,
        credentials,
        ..Item::default()
    }
}

async fn generation(vault: &Vault, account: &str) -> Option<u64> {
    vault
        .load(account)
        .await
        .unwrap()
        .map(|item| item.generation)
}

#[test]
fn an_item_is_saved_replaced_loaded_and_deleted() {
    in_session(
        "an_item_is_saved_replaced_loaded_and_deleted",
        async |session| {
            let _keyring = session.start_keyring();
            let vault = Vault::keychain(HOME);
            assert_eq!(vault.state().await, VaultState::Ready);
            assert_eq!(generation(&vault, "work").await, None);
            vault.save("work", item(1)).await.unwrap();
            vault.save("work", item(2)).await.unwrap();
            vault.save("home", item(5)).await.unwrap();
            assert_eq!(generation(&vault, "work").await, Some(2));
            vault.delete("work").await.unwrap();
            vault.delete("work").await.unwrap();
            assert_eq!(generation(&vault, "work").await, None);
            assert_eq!(generation(&vault, "home").await, Some(5));
        },
    );
}

#[test]
fn another_vault_of_the_same_home_finds_the_item_and_one_of_another_home_does_not() {
    in_session(
        "another_vault_of_the_same_home_finds_the_item_and_one_of_another_home_does_not",
        async |session| {
            let _keyring = session.start_keyring();
            Vault::keychain(HOME).save("work", item(3)).await.unwrap();
            assert_eq!(generation(&Vault::keychain(HOME), "work").await, Some(3));
            assert_eq!(
                generation(&Vault::keychain("ba9876543210"), "work").await,
                None
            );
        },
    );
}

#[test]
fn an_item_as_long_as_tokens_get_is_kept_whole() {
    in_session(
        "an_item_as_long_as_tokens_get_is_kept_whole",
        async |session| {
            let _keyring = session.start_keyring();
            let vault = Vault::keychain(HOME);
            let mut long = item(1);
            long.credentials.assertion = Some("x".repeat(64 * 1024).into());
            vault.save("work", long).await.unwrap();
            let found = vault.load("work").await.unwrap().unwrap();
            let assertion = found.credentials.assertion.unwrap();
            assert_eq!(
                secrecy::ExposeSecret::expose_secret(&assertion).len(),
                64 * 1024
            );
        },
    );
}

#[test]
fn a_secret_is_not_readable_in_any_file() {
    in_session("a_secret_is_not_readable_in_any_file", async |session| {
        let keyring = session.start_keyring();
        Vault::keychain(HOME).save("work", item(1)).await.unwrap();
        drop(keyring);
        assert!(
            any_file_contains(&session.home(), b"GnomeKeyring"),
            "the keyring was written"
        );
        assert!(!any_file_contains(&session.home(), PLANTED.as_bytes()));
    });
}

#[test]
fn a_locked_keyring_is_reported_without_a_prompt_and_only_unlocking_prompts() {
    in_session(
        "a_locked_keyring_is_reported_without_a_prompt_and_only_unlocking_prompts",
        async |session| {
            let keyring = session.start_keyring();
            let vault = Vault::keychain(HOME);
            vault.save("work", item(1)).await.unwrap();
            keyring.lock();
            let prompts = session.watch_prompts();
            assert_eq!(vault.state().await, VaultState::Locked);
            assert_eq!(vault.load("work").await.unwrap_err(), VaultError::Locked);
            assert_eq!(vault.load("other").await.unwrap_err(), VaultError::Locked);
            assert_eq!(vault.save("work", item(2)).await, Err(VaultError::Locked));
            assert_eq!(vault.save("other", item(2)).await, Err(VaultError::Locked));
            assert_eq!(vault.delete("work").await, Err(VaultError::Locked));
            // On this bus nothing can draw the prompt, so it ends as if it were declined. Its
            // being seen shows that an earlier one would have been seen as well.
            assert_eq!(vault.unlock().await, Err(VaultError::Dismissed));
            assert_eq!(prompts.first_count(), 1);
        },
    );
}

#[test]
fn everything_resumes_when_the_keyring_is_unlocked_again() {
    in_session(
        "everything_resumes_when_the_keyring_is_unlocked_again",
        async |session| {
            let keyring = session.start_keyring();
            let vault = Vault::keychain(HOME);
            vault.save("work", item(1)).await.unwrap();
            keyring.lock();
            assert_eq!(vault.load("work").await.unwrap_err(), VaultError::Locked);
            keyring.unlock();
            assert_eq!(vault.state().await, VaultState::Ready);
            assert_eq!(generation(&vault, "work").await, Some(1));
            vault.save("work", item(2)).await.unwrap();
            vault.unlock().await.unwrap();
            assert_eq!(generation(&vault, "work").await, Some(2));
        },
    );
}

#[test]
fn the_vault_recovers_when_the_secret_service_is_restarted() {
    in_session(
        "the_vault_recovers_when_the_secret_service_is_restarted",
        async |session| {
            let keyring = session.start_keyring();
            let vault = Vault::keychain(HOME);
            vault.save("work", item(1)).await.unwrap();

            drop(keyring);
            assert!(matches!(vault.state().await, VaultState::Absent(_)));
            assert!(matches!(
                vault.load("work").await,
                Err(VaultError::Absent { .. })
            ));
            assert!(matches!(
                vault.save("work", item(2)).await,
                Err(VaultError::Absent { .. })
            ));
            let keyring = session.start_keyring();
            assert_eq!(generation(&vault, "work").await, Some(1));
            vault.save("work", item(2)).await.unwrap();

            // Restarted between two calls, so that the vault has not noticed.
            drop(keyring);
            let _keyring = session.start_keyring();
            vault.save("work", item(3)).await.unwrap();
            assert_eq!(generation(&vault, "work").await, Some(3));
        },
    );
}

#[test]
fn without_a_secret_service_the_vault_is_absent_and_says_why() {
    in_session(
        "without_a_secret_service_the_vault_is_absent_and_says_why",
        async |_session| {
            let vault = Vault::keychain(HOME);
            assert!(matches!(vault.state().await, VaultState::Absent(_)));
            let error = vault.save("work", item(1)).await.unwrap_err();
            assert!(matches!(error, VaultError::Absent { .. }));
            let message = error.to_string();
            assert!(
                message.contains("Secret Service") && !message.contains(PLANTED),
                "{message}"
            );
        },
    );
}

#[test]
fn where_there_never_was_a_keyring_only_unlocking_offers_to_make_one() {
    in_session(
        "where_there_never_was_a_keyring_only_unlocking_offers_to_make_one",
        async |session| {
            let _keyring = session.start_empty_keyring();
            let vault = Vault::keychain(HOME);
            let prompts = session.watch_prompts();
            let VaultState::Absent(why) = vault.state().await else {
                panic!("it is there")
            };
            assert!(why.contains("no default keyring"), "{why}");
            assert!(matches!(
                vault.load("work").await,
                Err(VaultError::Absent { .. })
            ));
            assert!(matches!(
                vault.save("work", item(1)).await,
                Err(VaultError::Absent { .. })
            ));
            assert_eq!(vault.unlock().await, Err(VaultError::Dismissed));
            assert_eq!(prompts.first_count(), 1);
        },
    );
}

#[test]
fn a_save_that_hangs_in_the_secret_service_times_out_and_is_settled_when_it_goes_on() {
    in_session(
        "a_save_that_hangs_in_the_secret_service_times_out_and_is_settled_when_it_goes_on",
        async |session| {
            let keyring = session.start_keyring();
            let vault = Vault::keychain(HOME);
            vault.save("work", item(1)).await.unwrap();
            keyring.hang();
            // The limit passes at once: nothing else happens on a paused clock.
            tokio::time::pause();
            assert_eq!(vault.save("work", item(2)).await, Err(VaultError::TimedOut));
            assert_eq!(vault.save("work", item(3)).await, Err(VaultError::TimedOut));
            assert!(matches!(vault.state().await, VaultState::Absent(_)));
            tokio::time::resume();
            keyring.go_on();
            assert_eq!(generation(&vault, "work").await, Some(2));
            vault.save("work", item(3)).await.unwrap();
            assert_eq!(generation(&vault, "work").await, Some(3));
        },
    );
}
