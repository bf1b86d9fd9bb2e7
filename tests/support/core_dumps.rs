//! Core dumps of the processes of a test.

use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, Signal, kill_process, prlimit};

use crate::{Child, eventually};

impl Child {
    /// The largest core file that it may leave, in bytes.
    ///
    /// # Panics
    /// When it has ended.
    pub fn core_file_limit(&self) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/limits", self.id()));
        let text = text.expect("it runs");
        let line = text
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let soft = line.and_then(|line| line.split_whitespace().nth(4));
        soft.and_then(|soft| soft.parse().ok()).unwrap_or(u64::MAX)
    }

    /// Lets it leave a core file of any size, as a system may that is set up so.
    ///
    /// # Panics
    /// When its hard limit does not allow that.
    pub fn allow_core_dumps(&self) {
        let own = prlimit(
            Some(self.pid()),
            Resource::Core,
            Rlimit {
                current: None,
                maximum: None,
            },
        );
        own.expect("core dumps can be allowed");
    }

    /// Has it crash (SIGABRT). Whether the system dumped its memory.
    #[track_caller]
    pub fn crashes_with_a_core_dump(&mut self, limit: Duration) -> bool {
        kill_process(self.pid(), Signal::ABORT).expect("it runs");
        eventually("it has crashed", limit, || {
            (!self.is_running()).then_some(())
        });
        let status = self.status.expect("it has ended");
        assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()));
        status.core_dumped()
    }
}
