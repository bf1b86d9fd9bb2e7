//! A fleet of accounts for a month: what a renewal costs the real heart, schedule and pace, and whether
//! that grows with their number.
//!
//! `cargo bench -p tokenkeep-protocol --bench fleet -- [--accounts N]… [--days D]` prints one line of JSON
//! for each number of accounts (1,000, 10,000 and 100,000 if not said).
#![allow(clippy::print_stdout, reason = "a measurement prints what it measured")]

mod calendar;
mod shard;

use std::time::{Duration, Instant};

use serde_json::json;
use shard::Shard;

/// How many accounts share a client id: so many hour-long tokens keep fresh well within its quota.
const ACCOUNTS_OF_A_CLIENT: usize = 100;

fn main() {
    let asked = Asked::read(std::env::args().skip(1));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for accounts in &asked.accounts {
        let (begun, cpu) = (Instant::now(), cpu_seconds());
        let refreshes = run(*accounts, asked.days, threads);
        let seconds = begun.elapsed().as_secs_f64();
        let line = json!({
            "name": "fleet",
            "accounts": accounts,
            "days": asked.days,
            "threads": threads,
            "seconds": rounded(seconds),
            "cpu_seconds": rounded(cpu_seconds() - cpu),
            "peak_rss_bytes": peak_rss_bytes(),
            "refreshes": refreshes,
            "ns_per_refresh": rounded(seconds * 1e9 / refreshes as f64),
        });
        println!("{line}");
    }
}

/// What is to be measured.
struct Asked {
    accounts: Vec<usize>,
    days: u32,
}

impl Asked {
    fn read(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut asked = Self {
            accounts: Vec::new(),
            days: 30,
        };
        while let Some(argument) = arguments.next() {
            // Cargo adds a word of its own.
            let mut number = || {
                arguments
                    .next()
                    .and_then(|value| value.parse::<usize>().ok())
            };
            match argument.as_str() {
                "--accounts" => asked.accounts.extend(number()),
                "--days" => asked.days = number().map_or(asked.days, |days| days as u32),
                _ => {}
            }
        }
        if asked.accounts.is_empty() {
            asked.accounts = vec![1_000, 10_000, 100_000];
        }
        asked
    }
}

/// Keeps so many accounts for so many days; how often a token was renewed. Clients have nothing in
/// common, so each thread takes some of them.
fn run(accounts: usize, days: u32, threads: usize) -> u64 {
    let clients = accounts.div_ceil(ACCOUNTS_OF_A_CLIENT);
    let time = Duration::from_secs(u64::from(days) * 24 * 3600);
    let of_thread = |thread: usize| {
        let clients = (thread..clients).step_by(threads);
        clients.map(|client| {
            let before = client * ACCOUNTS_OF_A_CLIENT;
            ACCOUNTS_OF_A_CLIENT.min(accounts - before)
        })
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|thread| {
                let clients: Vec<usize> = of_thread(thread).collect();
                scope.spawn(move || Shard::new(thread, &clients).run(time))
            })
            .collect();
        running
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .sum()
    })
}

fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// The most memory that this process ever held, where the system says so.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// How long this process has computed, on all its threads: others may have needed the cores, too.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the program's name, which may hold anything: the 12th and 13th are user and system time,
    // in hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}
