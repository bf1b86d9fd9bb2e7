//! `cargo xtask test`: everything that must hold, one step after another. Linux checks all of it, other platforms what
//! they can.

mod bindings;
mod counts;
mod licences;
mod platforms;
mod report;

use std::io::{BufRead, BufReader};
use std::num::NonZero;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::command::line;
use crate::page;
use crate::setup::{self, Tools};
use crate::workspace::{self, cargo};
use bindings::Bindings;
use counts::Counts;
pub(crate) use platforms::run as check_platforms;
use report::{Report, StepOutcome, done, passes};

/// How many tests run at once, also on a machine with few cores: those from end
/// to end wait far more than they work.
const TEST_THREADS: usize = 8;

/// Runs every check, or only the tests whose names contain `filter`. Stops at
/// the first that fails.
pub(crate) fn run(filter: Option<&str>) -> Result<()> {
    let mut report = Report::default();
    let mut counts = Counts::default();
    let result = run_steps(filter, &mut report, &mut counts);
    report.print();
    if counts != Counts::default() {
        println!("\n{counts}");
    }
    report.print_skipped();
    result
}

fn run_steps(filter: Option<&str>, report: &mut Report, counts: &mut Counts) -> Result<()> {
    let mut tools = None;
    report.step("set-up", || {
        tools = Some(setup::for_test()?);
        Ok(StepOutcome::Passed)
    })?;
    let tools = tools.context("set-up leaves its tools")?;
    let bindings = Bindings::in_folder(workspace::target()?.join("bindings"));

    let only_tests = filter.is_some();
    if !only_tests {
        report.step("formatting", || {
            passes(cargo().args(["fmt", "--all", "--check"]))
        })?;
    }
    // The application embeds it, so there is neither lint nor build without.
    report.step("page", || done(page::build(&tools)))?;
    if !only_tests {
        report.step("types of the page", || {
            once(|| done(page::check_types(&tools)))
        })?;
        report.step("component tests", || {
            once(|| run_tests(page::tests(&tools), counts))
        })?;
        report.step("lints", || passes(&mut lints()))?;
        platforms::check_all(report)?;
    }
    // The same units as the tests use, so that nothing is built twice, and
    // with them the binaries that the end-to-end tests run.
    report.step("build", || {
        passes(cargo().args(["build", "--workspace", "--all-targets"]))
    })?;
    report.step("tests", || {
        let mut tests = tests(&tools, filter)?;
        bindings.have_written_by(&mut tests)?;
        let outcome = run_tests(tests, counts);
        if only_tests {
            counts.skipped = 0; // They are what the filter leaves out.
        }
        outcome
    })?;
    if !only_tests {
        report.step("bindings", || once(|| done(bindings.check())))?;
        report.step("documentation", || once(|| passes(&mut documentation())))?;
        report.step("licences and sources", || {
            once(|| licences::check_what_is_used(&tools))
        })?;
        report.step("advisories", || once(|| licences::check_advisories(&tools)))?;
    }
    Ok(())
}

/// Checks what is the same on every platform, on the one that checks everything.
fn once(check: impl FnOnce() -> Result<StepOutcome>) -> Result<StepOutcome> {
    if cfg!(target_os = "linux") {
        check()
    } else {
        Ok(StepOutcome::Skipped("Linux checks it"))
    }
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

/// The tests that any platform can run. The others start real programs, and for that they need D-Bus, a Secret Service,
/// X11 or Unix sockets, or the real keychain; or they write the page's types, which is done once.
const ANYWHERE: &str = "kind(lib) or package(tokenkeep-protocol)";

/// The Rust tests, and among them those of the two programs from end to end.
/// `.config/nextest.toml` says how long each may take.
fn tests(tools: &Tools, filter: Option<&str>) -> Result<Command> {
    let mut command = cargo();
    command
        .args(["nextest", "run", "--workspace", "--no-fail-fast"])
        .args(filter)
        // What it prints is read.
        .args(["--color", "never", "--show-progress", "none"]);
    if !cfg!(target_os = "linux") {
        command.args(["-E", ANYWHERE]);
    }
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = cores.max(TEST_THREADS).to_string();
    command.args(["--test-threads", &threads]);
    workspace::name_binaries(&mut command)?;
    tools.put_first(&mut command);
    Ok(command)
}

/// Runs tests, prints what they print, and adds up what it says.
fn run_tests(mut command: Command, counts: &mut Counts) -> Result<StepOutcome> {
    let line = line(&command);
    println!("$ {line}");
    // Some sum up on standard output, others on standard error.
    let (said, teller) = std::io::pipe()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(teller.try_clone()?)
        .stderr(teller)
        .spawn()
        .with_context(|| format!("`{line}` cannot be started"))?;
    // It has the pipe's other end, too.
    drop(command);
    let before = counts.passed;
    for text in BufReader::new(said).split(b'\n') {
        let text = text?;
        let text = String::from_utf8_lossy(&text);
        println!("{text}");
        counts.add(&text);
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    if counts.passed == before {
        bail!("no test was run");
    }
    Ok(StepOutcome::Passed)
}

fn documentation() -> Command {
    let mut command = cargo();
    command.args(["doc", "--workspace", "--no-deps", "--quiet"]);
    command.args(["--lib", "--bins"]).args(workspace::AS_TESTED);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}
