//! A disk that is full for one process, which needs no disk of one's own.

use rustix::process::{Resource, Rlimit, prlimit};

use crate::{Child, Home, tokenkeep_binary};

impl Home {
    /// Starts the keeper on a disk that can be full.
    pub fn serve_on_disk(&self) -> Child {
        self.serve_after("")
    }

    /// Starts the keeper on a disk that is full already.
    pub fn serve_on_full_disk(&self) -> Child {
        self.serve_after("ulimit -S -f 0;")
    }

    /// A process that writes to a file more than it may gets a signal, which would end it. It
    /// is ignored here, so that the write fails, as it does on a full disk.
    fn serve_after(&self, first: &str) -> Child {
        let program = tokenkeep_binary().display().to_string();
        let script = format!("trap '' XFSZ; {first} exec '{program}' serve");
        self.start_program("/bin/sh", &["-c", &script])
    }
}

impl Child {
    /// Lets none of its writes to a file succeed.
    pub fn fill_disk(&self) {
        self.limit_files(Some(0));
    }

    /// Lets them succeed again.
    pub fn free_disk(&self) {
        self.limit_files(None);
    }

    fn limit_files(&self, bytes: Option<u64>) {
        let limit = Rlimit {
            current: bytes,
            maximum: None,
        };
        prlimit(Some(self.pid()), Resource::Fsize, limit).expect("the process is ours");
    }
}
