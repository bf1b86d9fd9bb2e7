//! A fleet of simulated accounts, by the keeper's own bench target: the real heart, schedule and pace, for a month.

use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::extent::Extent;
use crate::figure::Figure;
use crate::spread::rounded;

/// How long the largest fleet may take, and how much memory.
const SECONDS_GOAL: f64 = 60.0;
const MEMORY_GOAL: u64 = 1 << 30;

/// A line that the bench target prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Fleet {
    accounts: u64,
    days: u32,
    threads: u32,
    seconds: f64,
    cpu_seconds: f64,
    peak_rss_bytes: u64,
    refreshes: u64,
}

pub(crate) fn measure(extent: &Extent) -> Vec<Figure> {
    let fleets: Vec<_> = extent
        .fleets
        .iter()
        .map(|accounts| simulated(*accounts, extent.days))
        .collect();
    let (smallest, larger) = fleets.split_first().expect("there is a smallest fleet");
    let largest = larger.last().expect("there is a larger one");
    let mut figures = vec![time_of(largest), memory_of(largest)];
    figures.extend(larger.iter().map(|fleet| growth(smallest, fleet)));
    figures
}

/// Each in a process of its own, so that its memory is its own.
fn simulated(accounts: u64, days: u32) -> Fleet {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut bench = Command::new(cargo);
    bench.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    bench.args([
        "bench",
        "--package",
        "tokenkeep-protocol",
        "--bench",
        "fleet",
    ]);
    bench.args(["--", "--accounts", &accounts.to_string()]);
    bench.args(["--days", &days.to_string()]);
    let output = bench.stdin(Stdio::null()).output();
    let output = output.expect("cargo can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo bench failed: {said}");
    let printed = String::from_utf8_lossy(&output.stdout);
    let fleet = read(&printed).unwrap_or_else(|| panic!("there is no figure in: {printed}"));
    println!(
        "{accounts} accounts: {:.1} s, {:.0} ns each for {} refreshes",
        fleet.seconds,
        fleet.ns_per_refresh(),
        fleet.refreshes
    );
    fleet
}

fn read(printed: &str) -> Option<Fleet> {
    let mut lines = printed.lines();
    lines.find_map(|line| serde_json::from_str(line).ok())
}

impl Fleet {
    /// What a refresh costs: nanoseconds of computing, whatever else needed the processors.
    fn ns_per_refresh(&self) -> f64 {
        self.cpu_seconds * 1e9 / self.refreshes as f64
    }

    fn title(&self) -> String {
        format!("fleet of {}, {} days", self.accounts, self.days)
    }
}

fn time_of(fleet: &Fleet) -> Figure {
    Figure {
        what: format!("{}: time", fleet.title()),
        figure: format!(
            "{:.1} s on {} threads, {} refreshes",
            fleet.seconds, fleet.threads, fleet.refreshes
        ),
        goal: format!("under {SECONDS_GOAL} s"),
        reached: (fleet.seconds < SECONDS_GOAL).into(),
        detail: json!(fleet),
    }
}

fn memory_of(fleet: &Fleet) -> Figure {
    let mebibytes = fleet.peak_rss_bytes as f64 / f64::from(1 << 20);
    Figure {
        what: format!("{}: memory", fleet.title()),
        figure: format!("{mebibytes:.0} MiB at its peak"),
        goal: format!("under {} MiB", MEMORY_GOAL >> 20),
        reached: (fleet.peak_rss_bytes < MEMORY_GOAL).into(),
        detail: json!(fleet),
    }
}

/// Whether a refresh among many costs no more than the logarithm of their number allows.
fn growth(few: &Fleet, many: &Fleet) -> Figure {
    let grown = many.ns_per_refresh() / few.ns_per_refresh();
    let allowed = (many.accounts as f64).ln() / (few.accounts as f64).ln();
    Figure {
        what: format!("{}: cost of a refresh", many.title()),
        figure: format!(
            "{:.0} ns, {grown:.2} times that among {}",
            many.ns_per_refresh(),
            few.accounts
        ),
        goal: format!("at most {allowed:.2} times, as the logarithm"),
        reached: (grown <= allowed).into(),
        detail: json!({
            "growth": rounded(grown, 3),
            "growth_of_logarithm": rounded(allowed, 3),
            "few": few,
            "many": many,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Reached;

    fn fleet(accounts: u64, cpu_seconds: f64) -> Fleet {
        Fleet {
            accounts,
            days: 30,
            threads: 2,
            seconds: 1.0,
            cpu_seconds,
            peak_rss_bytes: 1 << 20,
            refreshes: accounts * 1000,
        }
    }

    #[test]
    fn the_figures_are_found_among_whatever_else_is_printed() {
        let line = r#"{"name":"fleet","accounts":1000,"days":30,"threads":2,"seconds":1.0,"cpu_seconds":2.0,"peak_rss_bytes":1048576,"refreshes":1000000,"ns_per_refresh":1000.0}"#;
        let printed = format!("running\n{line}\n\n");
        assert_eq!(read(&printed), Some(fleet(1000, 2.0)));
        assert_eq!(read("running\n{}\n"), None);
    }

    #[test]
    fn a_cost_may_grow_as_the_logarithm_does_and_no_faster() {
        // A hundred times as many accounts: the logarithm is five thirds as large.
        let few = fleet(1_000, 1.0);
        let reached = |cpu_seconds| growth(&few, &fleet(100_000, cpu_seconds)).reached;
        assert_eq!(reached(100.0), Reached::Yes);
        assert_eq!(reached(166.0), Reached::Yes);
        assert_eq!(reached(167.0), Reached::No);
    }
}
