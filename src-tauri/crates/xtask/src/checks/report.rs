//! The steps of a check, timed and summed up.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::command::{self, line};

/// The value of the variable `CI` under which nothing may be skipped.
const STRICT: &str = "strict";

/// How a step that did not fail ended.
pub(super) enum StepOutcome {
    Passed,
    /// It could not be done here, and why.
    Skipped(&'static str),
}

/// What may not be skipped fails instead.
fn strictly(outcome: StepOutcome, ci: Option<&str>) -> Result<StepOutcome> {
    match outcome {
        StepOutcome::Skipped(why) if ci == Some(STRICT) => {
            bail!("it was skipped ({why}), and CI={STRICT} lets nothing be skipped")
        }
        outcome => Ok(outcome),
    }
}

/// A step that is a command.
pub(super) fn passes(command: &mut Command) -> Result<StepOutcome> {
    println!("$ {}", line(command));
    done(command::run(command))
}

/// A step that is not skipped.
pub(super) fn done(result: Result<()>) -> Result<StepOutcome> {
    result.map(|()| StepOutcome::Passed)
}

/// What was done, how it ended and how long it took.
#[derive(Default)]
pub(super) struct Report {
    rows: Vec<(&'static str, String, Duration)>,
}

impl Report {
    pub(super) fn step(
        &mut self,
        name: &'static str,
        act: impl FnOnce() -> Result<StepOutcome>,
    ) -> Result<()> {
        println!("\n== {name}");
        let started = Instant::now();
        let result =
            act().and_then(|outcome| strictly(outcome, std::env::var("CI").ok().as_deref()));
        let took = started.elapsed();
        let outcome = match &result {
            Ok(StepOutcome::Passed) => "passed".to_owned(),
            Ok(StepOutcome::Skipped(why)) => format!("skipped: {why}"),
            Err(_) => "FAILED".to_owned(),
        };
        println!("-- {name}: {outcome} ({})", seconds(took));
        self.rows.push((name, outcome, took));
        result
            .map(drop)
            .with_context(|| format!("the step \u{201c}{name}\u{201d} failed"))
    }

    /// Says last what was not checked, so that nobody takes the run for more than it was.
    pub(super) fn print_skipped(&self) {
        for (name, outcome, _) in &self.rows {
            if let Some(why) = outcome.strip_prefix("skipped: ") {
                println!("NOT CHECKED: {name}, because {why}.");
            }
        }
    }

    pub(super) fn print(&self) {
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
    fn a_step_that_fails_is_named_and_the_summary_has_it() {
        let mut report = Report::default();
        report.step("one", || Ok(StepOutcome::Passed)).unwrap();
        let error = report.step("two", || bail!("no luck")).unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "the step \u{201c}two\u{201d} failed: no luck"
        );
        let results: Vec<_> = report.rows.iter().map(|row| row.1.as_str()).collect();
        assert_eq!(results, ["passed", "FAILED"]);
    }

    #[test]
    fn what_was_skipped_fails_where_nothing_may_be() {
        let skipped = || StepOutcome::Skipped("there is no network");
        assert!(strictly(skipped(), None).is_ok());
        assert!(strictly(skipped(), Some("true")).is_ok());
        let error = strictly(skipped(), Some(STRICT)).err().unwrap();
        assert!(error.to_string().contains("there is no network"));
        assert!(strictly(StepOutcome::Passed, Some(STRICT)).is_ok());
    }
}
