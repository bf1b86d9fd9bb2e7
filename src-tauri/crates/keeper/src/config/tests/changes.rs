//! Adding and removing accounts leaves the rest of the file as a person wrote it.

use proptest::prelude::*;

use super::*;

#[test]
fn what_a_person_wrote_survives_an_added_account() {
    let place = Place::with(WRITTEN);
    place
        .load()
        .add_account(&name("a.b@c"), &account())
        .unwrap();
    let added = "\n[accounts.\"a.b@c\"]\nprovider = \"ringcentral\"\nclient_id = 'client \"id\"'\ngrant = \"jwt\"\n";
    let text = place.text();
    assert!(text.contains(added), "{text}");
    assert_eq!(text.replace(added, ""), WRITTEN);
}

#[test]
fn what_a_person_wrote_survives_a_removed_account() {
    let place = Place::with(WRITTEN);
    assert!(place.load().remove_account(&name("work")).unwrap());
    let text = place.text();
    assert!(!text.contains("work") && !text.contains("blue"), "{text}");
    let rest = &WRITTEN[WRITTEN.find("\n[clipboard]").unwrap()..];
    assert_eq!(text, format!("# My tokens.\n# Two lines.\n{rest}"));
    assert!(
        place
            .load()
            .remove_account(&name("me@example.com"))
            .unwrap()
    );
    assert!(place.load().accounts().is_empty());
    for kept in [
        "# My tokens.",
        "clear_after_seconds = 30",
        "requests_per_minute = 10",
        "# The end.",
    ] {
        assert!(place.text().contains(kept), "{}", place.text());
    }
}

#[test]
fn the_last_account_leaves_the_files_own_comment_behind() {
    let place = Place::with(
        "# The file's.\n\n# Its own.\n[accounts.work]\nprovider='x'\nclient_id='y'\ngrant='jwt'\n",
    );
    place.load().remove_account(&name("work")).unwrap();
    assert_eq!(place.text().trim_end(), "# The file's.");
}

#[test]
fn accounts_written_in_one_line_are_added_to_and_removed_from() {
    let place = Place::with(
        "accounts = { work = { provider = \"x\", client_id = \"y\", grant = \"jwt\" } } # short\n",
    );
    let mut config = place.load();
    config.add_account(&name("home"), &account()).unwrap();
    assert_eq!(place.load().accounts().len(), 2);
    assert!(config.remove_account(&name("work")).unwrap());
    assert_eq!(
        place.load().accounts().keys().collect::<Vec<_>>(),
        [&name("home")]
    );
    assert!(place.text().contains("# short"));
}

#[test]
fn to_remove_what_is_not_there_changes_nothing() {
    let place = Place::with(WRITTEN);
    assert!(!place.load().remove_account(&name("other")).unwrap());
    assert_eq!(place.text(), WRITTEN);
}

#[test]
fn a_change_made_in_an_editor_meanwhile_is_kept() {
    let place = Place::with(WRITTEN);
    let mut config = place.load();
    std::fs::write(place.path(), format!("{WRITTEN}# Meanwhile.\n")).unwrap();
    config.add_account(&name("new"), &account()).unwrap();
    assert!(place.text().contains("# Meanwhile."));
}

#[test]
fn a_file_broken_meanwhile_is_not_overwritten() {
    let place = Place::with(WRITTEN);
    let mut config = place.load();
    let broken = format!("{WRITTEN}[oops\n");
    std::fs::write(place.path(), &broken).unwrap();
    assert!(config.add_account(&name("new"), &account()).is_err());
    assert!(config.remove_account(&name("work")).is_err());
    assert_eq!(place.text(), broken);
    assert!(config.accounts().contains_key(&name("work")));
}

#[test]
fn a_name_that_is_taken_is_refused_in_either_case() {
    let place = Place::with(WRITTEN);
    for taken in ["work", "WORK"] {
        let error = place
            .load()
            .add_account(&name(taken), &account())
            .unwrap_err();
        assert!(
            error.to_string().contains("an account called work already"),
            "{error}"
        );
    }
    assert_eq!(place.text(), WRITTEN);
}

#[cfg(unix)]
#[test]
fn a_link_to_the_file_stays_a_link() {
    let place = Place::with(WRITTEN);
    let link = place.0.path().join("link.toml");
    std::os::unix::fs::symlink(place.path(), &link).unwrap();
    Config::load(&link)
        .unwrap()
        .add_account(&name("new"), &account())
        .unwrap();
    assert!(link.is_symlink());
    assert!(place.load().accounts().contains_key(&name("new")));
}

#[test]
fn a_file_that_cannot_be_saved_is_an_error_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone").join("config.toml");
    let mut config = Config::load(&path).unwrap();
    let error = config.add_account(&name("work"), &account()).unwrap_err();
    assert!(matches!(error, ConfigError::NotSaved { .. }), "{error}");
    assert!(config.accounts().is_empty());
}

proptest! {
    // Each case saves twice, down to the disk.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Accounts come and go, and the rest of the file is as it was, to the letter.
    #[test]
    fn adding_and_removing_leaves_the_file_as_it_was(
        parts in prop::sample::subsequence(
            WRITTEN.split_inclusive("\n\n").collect::<Vec<_>>(), 0..=5),
        added in "[a-z@_][a-zA-Z0-9._@-]{0,10}x",
    ) {
        let text = parts.concat();
        let place = Place::with(&text);
        let mut config = place.load();
        let before = config.accounts().clone();
        let added = name(&added);
        config.add_account(&added, &account()).unwrap();
        prop_assert_eq!(&config.accounts()[&added], &account());
        prop_assert_eq!(config.accounts().len(), before.len() + 1);
        prop_assert!(config.remove_account(&added).unwrap());
        // A new file has got its version.
        let left = if text.is_empty() { "version = 1\n" } else { &text };
        prop_assert_eq!(place.text(), left);
        prop_assert_eq!(config.accounts(), &before);
    }
}
