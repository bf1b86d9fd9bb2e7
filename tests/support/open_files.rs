//! How many files a process may have open, which a test can make few.

use std::os::unix::net::UnixStream;

use rustix::process::{Resource, Rlimit, prlimit};

use crate::{Child, Home, tokenkeep_binary};

impl Home {
    /// Starts the keeper where it can have so many files open, and no more.
    pub fn serve_with_open_files(&self, limit: u64) -> Child {
        let program = tokenkeep_binary().display().to_string();
        let script = format!("ulimit -n {limit}; exec '{program}' serve --vault memory");
        self.start_program("/bin/sh", &["-c", &script])
    }

    /// Connects to the keeper and says nothing.
    ///
    /// # Panics
    /// When nobody listens.
    pub fn connect_idly(&self) -> UnixStream {
        UnixStream::connect(self.folder().join("agent.sock")).expect("the keeper listens")
    }
}

impl Child {
    /// Lets it open no file, and take no connection, beyond the first so many, of the `most` that it was started with.
    pub fn limit_open_files(&self, limit: u64, most: u64) {
        let limit = Rlimit {
            current: Some(limit),
            // Whoever lowered this could never raise it again.
            maximum: Some(most),
        };
        prlimit(Some(self.pid()), Resource::Nofile, limit).expect("the process is ours");
    }
}
