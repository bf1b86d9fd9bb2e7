//! A keeper that is left alone: what it takes to be there.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tokenkeep_tests::{Bus, Home, Keeper, Process};

use crate::accounts;
use crate::extent::Extent;
use crate::figure::Figure;
use crate::http::request;
use crate::spread::rounded;

/// How many accounts it has.
const ACCOUNTS: usize = 100;
/// Life of a token in seconds: nothing is due meanwhile.
const TOKEN_LIFE: u32 = 3600;
/// How long a keeper has to settle after it was asked for something: connections and threads that are no longer used
/// have been given up by then.
const SETTLING: Duration = Duration::from_secs(15);
/// How much memory it may hold, and how often a minute it may wake up.
const MEMORY_GOAL: u64 = 12 << 20;
const WAKE_UPS_GOAL: f64 = 6.0;

pub(crate) fn measure(extent: &Extent) -> Vec<Figure> {
    let bus = Bus::with_keyring();
    let provider = accounts::provider(ACCOUNTS, TOKEN_LIFE);
    let home = accounts::unpaced(Home::on(&bus));
    let mut keeper = Keeper::start(&home, &[]);
    accounts::add(&home, &provider, ACCOUNTS);
    let after_adding = accounts::process(&mut keeper).resident_memory();
    // As it is a while after somebody logged in: its accounts are known from before, and each was renewed.
    keeper.stop();
    keeper.restart();
    renew_all(&home);
    thread::sleep(SETTLING);

    let process = accounts::process(&mut keeper);
    let (began, computed, before) = (Instant::now(), process.cpu_time(), process.wake_ups());
    thread::sleep(extent.idle);
    let after = process.wake_ups();
    let minutes = began.elapsed().as_secs_f64() / 60.0;
    let computed = process.cpu_time() - computed;
    let per_minute = wake_ups(&before, &after) as f64 / minutes;
    vec![
        memory(process, after_adding),
        Figure {
            what: format!("idle keeper, {ACCOUNTS} accounts: wake-ups"),
            figure: format!("{per_minute:.1} a minute, over {minutes:.1} minutes"),
            goal: format!("under {WAKE_UPS_GOAL} a minute"),
            reached: (per_minute < WAKE_UPS_GOAL).into(),
            detail: json!({
                "per_minute": rounded(per_minute, 2),
                "counted": "voluntary context switches of all threads (/proc/PID/task/*/status)",
                "threads": after.len(),
                "threads_ended_meanwhile": before.keys().filter(|id| !after.contains_key(id)).count(),
                "computed_ms": computed.as_millis(),
            }),
        },
    ]
}

/// Has every account's token renewed, so that all that takes is in memory, too.
fn renew_all(home: &Home) {
    let mut connection = accounts::connect(home);
    for user in 0..ACCOUNTS {
        let path = format!("/v1/accounts/{}/refresh", accounts::name(user));
        let answer = connection.ask(&request("POST", &path, "", "{}"));
        let answer = answer.expect("the keeper answers");
        let said = String::from_utf8_lossy(answer.body);
        assert_eq!(answer.status, 200, "{said}");
    }
}

fn memory(process: Process, after_adding: u64) -> Figure {
    let bytes = process.resident_memory();
    Figure {
        what: format!("idle keeper, {ACCOUNTS} accounts: memory"),
        figure: format!("{:.1} MiB resident", bytes as f64 / f64::from(1 << 20)),
        goal: format!("under {} MiB", MEMORY_GOAL >> 20),
        reached: (bytes < MEMORY_GOAL).into(),
        detail: json!({
            "resident_bytes": bytes,
            "own_bytes": process.own_memory() * 1024,
            "resident_bytes_after_adding_them": after_adding,
        }),
    }
}

/// How often a thread woke between two counts. What one did that has ended meanwhile is not known.
fn wake_ups(before: &BTreeMap<u32, u64>, after: &BTreeMap<u32, u64>) -> u64 {
    let earlier = |id| before.get(id).copied().unwrap_or_default();
    after
        .iter()
        .map(|(id, count)| count.saturating_sub(earlier(id)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wake_ups_are_those_since_and_those_of_new_threads() {
        let before = BTreeMap::from([(1, 10), (2, 5)]);
        let after = BTreeMap::from([(1, 12), (3, 4)]);
        assert_eq!(wake_ups(&before, &after), 6);
    }

    #[test]
    fn sleeping_counts_as_waking_and_computing_as_time() {
        let own = Process::with_id(std::process::id());
        let (computed, before) = (own.cpu_time(), own.wake_ups());
        for _ in 0..10 {
            thread::sleep(Duration::from_millis(1));
        }
        assert!(wake_ups(&before, &own.wake_ups()) >= 10);
        while own.cpu_time() == computed {}
        assert!(own.resident_memory() > 1 << 16);
    }
}
