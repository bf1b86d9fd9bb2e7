use std::time::Duration;

use proptest::prelude::*;

use super::*;

const WRITTEN: &str = r#"# My tokens.
# Two lines.

# The one for work.
[accounts.work]  # really
client_id = 'one' # after a value
provider = "ringcentral"
grant = "jwt"
colour = "blue"

[clipboard]
clear_after_seconds = 30

# Mine.
[accounts."me@example.com"]
provider="practice"
server = "http://127.0.0.1:8642"
client_id = "two"
grant = "code"
redirect_uri = "http://localhost:8080/callback"

[providers.ringcentral]
requests_per_minute = 10
# The end.
"#;

struct Place(tempfile::TempDir);

impl Place {
    fn with(text: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::write(place.path(), text).unwrap();
        place
    }
    fn path(&self) -> PathBuf {
        self.0.path().join("config.toml")
    }
    fn text(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }
    fn load(&self) -> Config {
        Config::load(&self.path()).unwrap()
    }
}

fn name(name: &str) -> AccountName {
    name.parse().unwrap()
}

fn account() -> Account {
    Account {
        provider: "ringcentral".to_owned(),
        server: None,
        client_id: "client \"id\"".to_owned(),
        grant: Grant::Jwt,
        redirect_uri: None,
    }
}

fn fault(text: &str) -> String {
    let place = Place::with(text);
    let error = Config::load(&place.path()).unwrap_err().to_string();
    assert_eq!(place.text(), text);
    error
}

#[test]
fn accounts_and_settings_are_read() {
    let config = Place::with(WRITTEN).load();
    let mine = &config.accounts()[&name("me@example.com")];
    assert_eq!(mine.grant, Grant::Code);
    assert_eq!(mine.server.as_deref(), Some("http://127.0.0.1:8642"));
    assert_eq!(
        mine.redirect_uri.as_deref(),
        Some("http://localhost:8080/callback")
    );
    let work = &config.accounts()[&name("work")];
    assert_eq!((work.client_id.as_str(), work.grant), ("one", Grant::Jwt));
    assert_eq!(
        config
            .settings()
            .of_provider("ringcentral", &REQUESTS_PER_MINUTE),
        Some(10)
    );
}

