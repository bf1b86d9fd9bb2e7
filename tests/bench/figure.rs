//! One line of the report.

use serde::Serialize;
use serde_json::Value;

/// What was measured, and whether that is as good as it is to be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) what: String,
    /// What came out, in words.
    pub(crate) figure: String,
    /// What is to come out, in words.
    pub(crate) goal: String,
    /// Whether it did.
    pub(crate) reached: Reached,
    /// The numbers behind it, for programs.
    pub(crate) detail: Value,
}

/// Whether a goal was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reached {
    /// It was.
    Yes,
    /// It was missed.
    No,
    /// There is nothing here to measure, and the figure says what is missing.
    Unmeasured,
    /// Measuring it went wrong, and the figure says how.
    Failed,
}

impl From<bool> for Reached {
    fn from(reached: bool) -> Self {
        if reached { Self::Yes } else { Self::No }
    }
}

impl Reached {
    /// As the table has it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "NO",
            Self::Unmeasured => "-",
            Self::Failed => "FAILED",
        }
    }
}

impl Figure {
    /// A figure that cannot be had here, and why.
    pub(crate) fn unmeasured(what: &str, goal: &str, why: &str) -> Self {
        Self::without(what, goal, why, Reached::Unmeasured)
    }

    /// A figure that should have been had, and what went wrong.
    pub(crate) fn failed(what: &str, why: &str) -> Self {
        Self::without(what, "", why, Reached::Failed)
    }

    fn without(what: &str, goal: &str, why: &str, reached: Reached) -> Self {
        // A table has lines of its own.
        let why: Vec<_> = why.lines().map(str::trim).collect();
        Self {
            what: what.to_owned(),
            figure: format!("not measured: {}", why.join(" ")),
            goal: goal.to_owned(),
            reached,
            detail: Value::Null,
        }
    }
}
