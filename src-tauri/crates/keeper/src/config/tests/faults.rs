//! What is wrong in the file, or in an account to be added, is named.

use super::*;

/// An account that is right but for one change.
fn wrong(change: impl FnOnce(&mut AccountEntry)) -> AccountEntry {
    let mut account = account();
    change(&mut account);
    account
}

#[test]
fn an_account_with_a_wrong_field_is_not_added() {
    let server = |server: &str| wrong(|account| account.server = Some(server.into()));
    let redirect_uri = |uri: &str| wrong(|account| account.redirect_uri = Some(uri.into()));
    for (account, field) in [
        (server("platform"), "server"),
        (server("ftp://platform"), "server"),
        (server("https://me:pw@platform"), "server"),
        (server("https://platform/?x"), "server"),
        (redirect_uri("callback"), "redirect_uri"),
        (redirect_uri("http://localhost/#x"), "redirect_uri"),
        (wrong(|account| account.client_id.clear()), "client_id"),
        (wrong(|account| account.provider.clear()), "provider"),
    ] {
        let place = Place::with("");
        let error = place.load().add_account(&name("work"), &account);
        assert!(
            matches!(&error, Err(ConfigError::WrongAccount { field: named, .. }) if *named == field),
            "{field}: {error:?}"
        );
        assert_eq!(place.text(), "");
    }
}

/// A file without a fault: each of the following has one.
const RIGHT: &str = "
[accounts.work]
provider = 'x'
client_id = 'y'
grant = 'jwt'
";

/// The error where `from` is replaced by `to`.
fn fault_with(from: &str, to: &str) -> String {
    assert!(Config::load(&Place::with(RIGHT).path()).is_ok());
    let text = RIGHT.replacen(from, to, 1);
    assert_ne!(text, RIGHT);
    fault(&text)
}

#[test]
fn a_wrong_value_is_named_with_file_line_and_key() {
    for (from, to, words) in [
        (
            "grant = 'jwt'",
            "grant = 'password'",
            "in line 5, at `accounts.work.grant`. There is no grant \"password\". Use",
        ),
        (
            "grant = 'jwt'",
            "grant = 1",
            "in line 5, at `accounts.work.grant`. It has to be text",
        ),
        (
            "client_id = 'y'",
            "",
            "in line 2, at `accounts.work.client_id`. It is missing. Add",
        ),
        (
            "provider = 'x'",
            "provider = ''",
            "in line 3, at `accounts.work.provider`. The provider's name is empty",
        ),
        (
            "provider = 'x'",
            "provider = 'x'\nserver = 'z'",
            "in line 4, at `accounts.work.server`. The server's address is no URL",
        ),
        (
            "\n[accounts",
            "[providers.x]\nrequests_per_minute = -1\n[accounts",
            "in line 2, at `providers.x.requests_per_minute`. It says how many",
        ),
    ] {
        let error = fault_with(from, to);
        assert!(error.contains("config.toml is wrong "), "{error}");
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_wrong_table_is_named_with_file_line_and_key() {
    let twin = "[accounts.WORK]\nprovider='x'\nclient_id='y'\ngrant='jwt'\n[accounts.work]";
    for (to, words) in [
        (
            "[accounts.'a b']",
            "in line 2, at `accounts.\"a b\"`. An account's name cannot contain ' '",
        ),
        (
            "[[accounts.work]]",
            "in line 2, at `accounts.work`. It has to be a table",
        ),
        (
            twin,
            "in line 6, at `accounts.work`. It differs from WORK in nothing but case",
        ),
    ] {
        let error = fault_with("[accounts.work]", to);
        assert!(error.contains("config.toml is wrong "), "{error}");
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn what_is_not_toml_is_named_with_file_and_line() {
    for (to, words) in [
        ("grant = 'jwt'\ngrant = 'jwt'", "in line 6 (duplicate key)"),
        ("grant =", "in line 5 ("),
    ] {
        let error = fault_with("grant = 'jwt'", to);
        assert!(
            error.contains("config.toml cannot be understood "),
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
fn a_file_that_others_may_write_is_refused_as_ssh_does() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with(WRITTEN);
    let with_mode = |mode| {
        std::fs::set_permissions(place.path(), PermissionsExt::from_mode(mode)).unwrap();
        Config::load(&place.path()).map(drop)
    };
    for mode in [0o600, 0o644, 0o400] {
        with_mode(mode).unwrap();
    }
    for mode in [0o620, 0o602, 0o666] {
        let error = with_mode(mode).unwrap_err().to_string();
        assert!(error.contains("can be written by other users"), "{error}");
        assert!(error.contains("chmod go-w"), "{error}");
    }
    // Neither is it written.
    with_mode(0o600).unwrap();
    let mut config = place.load();
    with_mode(0o666).unwrap_err();
    let error = config.add_account(&name("new"), &account()).unwrap_err();
    assert!(matches!(error, ConfigError::NotYours { .. }), "{error}");
    assert_eq!(place.text(), WRITTEN);
}
