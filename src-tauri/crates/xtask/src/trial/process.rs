//! A process in the background whose lines are read as they come.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// The keeper's own ten seconds for a renewal in flight, and some.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// A child process, killed on drop.
pub(super) struct Background {
    child: Child,
    log: PathBuf,
    lines: Receiver<String>,
}

impl Background {
    /// Starts it, with its standard error in the file `log`.
    pub(super) fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(log)?)
            .spawn()
            .with_context(|| format!("`{}` cannot be started", crate::command::line(command)))?;
        let stdout = child.stdout.take().context("it is piped")?;
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(|line| line.ok()) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self {
            child,
            log: log.to_owned(),
            lines,
        })
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// What it has written to its standard error, in a sentence.
    pub(super) fn log(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        match log.trim() {
            "" => "it said nothing".to_owned(),
            log => format!("it said:\n{log}"),
        }
    }

    /// Waits for its next line; none when it ends or `limit` has passed.
    pub(super) fn next_line(&mut self, limit: Duration) -> Option<String> {
        self.lines.recv_timeout(limit).ok()
    }

    /// Its next line, if it has printed one.
    pub(super) fn line_now(&mut self) -> Option<String> {
        self.lines.try_recv().ok()
    }

    /// Asks it to end and waits until it has; where that cannot be asked, or
    /// is not heard, it is killed.
    pub(super) fn stop(mut self) {
        if !ask_to_end(&self.child) {
            return;
        }
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline && !self.has_ended() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[cfg(unix)]
fn ask_to_end(child: &Child) -> bool {
    use rustix::process::{Pid, Signal, kill_process};
    i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok())
}

#[cfg(not(unix))]
fn ask_to_end(_child: &Child) -> bool {
    false
}
