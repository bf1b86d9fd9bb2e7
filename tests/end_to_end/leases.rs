//! Leases: a token that is in use is not pulled from under its user.

mod commands;
mod endings;
mod renewals;
mod secrecy;
mod signals;

use std::time::Duration;

use serde_json::Value;
use tokenkeep_tests::{Child, Home, eventually};

const LIMIT: Duration = Duration::from_secs(20);

/// A command that prints its token and runs until its input ends.
const UNTIL_HUNG_UP: [&str; 3] = ["sh", "-c", "echo \"$ACCESS_TOKEN\"; cat"];

/// Runs `tokenkeep exec` on the account `work`.
fn exec(home: &Home, options: &[&str], command: &[&str]) -> Child {
    let all = [&["exec", "work"], options, &["--"], command].concat();
    home.start_listening(&all)
}

/// Waits for the first line that a command prints.
#[track_caller]
fn first_line(child: &Child) -> String {
    eventually("the command has printed a line", LIMIT, || {
        let printed = child.stdout();
        printed.split_once('\n').map(|(line, _)| line.to_owned())
    })
}

/// The leases that last.
#[track_caller]
fn leases(home: &Home) -> Vec<Value> {
    let listed = home.tokenkeep(&["leases", "--json"]).json();
    listed.as_array().expect("it is a list").clone()
}

#[track_caller]
fn eventually_leases(home: &Home, count: usize) -> Vec<Value> {
    eventually(&format!("there are {count} leases"), LIMIT, || {
        let leases = leases(home);
        (leases.len() == count).then_some(leases)
    })
}

/// A person wants a renewal, and gets none while somebody holds a lease.
#[track_caller]
fn is_deferred(home: &Home) {
    let refused = home.tokenkeep(&["refresh", "work", "--wait", "1s"]);
    refused.exited(5);
    assert!(refused.stderr.contains("in use under a lease"), "{refused}");
}
