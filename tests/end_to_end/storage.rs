//! A disk that is full, a configuration that cannot be read, a journal that is damaged: each is
//! named, none touches the keychain, and tokens are kept fresh as far as can be.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokenkeep_tests::{Bus, Child, Home, Keeper, Provider, eventually};

const LIMIT: Duration = Duration::from_secs(20);

/// Lets the home renew as often as a test wants.
fn without_limit(home: &Home) {
    let config = "[providers.practice]\nrequests_per_minute = 0\n";
    home.file("config.toml", config);
}

/// Waits until the keeper answers.
fn answers(home: &Home, keeper: &mut Child) {
    eventually("the keeper answers", LIMIT, || {
        assert!(
            keeper.is_running(),
            "it ended by itself\n{}",
            keeper.stderr()
        );
        home.try_to_ask("GET", "/v1/status", "").ok().map(drop)
    });
}

/// What is wrong with the keeper itself, as `tokenkeep status` tells it.
#[track_caller]
fn problems(home: &Home) -> String {
    let status = home.tokenkeep(&["status", "--json"]).json();
    let problems = status["problems"].as_array().expect("they are a list");
    let problems = problems.iter().filter_map(Value::as_str);
    problems.collect::<Vec<_>>().join("\n")
}

/// Renews an account's token and checks the new one.
#[track_caller]
fn is_renewed(home: &Home, name: &str, provider: &Provider) {
    let old = home.tokenkeep(&["get", name]).succeeded();
    home.tokenkeep(&["refresh", name]).succeeded();
    let new = home.tokenkeep(&["get", name]).succeeded();
    assert_ne!(new, old);
    assert_eq!(provider.resource(&new).status, 200);
}

/// The command is refused for want of the configuration file.
#[track_caller]
fn is_refused_over_the_configuration(home: &Home, arguments: &[&str]) {
    let refused = home.tokenkeep(arguments);
    assert_ne!(refused.code, 0, "{refused}");
    assert!(refused.stderr.contains("config.toml"), "{refused}");
}

#[test]
fn a_disk_that_fills_up_stops_neither_readers_nor_renewals_and_changes_nothing_by_halves() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--rate-limit", "0"]);
    without_limit(&home);
    let mut keeper = home.serve_on_disk();
    answers(&home, &mut keeper);
    home.add_by_jwt("work", &provider);
    home.add_by_jwt("other", &provider);
    let config = fs::read_to_string(home.folder().join("config.toml")).unwrap();

    keeper.fill_disk();
    is_renewed(&home, "work", &provider);
    eventually("the status says what is not recorded", LIMIT, || {
        let problems = problems(&home);
        let words = ["journal", "space on the disk"];
        words
            .iter()
            .all(|word| problems.contains(word))
            .then_some(())
    });
    let file = provider.env_file();
    is_refused_over_the_configuration(&home, &["add", "third", "--env-file", &file]);
    is_refused_over_the_configuration(&home, &["remove", "other"]);
    assert_eq!(bus.keyring_secrets().len(), 2);
    assert_eq!(
        fs::read_to_string(home.folder().join("config.toml")).unwrap(),
        config
    );
    is_renewed(&home, "work", &provider);

    keeper.free_disk();
    is_renewed(&home, "work", &provider);
    assert_eq!(problems(&home), "");
    assert_eq!(home.journal("work").last().unwrap()["kind"], "renewed");
    is_renewed(&home, "other", &provider);
    home.tokenkeep(&["remove", "other"]).succeeded();
    assert_eq!(provider.count("token/jwt_bearer/issued"), 2);
}

#[test]
fn on_a_full_disk_the_holder_of_a_lease_is_told_all_the_same_that_its_token_is_renewed() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    // The last safe moment of tokens that live so short comes at half their life.
    let provider = Provider::start(&["--rate-limit", "0", "--access-token-ttl", "20"]);
    without_limit(&home);
    let mut keeper = home.serve_on_disk();
    answers(&home, &mut keeper);
    home.add_by_jwt("work", &provider);
    keeper.fill_disk();
    let command = home.start_listening(&["exec", "work", "--", "/bin/cat"]);
    eventually("exec says that the token is renewed", LIMIT, || {
        command.stderr().contains("renewed now").then_some(())
    });
    let problems = problems(&home);
    assert!(problems.contains("journal"), "{problems}");
}

