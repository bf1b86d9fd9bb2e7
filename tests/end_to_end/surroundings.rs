//! The surroundings that every other test here stands on do what they promise.

use std::time::Duration;

use tokenkeep_tests::{Bus, Child, Home, eventually};

const LIMIT: Duration = Duration::from_secs(20);

fn store(home: &Home, secret: &str) -> i32 {
    let arguments = ["store", "--label=a test", "purpose", "test"];
    home.run("secret-tool", &arguments, secret).code
}

fn look_up(home: &Home) -> String {
    home.run("secret-tool", &["lookup", "purpose", "test"], "")
        .stdout
}

#[test]
fn the_keychain_stores_a_secret_and_gives_it_back() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    assert_eq!(store(&home, "swordfish"), 0);
    assert_eq!(look_up(&home), "swordfish");
    assert_eq!(bus.keyring_secrets(), [b"swordfish"]);
}

#[test]
fn a_locked_keychain_gives_nothing_and_an_unlocked_one_gives_it_again() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    assert_eq!(store(&home, "swordfish"), 0);
    bus.lock_keyring();
    assert!(bus.keyring_is_locked());
    assert_eq!(look_up(&home), "");
    bus.unlock_keyring();
    assert!(!bus.keyring_is_locked());
    assert_eq!(look_up(&home), "swordfish");
}

#[test]
fn a_keychain_that_was_killed_comes_back_with_what_it_held() {
    let mut bus = Bus::with_keyring();
    let home = Home::on(&bus);
    assert_eq!(store(&home, "swordfish"), 0);
    bus.kill_keyring();
    assert_ne!(store(&home, "marlin"), 0);
    bus.start_keyring();
    assert_eq!(look_up(&home), "swordfish");
}

#[test]
fn two_sessions_do_not_see_each_others_secrets() {
    let (one, other) = (Bus::with_keyring(), Bus::with_keyring());
    assert_eq!(store(&Home::on(&one), "swordfish"), 0);
    assert_eq!(look_up(&Home::on(&other)), "");
    assert!(other.keyring_secrets().is_empty());
}

#[test]
fn without_a_keychain_there_is_none() {
    let bus = Bus::without_keyring();
    assert_ne!(store(&Home::on(&bus), "swordfish"), 0);
}

#[test]
fn a_command_has_nothing_of_the_testers_environment() {
    let home = Home::without_bus();
    let names = home.run("env", &[], "").succeeded();
    for line in names.lines() {
        let name = line.split('=').next().unwrap();
        assert!(
            ["PATH", "LANG", "RUST_BACKTRACE", "HOME", "TOKENKEEP_HOME"].contains(&name),
            "{name} got through"
        );
    }
}

/// Set where the test runner ignores a signal.
const IGNORING: &str = "TOKENKEEP_TEST_IGNORING";

#[test]
fn a_command_ignores_no_signal_that_the_test_runner_ignores() {
    let mut home = Home::without_bus();
    if std::env::var_os(IGNORING).is_some() {
        let status = home.run("cat", &["/proc/self/status"], "").succeeded();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = u64::from_str_radix(ignored.unwrap().trim(), 16).unwrap();
        // Those beyond are the C library's own, which lets nobody change them.
        let standard = (1 << 31) - 1;
        assert_eq!(ignored & standard, 0, "{ignored:x}");
        return;
    }
    home.set(IGNORING, "yes");
    let program = std::env::current_exe().unwrap().display().to_string();
    let this = "surroundings::a_command_ignores_no_signal_that_the_test_runner_ignores";
    // So that the runner in there, itself started without any, has one to ignore.
    let inner = home.run("nohup", &[&program, "--exact", this], "");
    assert!(inner.succeeded().contains(" 1 passed"), "{inner}");
}

#[test]
fn a_child_is_gone_with_its_owner_and_so_is_what_it_started() {
    let home = Home::without_bus();
    let folder = home.folder().display().to_string();
    let script = format!("sleep 1000 & echo $! > {folder}/grandchild; wait");
    let shell = std::path::Path::new("/bin/sh");
    let child = Child::start(shell, &["-c", &script], [], "");
    let grandchild = eventually("the grandchild runs", LIMIT, || {
        let text = std::fs::read_to_string(home.folder().join("grandchild")).ok()?;
        text.trim().parse::<u32>().ok()
    });
    let pid = child.id();
    assert!(runs(pid) && runs(grandchild));
    drop(child);
    eventually("both are gone", LIMIT, || {
        (!runs(pid) && !runs(grandchild)).then_some(())
    });
}

#[test]
fn a_child_outlives_the_thread_that_started_it() {
    let mut child =
        std::thread::spawn(|| Child::start(std::path::Path::new("/bin/sleep"), &["1000"], [], ""))
            .join()
            .unwrap();
    assert!(child.is_running());
    assert_eq!(child.kill().code, 128 + 9);
}

/// A process that has ended but was not waited for does not run.
fn runs(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(") ")
            .next()
            .unwrap_or_default()
            .starts_with('Z')
    })
}
