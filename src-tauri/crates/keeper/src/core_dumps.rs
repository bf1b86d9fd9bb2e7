//! Keeps secrets out of core dumps: a crash must not write the memory of a keeper, or of a command that has a token, to
//! disk.
//!
//! On Linux the process is not dumpable, so that neither the kernel nor a crash handler (`core_pattern`) gets its memory,
//! and other programs of the same user cannot read it either (`PR_SET_DUMPABLE`, proc(5)). Elsewhere on Unix only the
//! limit on the size of core files holds. Windows writes no dumps by itself.

/// Forbids core dumps of this process. A program that it starts may have its own; to give it the limit on core files that
/// this process was started with, start it by [`with_limit_lifted`].
///
/// A build for debugging can be told not to, by the environment variable `TOKENKEEP_DUMPABLE`: debuggers and tests that look
/// through memory need it, unless they run as root.
pub fn forbid() {
    if cfg!(debug_assertions) && std::env::var_os("TOKENKEEP_DUMPABLE").is_some() {
        return;
    }
    imp::forbid();
}

/// Runs `start`, which starts a program, under the limit on core files that this process was started with.
pub fn with_limit_lifted<T>(start: impl FnOnce() -> T) -> T {
    imp::with_limit_lifted(start)
}

#[cfg(unix)]
mod imp {
    use std::sync::OnceLock;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// The limit that this process was started with.
    static BEFORE: OnceLock<Rlimit> = OnceLock::new();

    pub(super) fn forbid() {
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{DumpableBehavior, set_dumpable_behavior};
            if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
                tracing::warn!(%error, "a crash of this process may write its memory to disk");
            }
        }
        let before = BEFORE.get_or_init(|| getrlimit(Resource::Core));
        set(Rlimit {
            current: Some(0),
            maximum: before.maximum,
        });
    }

    pub(super) fn with_limit_lifted<T>(start: impl FnOnce() -> T) -> T {
        let Some(before) = BEFORE.get() else {
            return start();
        };
        set(*before);
        let started = start();
        set(Rlimit {
            current: Some(0),
            maximum: before.maximum,
        });
        started
    }

    fn set(limit: Rlimit) {
        if let Err(error) = setrlimit(Resource::Core, limit) {
            tracing::warn!(%error, "the limit on core files cannot be set");
        }
    }
}

#[cfg(not(unix))]
mod imp {
    pub(super) fn forbid() {}

    pub(super) fn with_limit_lifted<T>(start: impl FnOnce() -> T) -> T {
        start()
    }
}