#[test]
fn a_keeper_that_starts_on_a_full_disk_keeps_tokens_and_says_what_it_cannot() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--rate-limit", "0"]);
    without_limit(&home);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    keeper.kill();

    let mut full = home.serve_on_full_disk();
    answers(&home, &mut full);
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    is_renewed(&home, "work", &provider);
    let problems_now = problems(&home);
    assert!(problems_now.contains("journal.sqlite"), "{problems_now}");
    assert!(problems_now.contains("has space"), "{problems_now}");
    // It is the home's only keeper all the same.
    let second = home.tokenkeep(&["serve"]);
    second.exited(1);
    assert!(second.stderr.contains("already running"), "{second}");
    full.stop().exited(0);

    keeper.restart();
    assert_eq!(problems(&home), "");
    is_renewed(&home, "work", &provider);
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
}

#[test]
fn a_configuration_that_cannot_be_read_is_named_and_costs_nothing() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--rate-limit", "0"]);
    without_limit(&home);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let path = home.folder().join("config.toml");
    let aside = home.folder().join("aside.toml");
    fs::rename(&path, &aside).unwrap();
    let as_folder = |path: &Path| fs::create_dir(path).unwrap();
    let as_no_text = |path: &Path| fs::write(path, b"\xff\xfe").unwrap();

    for spoil in [&as_folder as &dyn Fn(&Path), &as_no_text] {
        spoil(&path);
        // A keeper that runs goes on with what it knows,
        is_renewed(&home, "work", &provider);
        let file = provider.env_file();
        is_refused_over_the_configuration(&home, &["add", "other", "--env-file", &file]);
        is_refused_over_the_configuration(&home, &["remove", "work"]);
        is_renewed(&home, "work", &provider);
        keeper.stop().exited(0);
        let resting = bus.keyring_secrets();
        assert_eq!(resting.len(), 1);

        // and one that is started does not pretend that there is nothing to keep.
        let refused = home.tokenkeep(&["serve"]);
        refused.exited(1);
        assert!(refused.stderr.contains("config.toml"), "{refused}");
        assert_eq!(bus.keyring_secrets(), resting);
        fs::remove_dir(&path)
            .or_else(|_| fs::remove_file(&path))
            .unwrap();
        fs::copy(&aside, &path).unwrap();
        keeper.restart();
        is_renewed(&home, "work", &provider);
        fs::remove_file(&path).unwrap();
    }
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
}

#[test]
fn a_damaged_journal_is_put_aside_and_told_of_and_costs_no_account() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--rate-limit", "0"]);
    without_limit(&home);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let garbage = "garbage ".repeat(10_000);

    // Under the keeper's hands: it does not lose its own thread.
    home.file("journal.sqlite", &garbage);
    home.file("journal.sqlite-wal", &garbage);
    is_renewed(&home, "work", &provider);
    let fingerprint = home.fingerprint("work");
    let resting = bus.keyring_secrets();
    keeper.kill();
    keeper.restart();

    let problems_now = problems(&home);
    assert!(problems_now.contains("moved to"), "{problems_now}");
    assert!(problems_now.contains("not affected"), "{problems_now}");
    let entries = fs::read_dir(home.folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let aside = names
        .into_iter()
        .find(|name| name.contains(".damaged-") && name.ends_with('Z'))
        .expect("the damaged journal is kept");
    assert_eq!(
        fs::read_to_string(home.folder().join(aside)).unwrap(),
        garbage
    );
    assert_eq!(bus.keyring_secrets(), resting);
    assert_eq!(home.fingerprint("work"), fingerprint);
    is_renewed(&home, "work", &provider);
    assert_eq!(home.journal("work").last().unwrap()["kind"], "renewed");
    keeper.stop().exited(0);
    keeper.restart();
    assert_eq!(problems(&home), "");
    assert_eq!(home.account("work")["problem"], json!(null));
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
}
