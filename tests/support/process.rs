//! Processes that something under test started, as `/proc` shows them.

mod memory;
mod usage;

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// A process of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    id: u32,
}

impl Process {
    /// The process with this id.
    pub fn with_id(id: u32) -> Self {
        Self { id }
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Whether it runs; one that has ended and was not waited for does not.
    pub fn is_running(&self) -> bool {
        self.stat().is_some_and(|(state, _)| state != "Z")
    }

    /// The processes that it started and that run.
    pub fn children(&self) -> Vec<Self> {
        running()
            .into_iter()
            .filter(|other| other.parent() == Some(self.id))
            .collect()
    }

    /// Its children, their children and so on.
    pub fn descendants(&self) -> Vec<Self> {
        let children = self.children();
        let further = children.iter().flat_map(Self::descendants);
        children.iter().copied().chain(further).collect()
    }

    /// Its command line, the arguments one to a line.
    pub fn command_line(&self) -> String {
        self.file("cmdline").replace('\0', "\n")
    }

    /// Its environment, the variables one to a line.
    pub fn environment(&self) -> String {
        self.file("environ").replace('\0', "\n")
    }

    /// The memory that it has filled itself, in kilobytes. What it shares with
    /// others, such as libraries, does not count: that varies with the others.
    pub fn own_memory(&self) -> u64 {
        let text = self.file("smaps_rollup");
        let mut lines = text.lines();
        lines
            .find_map(|line| line.strip_prefix("Anonymous:")?.strip_suffix(" kB"))
            .and_then(|number| number.trim().parse().ok())
            .expect("the kernel tells the memory of a process")
    }

    /// Ends it at once (SIGKILL), and nothing else.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Stops it from running (SIGSTOP): it hangs.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.id).ok().and_then(Pid::from_raw);
        let id = id.expect("a process id is a positive i32");
        kill_process(id, signal).expect("the process is ours");
    }

    fn parent(&self) -> Option<u32> {
        self.stat().map(|(_, parent)| parent)
    }

    /// State and parent. proc(5): they follow the name, which is in brackets
    /// and may hold any character.
    fn stat(&self) -> Option<(String, u32)> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id)).ok()?;
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
    }

    /// A file that the kernel shows for it; empty when it is gone.
    fn file(&self, name: &str) -> String {
        let bytes = fs::read(format!("/proc/{}/{name}", self.id)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn running() -> Vec<Process> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .map(Process::with_id)
        .filter(Process::is_running)
        .collect()
}
