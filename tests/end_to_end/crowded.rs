//! A keeper that many connect to, and one that may not open another file.

use std::time::Duration;

use tokenkeep_tests::{Child, Home, Provider, eventually};

const LIMIT: Duration = Duration::from_secs(20);

/// How many files the keeper may have open here, and how many of them clients get at the most.
const OPEN_FILES: u64 = 256;
const CONNECTIONS: usize = 128;

fn answers(home: &Home, keeper: &mut Child) {
    eventually("the keeper answers", LIMIT, || {
        assert!(keeper.is_running(), "{}", keeper.stderr());
        (home.tokenkeep(&["list"]).code == 0).then_some(())
    });
}

#[test]
fn connections_that_say_nothing_stop_no_renewal() {
    let home = Home::without_bus();
    let provider = Provider::start(&["--access-token-ttl", "30"]);
    let mut keeper = home.serve_with_open_files(OPEN_FILES);
    answers(&home, &mut keeper);
    home.add_by_jwt("work", &provider);
    let mut reader = home.connect_and_stay();
    let before = reader.fingerprint("work");

    // More than it may have files open at all.
    let idle: Vec<_> = (0..OPEN_FILES + 100).map(|_| home.connect_idly()).collect();
    eventually("a token is renewed", 2 * LIMIT, || {
        (reader.fingerprint("work") != before).then_some(())
    });
    let journal = reader.get("/v1/journal?account=work&limit=1000");
    assert!(!journal.contains("too many open files"), "{journal}");
    assert_eq!(keeper.stderr(), "");

    let refused = home.tokenkeep(&["get", "work"]);
    assert_eq!(refused.code, 5, "{refused}");
    let number = format!("{CONNECTIONS} connections");
    assert!(refused.stderr.contains(&number), "{refused}");
    drop(idle);
    answers(&home, &mut keeper);
}

#[test]
fn a_keeper_that_may_open_no_more_files_says_so_once_and_does_not_blame_the_network() {
    let home = Home::without_bus();
    let provider = Provider::start(&[]);
    let mut keeper = home.serve_with_open_files(OPEN_FILES);
    answers(&home, &mut keeper);
    home.add_by_jwt("work", &provider);
    let mut reader = home.connect_and_stay();
    // It is accepted while that can be done.
    reader.fingerprint("work");

    keeper.limit_open_files(3, OPEN_FILES);
    let refreshed = reader.post("/v1/accounts/work/refresh", r#"{"wait": 1}"#);
    let _waiting = home.connect_idly();
    eventually("the log says what is wrong", LIMIT, || {
        keeper.stderr().contains("accept").then_some(())
    });
    // Long enough for ten more tries.
    std::thread::sleep(Duration::from_secs(2));
    keeper.limit_open_files(OPEN_FILES, OPEN_FILES);
    answers(&home, &mut keeper);

    assert!(refreshed.contains("too many open files"), "{refreshed}");
    assert!(!refreshed.contains("may be down"), "{refreshed}");
    let log = keeper.stderr();
    let lines = log.lines().filter(|line| line.contains("cannot accept"));
    assert_eq!(lines.count(), 1, "{log}");
}
