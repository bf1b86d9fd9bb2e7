//! What happened last, for the one who looks for the cause of a violation.

use std::collections::VecDeque;

use tokenkeep_protocol::clock::Tick;

/// The last steps. Nothing is formatted unless it is recorded: a failing seed is run again for it.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) recording: bool,
    /// How many steps are kept.
    pub(crate) kept: usize,
    lines: VecDeque<String>,
}

impl History {
    pub(crate) fn note(&mut self, now: Tick, line: impl FnOnce() -> String) {
        if !self.recording {
            return;
        }
        if self.lines.len() >= self.kept {
            self.lines.pop_front();
        }
        let seconds = now.as_millis() as f64 / 1000.0;
        self.lines.push_back(format!("{seconds:>12.3}  {}", line()));
    }

    pub(crate) fn lines(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }
}
