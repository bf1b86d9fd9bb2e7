//! One keeper per home, by a lock file that the operating system unlocks when the keeper's process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use super::Home;

/// Why the home could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another keeper runs in this home.
    #[error(
        "A keeper is already running for this home{}. Use it, or end it first; a second home needs its own TOKENKEEP_HOME.",
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Held {
        /// The process that holds the lock, where it can be read.
        pid: Option<u32>,
    },
    /// The lock file cannot be used.
    #[error(
        "The keeper cannot lock {path} ({source}), so it does not start. Check that the folder can be written."
    )]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// How often, and with what pause, a lock is tried that somebody has. A program that only looks who has it, has it for a
/// moment itself.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(5);

/// The keeper that has a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunningKeeper {
    /// Its process, where it can be read.
    pub pid: Option<u32>,
}

/// The lock of a home. While it exists, no other process can be this home's keeper.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Locks the home for this process.
    ///
    /// # Errors
    /// When another keeper holds it, or the file cannot be opened or locked.
    pub fn take(home: &Home) -> Result<Self, LockError> {
        let path = home.lock_file();
        let io_error = |source| LockError::Io {
            path: path.clone(),
            source,
        };
        let mut options = OpenOptions::new();
        // Not truncated yet: until it is locked, the content is another keeper's.
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(io_error)?;
        match lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held {
                    pid: read_pid(&file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(io_error(source)),
        }
        let pid = std::process::id().to_string();
        // The pid only tells others who holds the lock, so that a full disk is no reason to fail.
        if let Err(error) = file
            .set_len(0)
            .and_then(|()| file.write_all(pid.as_bytes()))
        {
            tracing::warn!(%error, "the lock file {} cannot be written", path.display());
        }
        Ok(Self { _file: file })
    }

    /// The keeper that has the home, if one runs.
    #[must_use]
    pub fn holder(home: &Home) -> Option<RunningKeeper> {
        let file = File::open(home.lock_file()).ok()?;
        // Shared, so that those who look do not see each other.
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(RunningKeeper {
                pid: read_pid(&file),
            }),
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }
}

fn lock(file: &File) -> Result<(), TryLockError> {
    for _ in 1..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
    file.try_lock()
}

/// The pid of the lock's holder. None on Windows, where others cannot read a locked file.
fn read_pid(mut file: &File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_keeper_is_refused_and_told_who_holds_the_home() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let first = Lock::take(&home).unwrap();
        let error = Lock::take(&home).unwrap_err();
        if cfg!(unix) {
            assert!(
                error
                    .to_string()
                    .contains(&format!("process {}", std::process::id()))
            );
        }
        assert!(matches!(error, LockError::Held { .. }));
        drop(first);
        Lock::take(&home).unwrap();
    }

    #[test]
    fn the_keeper_that_has_the_home_is_known_as_long_as_it_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        assert_eq!(Lock::holder(&home), None);
        let lock = Lock::take(&home).unwrap();
        let own = cfg!(unix).then(std::process::id);
        assert_eq!(Lock::holder(&home), Some(RunningKeeper { pid: own }));
        drop(lock);
        assert_eq!(Lock::holder(&home), None);
    }

    #[test]
    fn what_a_dead_keeper_left_in_the_file_does_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        std::fs::write(home.lock_file(), "4294967295 and more than one pid is long").unwrap();
        let lock = Lock::take(&home).unwrap();
        assert_eq!(
            std::fs::read_to_string(home.lock_file()).unwrap(),
            std::process::id().to_string()
        );
        drop(lock);
    }

    #[test]
    fn a_home_that_is_not_there_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = Lock::take(&Home::at(folder.path().join("none"))).unwrap_err();
        assert!(error.to_string().contains("keeper.lock"), "{error}");
    }
}
