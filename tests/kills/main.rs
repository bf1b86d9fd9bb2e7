//! The real keeper, killed over and over, at every point of a renewal and at any
//! moment: nobody ever has to sign in again.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is test code: a panic is how it reports"
)]

mod lane;
mod tally;
mod way;

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use tokenkeep_tests::{Home, tokenkeep_binary, tokenkeep_with_failpoints};

use lane::Lane;
use tally::Tally;
use way::Way;

const ROUNDS: usize = 200;
/// They wait more than they work.
const LANES: usize = 6;

#[test]
fn a_keeper_killed_two_hundred_times_gives_every_account_a_good_token_without_a_sign_in() {
    let started = Instant::now();
    let tally = Mutex::new(Tally::default());
    let next = AtomicUsize::new(0);
    let run = || {
        let mut lane = Lane::start();
        loop {
            let round = next.fetch_add(1, Ordering::Relaxed);
            if round >= ROUNDS {
                break;
            }
            let way = Way::of_round(round);
            let came_to = lane.round(round, way);
            tally.lock().unwrap().add(way, came_to);
        }
        lane.was_signed_in_to_once();
    };
    thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                let _others = LastRound(&next);
                run();
            });
        }
    });
    let tally = tally.into_inner().unwrap();
    assert_eq!(tally.rounds(), ROUNDS);
    // Past the test runner, which would keep it to itself.
    writeln!(std::io::stderr(), "{tally} In {:?}.", started.elapsed()).unwrap();
}

/// Where one lane fails, the others need not go on.
struct LastRound<'n>(&'n AtomicUsize);

impl Drop for LastRound<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.store(ROUNDS, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_program_for_people_has_no_fail_points() {
    let home = Home::without_bus();
    let has_setting = |program: &std::path::Path| {
        let program = program.with_file_name("tokenkeepd").display().to_string();
        let found = home.run("grep", &["-c", "-a", "TOKENKEEP_FAILPOINT", &program], "");
        assert!(found.code <= 1, "{found}");
        found.code == 0
    };
    assert!(has_setting(tokenkeep_with_failpoints()));
    assert!(!has_setting(tokenkeep_binary()));
}
