//! Who is at the other end of a connection.

use tokenkeep_protocol::account::Holder;

use crate::wire::LeaseBody;

/// The process at the other end, as far as the operating system says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Peer {
    /// Its process id.
    pub(crate) pid: Option<u32>,
}

impl Peer {
    /// Who would hold the lease that the peer asks for: itself, or the process that it names. It is believed, because
    /// all of these processes belong to the same user.
    pub(crate) fn holder_of(self, lease: &LeaseBody) -> Holder {
        let pid = lease.pid.or(self.pid);
        Holder {
            pid,
            program: pid.and_then(program),
            label: None,
        }
    }
}

/// The program's name as the kernel has it, at most 15 bytes.
#[cfg(target_os = "linux")]
fn program(pid: u32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    let name = name.trim_end();
    (!name.is_empty()).then(|| name.to_owned())
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
