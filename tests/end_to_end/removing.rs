//! Removing an account removes everything that is kept of it.

use std::time::Duration;

use serde_json::json;
use tokenkeep_tests::{Bus, Home, Keeper, Provider, eventually};

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn a_removed_account_leaves_nothing_in_the_keychain_and_no_session_behind() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    home.add_by_jwt("other", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    assert_eq!(bus.keyring_secrets().len(), 2);

    let removed = home.tokenkeep(&["remove", "work", "--json"]).json();
    assert_eq!(
        removed,
        json!({"name": "work", "revoking": true, "session_left": null})
    );
    eventually("the session is ended", LIMIT, || {
        (provider.resource(&token).status == 401).then_some(())
    });
    assert_eq!(provider.count("revoke/ok"), 1);
    assert_eq!(bus.keyring_secrets().len(), 1);
    home.tokenkeep(&["get", "work"]).exited(3);
    let config = std::fs::read_to_string(home.folder().join("config.toml")).unwrap();
    assert!(!config.contains("work"), "{config}");

    keeper.stop().exited(0);
    keeper.restart();
    home.tokenkeep(&["get", "work"]).exited(3);
    let other = home.tokenkeep(&["get", "other"]).succeeded();
    assert_eq!(provider.resource(&other).status, 200);
    // The name is free again.
    home.add_by_jwt("work", &provider);
}

#[test]
fn an_account_is_removed_although_its_provider_is_away() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    provider.go_away(Duration::from_secs(600));
    let removed = home.tokenkeep(&["remove", "work"]);
    removed.succeeded();
    assert!(bus.keyring_secrets().is_empty());
    home.tokenkeep(&["get", "work"]).exited(3);
    // Nobody could tell the provider that the session is over.
    assert!(removed.stderr.contains("may live on"), "{removed}");
    let journal = home.tokenkeep(&["journal", "--json"]).succeeded();
    assert!(journal.contains("session_left"), "{journal}");
}
