//! What a finished command said.

use std::fmt;

/// A finished command: how it exited and what it printed.
#[derive(Clone)]
pub struct Output {
    pub(crate) command: String,
    /// The exit code. A command that a signal ended has 128 plus the signal's
    /// number, as a shell reports it.
    pub code: i32,
    /// Standard output, whole.
    pub stdout: String,
    /// Standard error, whole.
    pub stderr: String,
}

impl Output {
    /// Standard output without its last line break; panics unless the command
    /// exited with 0.
    #[track_caller]
    pub fn succeeded(&self) -> String {
        self.exited(0);
        self.stdout.trim_end_matches('\n').to_owned()
    }

    /// Panics unless the command exited with `code`, and returns itself.
    #[track_caller]
    pub fn exited(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "wrong exit code\n{self}");
        self
    }

    /// Standard output read as JSON; panics unless the command exited with 0.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        let text = self.succeeded();
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("no JSON ({e})\n{self}"))
    }

    /// Both streams together, to look for what must not be there.
    pub fn everything(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "$ {}\nexit code {}\n--- standard output\n{}\n--- standard error\n{}",
            self.command, self.code, self.stdout, self.stderr
        )
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
