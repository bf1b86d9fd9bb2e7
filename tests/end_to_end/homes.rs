//! Where secrets go, and whose they are: a configuration that names another server, a home that is moved or copied, and
//! one that is gone.

use std::fs;

use tokenkeep_tests::{Bus, Home, Keeper, Provider};

/// Copies the files of one folder to another, as `cp -a` does.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

#[test]
fn secrets_go_to_another_server_only_after_a_person_has_agreed() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let elsewhere = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    let nothing = home.tokenkeep(&["confirm", "work"]).succeeded();
    assert!(nothing.contains("nothing to agree to"), "{nothing}");
    keeper.stop().exited(0);

    let path = home.folder().join("config.toml");
    let good = fs::read_to_string(&path).unwrap();
    let (old, new) = (
        provider.env("RC_SERVER_URL"),
        elsewhere.env("RC_SERVER_URL"),
    );
    fs::write(&path, good.replace(old, new)).unwrap();
    keeper.restart();
    for arguments in [
        &["get", "work"][..],
        &["get", "work", "--min-validity", "50m"],
        &["refresh", "work"],
        &["sign-in", "work"],
    ] {
        let refused = home.tokenkeep(arguments);
        refused.exited(5);
        for word in [old, new, "tokenkeep confirm work"] {
            assert!(refused.stderr.contains(word), "{refused}");
        }
    }
    assert_eq!(home.account("work")["state"], "misconfigured");
    // Nobody is there to be asked.
    let asked = home.tokenkeep(&["confirm", "work"]);
    asked.exited(4);
    for word in [old, new, "--yes"] {
        assert!(asked.stderr.contains(word), "{asked}");
    }
    home.tokenkeep(&["remove", "work", "--json"]);
    assert_eq!(elsewhere.count("token/jwt_bearer/issued"), 0);
    assert_eq!(elsewhere.count("token/refresh_token/issued"), 0);
    assert!(!token.is_empty());
}

#[test]
fn the_same_server_by_another_name_is_agreed_to_and_serves_on() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    keeper.stop().exited(0);
    let path = home.folder().join("config.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("127.0.0.1", "localhost")).unwrap();
    keeper.restart();
    home.tokenkeep(&["get", "work"]).exited(5);
    home.tokenkeep(&["confirm", "work", "--yes"]).succeeded();
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    home.tokenkeep(&["refresh", "work"]).succeeded();
}

#[test]
fn a_home_that_is_moved_keeps_its_accounts_and_a_copy_of_it_does_not_start() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();

    let copied = Home::on(&bus);
    copy(home.folder(), copied.folder());
    let refused = copied.tokenkeep(&["serve"]);
    refused.exited(1);
    for word in ["is a copy of", "echo new", home.folder().to_str().unwrap()] {
        assert!(refused.stderr.contains(word), "{refused}");
    }
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);

    // Moved: the original is no more.
    keeper.stop().exited(0);
    fs::remove_file(home.folder().join("home.json")).unwrap();
    let _moved = Keeper::start(&copied, &[]);
    assert_eq!(copied.tokenkeep(&["get", "work"]).succeeded(), token);
    copied.tokenkeep(&["refresh", "work"]).succeeded();
    assert_eq!(bus.keyring_secrets().len(), 1);
}

#[test]
fn what_a_home_that_is_gone_has_left_is_adopted_by_another() {
    let bus = Bus::with_keyring();
    let gone = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&gone, &[]);
    gone.add_by_jwt("work", &provider);
    let token = gone.tokenkeep(&["get", "work"]).succeeded();
    gone.add_by_jwt("other", &provider);
    keeper.stop().exited(0);

    // The same accounts, without what said which home it was.
    let home = Home::on(&bus);
    let config = fs::read_to_string(gone.folder().join("config.toml")).unwrap();
    home.file("config.toml", &config.replace("jwt", "code"));
    fs::remove_file(gone.folder().join("home.json")).unwrap();
    let _keeper = Keeper::start(&home, &[]);
    home.tokenkeep(&["get", "work"]).exited(4);
    let list = home.tokenkeep(&["adopt", "--json"]).json();
    let names: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["account"])
        .collect();
    assert_eq!(names, ["other", "work"]);
    assert!(
        list[1]["path"]
            .as_str()
            .is_some_and(|path| !path.is_empty())
    );
    assert!(!list.to_string().contains(token.trim()));

    home.tokenkeep(&["adopt", "work"]).succeeded();
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    home.tokenkeep(&["refresh", "work"]).succeeded();
    home.tokenkeep(&["adopt", "work"]).exited(2);
    home.tokenkeep(&["adopt", "other", "--delete"]).succeeded();
    assert_eq!(
        home.tokenkeep(&["adopt", "--json"]).json(),
        serde_json::json!([])
    );
    assert_eq!(bus.keyring_secrets().len(), 1);
}
