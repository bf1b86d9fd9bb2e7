//! What `exec` runs, with which token, and how it ends.

use std::os::unix::fs::PermissionsExt;

use tokenkeep_tests::{Bus, Home, Keeper, Provider};

use super::{LIMIT, eventually_leases, exec, first_line};

#[test]
fn exec_gives_its_command_the_token_in_the_environment() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    let print = "echo \"$ACCESS_TOKEN,$RC_ACCESS_TOKEN,$TOKEN\"";
    let run = |options: &[&str]| {
        let mut child = exec(&home, options, &["sh", "-c", print]);
        child.finish(LIMIT).succeeded()
    };
    assert_eq!(run(&[]), format!("{token},{token},"));
    assert_eq!(run(&["--env", "TOKEN"]), format!(",,{token}"));
    assert_eq!(provider.resource(&token).status, 200);
    eventually_leases(&home, 0);

    let mut reader = exec(&home, &[], &["cat"]);
    reader.say("its input is the command's\n");
    assert_eq!(first_line(&reader), "its input is the command's");
    reader.hang_up();
    reader.finish(LIMIT).succeeded();
}

#[test]
fn exec_ends_as_its_command_does() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    for (script, code) in [
        ("exit 0", 0),
        ("exit 7", 7),
        ("exit 255", 255),
        ("kill -KILL $$", 137),
        ("kill -TERM $$", 143),
    ] {
        let ended = exec(&home, &[], &["sh", "-c", script]).finish(LIMIT);
        ended.exited(code);
        assert_eq!(ended.everything(), "", "{ended}");
    }
    let missing = exec(&home, &[], &["no-such-command"]).finish(LIMIT);
    missing.exited(127);
    assert!(
        missing.stderr.contains("no command no-such-command"),
        "{missing}"
    );
    let file = home.file("not-executable", "#!/bin/sh\n");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let forbidden = exec(&home, &[], &[file.to_str().unwrap()]).finish(LIMIT);
    forbidden.exited(126);
    assert!(forbidden.stderr.contains("cannot be run"), "{forbidden}");
    eventually_leases(&home, 0);
}

#[test]
fn exec_without_a_token_runs_nothing_and_fails_as_get_does() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let touch = ["touch", "ran"].map(|word| match word {
        "ran" => home.folder().join("ran").display().to_string(),
        word => word.to_owned(),
    });
    let touch = touch.each_ref().map(String::as_str);
    exec(&home, &[], &touch).finish(LIMIT).exited(6);
    let _keeper = Keeper::start(&home, &[]);
    exec(&home, &[], &touch).finish(LIMIT).exited(3);
    home.add_by_code("work", &provider);
    exec(&home, &[], &touch).finish(LIMIT).exited(4);
    exec(&home, &["--env", "1=2"], &touch)
        .finish(LIMIT)
        .exited(2);
    home.tokenkeep(&["exec", "work"]).exited(2);
    assert!(!home.folder().join("ran").exists());
}
