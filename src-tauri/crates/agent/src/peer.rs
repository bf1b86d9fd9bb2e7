//! Who is at the other end of a connection.

#[cfg(target_os = "linux")]
mod sandbox;

use tokenkeep_keeper::config::AccountName;
#[cfg(target_os = "linux")]
use tokenkeep_oauth::printable;
use tokenkeep_protocol::account::Holder;

use crate::wire::LeaseBody;

/// The process at the other end, as far as the operating system says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Peer {
    /// Its process id.
    pub(crate) pid: Option<u32>,
}

impl Peer {
    /// Logs that a program in a sandbox asks for a token of this account.
    pub(crate) fn log_sandbox(self, account: &AccountName) {
        if !tracing::enabled!(tracing::Level::INFO) {
            return;
        }
        if let Some(sandbox) = self.pid.and_then(sandbox) {
            let program = self.pid.and_then(program);
            tracing::info!(%account, sandbox, program, "a program in a sandbox asks for a token");
        }
    }

    /// Who would hold the lease that the peer asks for: itself, or the process that it names. It is believed, because
    /// all of these processes belong to the same user.
    pub(crate) fn holder_of(self, lease: &LeaseBody) -> Holder {
        let pid = lease.pid.or(self.pid);
        Holder {
            pid,
            program: pid.and_then(program),
            sandbox: pid.and_then(sandbox),
            label: None,
        }
    }
}

/// The program's name as the kernel has it, at most 15 bytes. The program itself may have chosen any.
#[cfg(target_os = "linux")]
fn program(pid: u32) -> Option<String> {
    let name = std::fs::read(format!("/proc/{pid}/comm")).ok()?;
    let name = String::from_utf8_lossy(&name);
    let name = name.strip_suffix('\n').unwrap_or(&name).trim();
    (!name.is_empty()).then(|| printable(name).into_owned())
}

/// The sandbox that a process runs in, in words.
#[cfg(target_os = "linux")]
fn sandbox(pid: u32) -> Option<String> {
    let process = std::path::PathBuf::from(format!("/proc/{pid}"));
    Some(sandbox::Sandbox::of(&process)?.to_string())
}

#[cfg(not(target_os = "linux"))]
fn sandbox(_pid: u32) -> Option<String> {
    None
}

#[cfg(not(target_os = "linux"))]
fn program(_pid: u32) -> Option<String> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_named_after_its_program() {
        let holder = Peer {
            pid: Some(std::process::id()),
        }
        .holder_of(&LeaseBody::default());
        let program = holder.program.unwrap();
        let own = std::env::current_exe().unwrap();
        assert!(
            own.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with(&program),
            "{program}"
        );
    }

    #[test]
    fn a_process_that_asks_for_another_names_it() {
        let other = LeaseBody {
            pid: Some(1),
            ..LeaseBody::default()
        };
        let asking = Peer {
            pid: Some(std::process::id()),
        };
        let holder = asking.holder_of(&other);
        assert_eq!(holder.pid, Some(1));
        let init = std::fs::read_to_string("/proc/1/comm").unwrap();
        assert_eq!(holder.program.as_deref(), Some(init.trim_end()));
    }

    #[test]
    fn a_process_that_is_gone_has_no_name() {
        let gone = Peer {
            pid: Some(u32::MAX),
        };
        assert_eq!(gone.holder_of(&LeaseBody::default()).program, None);
    }
}
