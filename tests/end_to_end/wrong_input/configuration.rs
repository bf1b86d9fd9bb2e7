//! The file `config.toml`.

use std::fs;

use tokenkeep_tests::{Bus, Home, Keeper, Provider};

use super::is_refused;

#[test]
fn a_configuration_that_makes_no_sense_is_named_and_left_as_it_is() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let fingerprint = home.fingerprint("work");
    keeper.stop();
    let path = home.folder().join("config.toml");
    let good = fs::read_to_string(&path).unwrap();

    for (wrong, words) in [
        (format!("{good}\nthis is not TOML\n"), "line "),
        (
            good.replace("grant = \"jwt\"", "grant = \"magic\""),
            "grant",
        ),
        (
            format!("{good}client_secret = \"planted\"\n"),
            "client_secret",
        ),
    ] {
        fs::write(&path, &wrong).unwrap();
        let refused = home.tokenkeep(&["serve"]);
        refused.exited(1);
        assert!(refused.stderr.contains("config.toml"), "{refused}");
        assert!(refused.stderr.contains(words), "{refused}");
        assert!(!refused.stderr.contains("planted"), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), wrong);
    }

    // One account that makes no sense keeps no other from working.
    let strange =
        "\n[accounts.strange]\nprovider = \"nowhere\"\nclient_id = \"c\"\ngrant = \"jwt\"\n";
    fs::write(&path, format!("# mine\n{good}{strange}")).unwrap();
    keeper.restart();
    assert_eq!(home.account("strange")["state"], "misconfigured");
    is_refused(
        &home,
        &["get", "strange"],
        "",
        5,
        &["config.toml", "nowhere"],
    );
    home.is_fresh("work");
    assert_eq!(home.fingerprint("work"), fingerprint);
    home.tokenkeep(&["remove", "strange"]).succeeded();
    let kept = fs::read_to_string(&path).unwrap();
    assert!(
        kept.starts_with("# mine\n") && !kept.contains("strange"),
        "{kept}"
    );
}
