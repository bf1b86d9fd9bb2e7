use std::time::Duration;

use super::*;

mod changes;
mod faults;

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

fn account() -> AccountEntry {
    AccountEntry {
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

/// Every later version reads what people have today: the file is never changed.
#[test]
fn a_configuration_without_a_version_is_of_the_first_form_and_read() {
    let text = include_str!("../../tests/fixtures/config-1.toml");
    let place = Place::with(text);
    let mut config = place.load();
    assert_eq!(config.unknown_keys(), []);
    let names: Vec<_> = config.accounts().keys().map(AccountName::as_str).collect();
    assert_eq!(names, ["me@example.com", "work"]);
    let mine = &config.accounts()[&name("me@example.com")];
    assert_eq!(mine.server.as_deref(), Some("http://127.0.0.1:8642"));
    let settings = config.settings();
    assert_eq!(settings.seconds(&SIGN_IN_LIMIT).as_secs(), 300);
    assert_eq!(settings.seconds(&CLIPBOARD_CLEARED_AFTER).as_secs(), 30);
    let quota = settings.of_provider("ringcentral", &REQUESTS_PER_MINUTE);
    assert_eq!(quota, Some(10));
    config.add_account(&name("new"), &account()).unwrap();
    let now = place.text();
    assert!(text.lines().all(|line| now.contains(line)), "{now}");
    assert!(!now.contains("version ="), "a person's file gets no key");
}

#[test]
fn a_new_configuration_says_its_version() {
    let place = Place::with("");
    place.load().add_account(&name("work"), &account()).unwrap();
    assert!(
        place.text().starts_with("version = 1\n"),
        "{}",
        place.text()
    );
    assert_eq!(place.load().unknown_keys(), []);
}

#[test]
fn a_newer_configuration_is_called_newer_and_left_as_it_is() {
    // What else is in it is not looked at: its form is not known.
    for text in [
        "version = 2\n",
        "accounts = 7\nversion = 2\n[sign_in]\nlimit_seconds = 1\n",
    ] {
        let error = fault(text);
        assert!(error.contains("by a newer Tokenkeep (form 2)"), "{error}");
    }
    let place = Place::with("");
    let mut config = place.load();
    std::fs::write(place.path(), "version = 2\n").unwrap();
    let added = config.add_account(&name("work"), &account());
    let removed = config.remove_account(&name("work"));
    for error in [added.unwrap_err(), removed.unwrap_err()] {
        assert!(
            matches!(error, ConfigError::Newer { version: 2, .. }),
            "{error}"
        );
    }
    assert_eq!(place.text(), "version = 2\n");
    for wrong in ["0", "-1", "'1'", "1.0"] {
        let error = fault(&format!("version = {wrong}"));
        assert!(
            error.contains("line 1, at `version`. It is the version"),
            "{error}"
        );
    }
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
