//! What cargo-deny says about the packages that are used.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::report::{StepOutcome, passes};
use crate::command::line;
use crate::setup::Tools;

/// How long fetching the advisories may take.
const FETCH_LIMIT: Duration = Duration::from_secs(120);
/// The words by which cargo-deny says that it could not fetch them.
const NOT_FETCHED: &str = "failed to fetch advisory database";

/// Licences, sources, and packages that are not wanted.
pub(super) fn check_what_is_used(tools: &Tools) -> Result<StepOutcome> {
    passes(&mut deny(tools, &["bans", "licenses", "sources"]))
}

fn deny(tools: &Tools, checks: &[&str]) -> Command {
    let mut command = tools.command("cargo-deny");
    command.arg("check").args(checks);
    command
}

/// Advisories need a database from the network. Where that cannot be had, the
/// step is skipped, never failed.
pub(super) fn check_advisories(tools: &Tools) -> Result<StepOutcome> {
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
                return Ok(StepOutcome::Skipped(
                    "the advisory database did not arrive in time",
                ));
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    let said = said.join().unwrap_or(Ok(String::new()))?;
    if said.contains(NOT_FETCHED) {
        return Ok(StepOutcome::Skipped(
            "the advisory database cannot be reached from here",
        ));
    }
    eprint!("{said}");
    if !status.success() {
        bail!("`{}` failed ({status})", line(&command));
    }
    Ok(StepOutcome::Passed)
}
