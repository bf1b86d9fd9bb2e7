//! `cargo xtask test`: everything that must hold, one step after another.

use std::io::{BufRead, BufReader, Read};
use std::num::NonZero;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::command::{self, line};
use crate::setup::{self, Tools};
use crate::workspace::{cargo, tokenkeep};

/// How many tests run at once, also on a machine with few cores: those from end
/// to end wait far more than they work.
const TEST_THREADS: usize = 8;
/// How long fetching the advisories may take.
const FETCH_LIMIT: Duration = Duration::from_secs(120);
/// The words by which cargo-deny says that it could not fetch them.
const NOT_FETCHED: &str = "failed to fetch advisory database";

/// Runs every check, or only the tests whose names contain `filter`. Stops at
/// the first that fails.
pub(crate) fn run(filter: Option<&str>) -> Result<()> {
    let mut report = Report::default();
    let result = run_steps(filter, &mut report);
    report.print();
    result
}

fn run_steps(filter: Option<&str>, report: &mut Report) -> Result<()> {
    let mut tools = None;
    report.step("set-up", || {
        tools = Some(setup::for_test()?);
        Ok(Outcome::Passed)
    })?;
    let tools = tools.context("set-up leaves its tools")?;

    let only_tests = filter.is_some();
    if !only_tests {
        report.step("formatting", || {
            passes(cargo().args(["fmt", "--all", "--check"]))
        })?;
        report.step("lints", || passes(&mut lints()))?;
    }
    // The same units as the tests use, so that nothing is built twice, and
    // with them the binary that the end-to-end tests run.
    report.step("build", || {
        passes(cargo().args(["build", "--workspace", "--all-targets"]))
    })?;
    report.step("tests", || run_tests(&mut tests(&tools, filter)?))?;
    if !only_tests {
        report.step("documentation", || passes(&mut documentation()))?;
        report.step("licences and sources", || {
            passes(&mut deny(&tools, &["bans", "licenses", "sources"]))
        })?;
        report.step("advisories", || advisories(&tools))?;
    }
    Ok(())
}

fn lints() -> Command {
    let mut command = cargo();
    command.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]);
    command
}

fn tests(tools: &Tools, filter: Option<&str>) -> Result<Command> {
    let mut command = cargo();
    command
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(filter);
    command.env("TOKENKEEP_BINARY", tokenkeep()?);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    command.env("RUST_TEST_THREADS", cores.max(TEST_THREADS).to_string());
    tools.put_first(&mut command);
    Ok(command)
}

/// Runs the tests and prints what they print, and the sum of it in the end:
/// every test binary counts for itself alone.
fn run_tests(command: &mut Command) -> Result<Outcome> {
    println!("$ {}", line(command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo cannot be started")?;
    let stdout = child.stdout.take().context("it is piped")?;
    let mut sum = Counts::default();
    for text in BufReader::new(stdout).lines() {
        let text = text?;
        println!("{text}");
        sum.add(&text);
    }
    let status = child.wait()?;
    println!(
        "{} passed, {} failed, {} skipped",
        sum.passed, sum.failed, sum.ignored
    );
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    if sum.passed == 0 {
        bail!("no test was run");
    }
    Ok(Outcome::Passed)
}

fn documentation() -> Command {
    let mut command = cargo();
    command.args(["doc", "--workspace", "--no-deps", "--quiet"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}

fn deny(tools: &Tools, checks: &[&str]) -> Command {
    let mut command = tools.command("cargo-deny");
    command.arg("check").args(checks);
    command
}

/// Advisories need a database from the network. Where that cannot be had, the
/// step is skipped, never failed.
fn advisories(tools: &Tools) -> Result<Outcome> {
    let mut command = deny(tools, &["advisories"]);
    // git gives up on a connection that is open and says nothing.
    command
        .env("GIT_HTTP_LOW_SPEED_LIMIT", "1000")
        .env("GIT_HTTP_LOW_SPEED_TIME", "20");
    command.env("GIT_TERMINAL_PROMPT", "0");
    let mut child = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cargo-deny cannot be started")?;
    let mut stderr = child.stderr.take().context("it is piped")?;
    let said = std::thread::spawn(move || {
        let mut said = String::new();
        stderr.read_to_string(&mut said).map(|_| said)
    });
    let started = Instant::now();
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if started.elapsed() > FETCH_LIMIT => {
                child.kill()?;
                child.wait()?;
                return Ok(Outcome::Skipped(
                    "the advisory database did not arrive in time",
                ));
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    let said = said.join().unwrap_or(Ok(String::new()))?;
    if said.contains(NOT_FETCHED) {
        return Ok(Outcome::Skipped(
            "the advisory database cannot be reached from here",
        ));
    }
    eprint!("{said}");
    if !status.success() {
        bail!("`{}` failed ({status})", line(&command));
    }
    Ok(Outcome::Passed)
}

fn passes(command: &mut Command) -> Result<Outcome> {
    println!("$ {}", line(command));
    command::run(command)?;
    Ok(Outcome::Passed)
}

/// How many tests passed, failed and were ignored, over all test binaries.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u32,
    failed: u32,
    ignored: u32,
}

impl Counts {
    /// Adds what a line such as `test result: ok. 8 passed; 0 failed; …` says;
    /// other lines count for nothing.
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in result.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let count = words.next().and_then(|word| word.parse::<u32>().ok());
            match (words.next(), count) {
                (Some("passed"), Some(count)) => self.passed += count,
                (Some("failed"), Some(count)) => self.failed += count,
                (Some("ignored"), Some(count)) => self.ignored += count,
                _ => {}
            }
        }
    }
}

/// How a step that did not fail ended.
enum Outcome {
    Passed,
    /// It could not be done here, and why.
    Skipped(&'static str),
}

/// What was done, how it ended and how long it took.
#[derive(Default)]
struct Report {
    rows: Vec<(&'static str, String, Duration)>,
}

impl Report {
    fn step(&mut self, name: &'static str, act: impl FnOnce() -> Result<Outcome>) -> Result<()> {
        println!("\n== {name}");
        let started = Instant::now();
        let result = act();
        let took = started.elapsed();
        let outcome = match &result {
            Ok(Outcome::Passed) => "passed".to_owned(),
            Ok(Outcome::Skipped(why)) => format!("skipped: {why}"),
            Err(_) => "FAILED".to_owned(),
        };
        println!("-- {name}: {outcome} ({})", seconds(took));
        self.rows.push((name, outcome, took));
        result
            .map(drop)
            .with_context(|| format!("the step \u{201c}{name}\u{201d} failed"))
    }

    fn print(&self) {
        println!("\n{:<22} {:>8}  result", "step", "time");
        for (name, outcome, took) in &self.rows {
            println!("{name:<22} {:>8}  {outcome}", seconds(*took));
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_all_test_binaries_are_added_up() {
        let mut sum = Counts::default();
        for line in [
            "running 9 tests",
            "test result: ok. 8 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.97s",
            "test this_says_3_passed ... ok",
            "test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.00s",
        ] {
            sum.add(line);
        }
        let expected = Counts {
            passed: 10,
            failed: 4,
            ignored: 1,
        };
        assert_eq!(sum, expected);
    }

    #[test]
    fn a_step_that_fails_is_named_and_the_summary_has_it() {
        let mut report = Report::default();
        report.step("one", || Ok(Outcome::Passed)).unwrap();
        let error = report.step("two", || bail!("no luck")).unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "the step \u{201c}two\u{201d} failed: no luck"
        );
        let results: Vec<_> = report.rows.iter().map(|row| row.1.as_str()).collect();
        assert_eq!(results, ["passed", "FAILED"]);
    }
}