#[test]
fn a_file_that_is_not_there_is_empty_and_is_made_when_an_account_is_added() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let mut config = Config::load(&path).unwrap();
    assert!(config.accounts().is_empty() && !path.exists());
    config.add_account(&name("work"), &account()).unwrap();
    assert_eq!(
        Config::load(&path).unwrap().accounts()[&name("work")],
        account()
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

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

#[test]
fn an_account_that_cannot_be_right_is_not_added() {
    let place = Place::with("");
    for (wrong, field) in [
        (
            Account {
                server: Some("platform".into()),
                ..account()
            },
            "server",
        ),
        (
            Account {
                server: Some("ftp://platform".into()),
                ..account()
            },
            "server",
        ),
        (
            Account {
                server: Some("https://me:pw@platform".into()),
                ..account()
            },
            "server",
        ),
        (
            Account {
                redirect_uri: Some("callback".into()),
                ..account()
            },
            "redirect_uri",
        ),
        (
            Account {
                redirect_uri: Some("http://localhost/#x".into()),
                ..account()
            },
            "redirect_uri",
        ),
        (
            Account {
                client_id: String::new(),
                ..account()
            },
            "client_id",
        ),
        (
            Account {
                provider: String::new(),
                ..account()
            },
            "provider",
        ),
    ] {
        let error = place.load().add_account(&name("work"), &wrong).unwrap_err();
        assert!(
            matches!(&error, ConfigError::WrongAccount { field: named, .. } if *named == field),
            "{error}"
        );
    }
    assert_eq!(place.text(), "");
}

#[test]
fn a_fault_is_named_with_file_line_and_field() {
    let right = "\n[accounts.work]\nprovider = 'x'\nclient_id = 'y'\ngrant = 'jwt'\n";
    assert!(Config::load(&Place::with(right).path()).is_ok());
    for (from, to, line, words) in [
        (
            "grant = 'jwt'",
            "grant = 'password'",
            5,
            "at `accounts.work.grant`. There is no grant \"password\". Use",
        ),
        (
            "grant = 'jwt'",
            "grant = 1",
            5,
            "at `accounts.work.grant`. It has to be text",
        ),
        (
            "client_id = 'y'",
            "",
            2,
            "at `accounts.work.client_id`. It is missing. Add",
        ),
        (
            "provider = 'x'",
            "provider = ''",
            3,
            "at `accounts.work.provider`. The provider's name is empty",
        ),
        (
            "provider = 'x'",
            "provider = 'x'\nserver = 'z'",
            4,
            "at `accounts.work.server`. The server's address is no URL",
        ),
        (
            "[accounts.work]",
            "[accounts.'a b']",
            2,
            "at `accounts.\"a b\"`. An account's name cannot contain ' '",
        ),
        (
            "[accounts.work]",
            "[[accounts.work]]",
            2,
            "at `accounts.work`. It has to be a table",
        ),
        (
            "\n[accounts",
            "[providers.x]\nrequests_per_minute = -1\n[accounts",
            2,
            "whole number",
        ),
        (
            "grant = 'jwt'",
            "grant = 'jwt'\ngrant = 'jwt'",
            6,
            "duplicate key",
        ),
        ("grant = 'jwt'", "grant =", 5, ""),
        (
            "[accounts.work]",
            "[accounts.WORK]\nprovider='x'\nclient_id='y'\ngrant='jwt'\n[accounts.work]",
            6,
            "nothing but case",
        ),
    ] {
        let text = right.replacen(from, to, 1);
        assert_ne!(text, right);
        let error = fault(&text);
        assert!(
            error.contains("config.toml ") && error.contains(&format!(" in line {line}")),
            "{error}"
        );
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_secret_in_the_file_is_refused_and_never_quoted() {
    let head = "[accounts.work]\nprovider = 'x'\nclient_id = 'y'\ngrant = 'jwt'\n";
    for line in [
        "client_secret = 'planted'",
        "jwt = 'planted'",
        "jwt = 'planted",
        "jwt = planted",
    ] {
        let error = fault(&format!("{head}{line}\n"));
        assert!(error.contains("line 5"), "{error}");
        assert!(!error.contains("planted"), "{error}");
    }
}

#[test]
fn a_file_that_is_not_text_is_left_alone() {
    let place = Place::with("");
    std::fs::write(place.path(), [0xff, 0xfe]).unwrap();
    assert!(
        Config::load(&place.path())
            .unwrap_err()
            .to_string()
            .contains("config.toml")
    );
    assert_eq!(std::fs::read(place.path()).unwrap(), [0xff, 0xfe]);
}

#[test]
fn a_person_has_ten_minutes_to_sign_in_unless_the_file_says_otherwise() {
    for (text, seconds) in [
        ("", 600),
        ("[sign_in]", 600),
        ("[sign_in]\nlimit_seconds = 10", 10),
        ("sign_in = { limit_seconds = 3600 }", 3600),
    ] {
        let limit = Place::with(text).load().settings().seconds(&SIGN_IN_LIMIT);
        assert_eq!(limit, Duration::from_secs(seconds), "{text}");
    }
    for wrong in ["9", "3601", "-1", "1.5", "'600'"] {
        let error = fault(&format!("[sign_in]\nlimit_seconds = {wrong}"));
        assert!(
            error.contains("line 2, at `sign_in.limit_seconds`. It says "),
            "{wrong}: {error}"
        );
    }
}

#[test]
fn a_copied_token_stays_45_seconds_unless_the_file_says_otherwise() {
    for (text, seconds) in [("", 45), ("[clipboard]\nclear_after_seconds = 5", 5)] {
        let config = Place::with(text).load();
        let after = config.settings().seconds(&CLIPBOARD_CLEARED_AFTER);
        assert_eq!(after, Duration::from_secs(seconds), "{text}");
    }
    let error = fault("[clipboard]\nclear_after_seconds = 0");
    assert!(
        error.contains("line 2, at `clipboard.clear_after_seconds`. It says how long a copied token stays in the clipboard, and has to be a whole number from 5 to 600"),
        "{error}"
    );
}

#[test]
fn unknown_keys_are_kept_and_warned_of() {
    let config = Place::with(&format!("new = 1\n{WRITTEN}[sign_in]\nlimit = 5\n")).load();
    let warnings: Vec<_> = config
        .unknown_keys()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings[0].contains("`new` in line 1,"), "{warnings:?}");
    assert!(
        warnings[1].contains("`accounts.work.colour` in line 10,"),
        "{warnings:?}"
    );
    assert!(
        warnings[2].contains("`sign_in.limit` in line "),
        "{warnings:?}"
    );
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
        prop_assert_eq!(place.text(), text);
        prop_assert_eq!(config.accounts(), &before);
    }
}
