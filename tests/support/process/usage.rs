//! What a process takes: processor time, memory, and how often it wakes.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use super::Process;

impl Process {
    /// How long it has computed so far, on all its threads, those that have ended included.
    pub fn cpu_time(&self) -> Duration {
        let stat = self.file("stat");
        let ticks = cpu_ticks(&stat).expect("the kernel tells the processor time of a process");
        let second = rustix::param::clock_ticks_per_second();
        Duration::from_secs_f64(ticks as f64 / second as f64)
    }

    /// The memory that it holds, shared or not, in bytes.
    pub fn resident_memory(&self) -> u64 {
        let kilobytes = number(&self.file("status"), "VmRSS:");
        kilobytes.expect("the kernel tells the memory of a process") * 1024
    }

    /// How often each of its threads has gone to sleep for something, and so was woken for it.
    pub fn wake_ups(&self) -> BTreeMap<u32, u64> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.id));
        threads
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|thread| {
                let id = thread.file_name().to_str()?.parse().ok()?;
                let status = fs::read_to_string(thread.path().join("status")).ok()?;
                Some((id, number(&status, "voluntary_ctxt_switches:")?))
            })
            .collect()
    }
}

/// User and system time, in ticks. proc(5): the 14th and 15th field, the name being the second.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// The number in a line of `status`, which begins with `name`.
fn number(status: &str, name: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse().ok()
}
