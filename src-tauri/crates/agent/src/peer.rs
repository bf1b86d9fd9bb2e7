//! Who is at the other end of a connection.

use tokenkeep_keeper::account::Holder;

/// The process at the other end, as far as the operating system tells.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Peer {
    /// Its process id.
    pub(crate) pid: Option<u32>,
}

impl Peer {
    /// The peer as the holder of a lease.
    pub(crate) fn holder(self) -> Holder {
        Holder {
            pid: self.pid,
            program: self.pid.and_then(program),
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
        .holder();
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
    fn a_process_that_is_gone_has_no_name() {
        assert_eq!(
            Peer {
                pid: Some(u32::MAX)
            }
            .holder()
            .program,
            None
        );
    }
}
