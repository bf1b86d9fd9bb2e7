//! One keeper per home, by a lock file that the operating system unlocks when the keeper's process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::shared::{self, Others};
use super::{Home, HomeError, create_private};

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
    /// Another keeper uses this home's keychain items, from a home that lies elsewhere.
    #[error(
        "A keeper in another folder uses the same keychain items{}. Two would end each other's tokens, so this one does not start. See whether the home was copied, and end the other keeper.",
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    SameItems {
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
    file: File,
    /// The file that is removed with the lock, so that there is not one left of every home that ever was.
    removed: Option<PathBuf>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(path) = &self.removed {
            // Whoever has opened it already finds out that it is gone. If it stays, it does no harm.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Lock {
    /// Locks the home for this process.
    ///
    /// # Errors
    /// When another keeper holds it, or the file cannot be opened or locked.
    pub fn take(home: &Home) -> Result<Self, LockError> {
        Self::on(&home.lock_file(), |pid| LockError::Held { pid })
    }

    /// Locks the keychain items of the home with this id, wherever it lies.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub fn take_items(home_id: &str) -> Result<Self, LockError> {
        let user = shared::user();
        let folder = shared::folder().join(format!("tokenkeep-{user}-homes"));
        let unusable = |error: HomeError| LockError::Io {
            path: folder.clone(),
            source: io::Error::other(error.to_string()),
        };
        create_private(&folder).map_err(unusable)?;
        shared::check_owner(&folder, Others::MayNotEnter).map_err(unusable)?;
        let path = folder.join(format!("{}.lock", home_id));
        loop {
            let mut lock = Self::on(&path, |pid| LockError::SameItems { pid })?;
            if is_at(&lock.file, &path) {
                lock.removed = Some(path);
                return Ok(lock);
            }
            // Its last holder removed it in the meantime.
        }
    }

    fn on(path: &Path, held: fn(Option<u32>) -> LockError) -> Result<Self, LockError> {
        let io_error = |source| LockError::Io {
            path: path.to_path_buf(),
            source,
        };
        let mut options = OpenOptions::new();
        // Not truncated yet: until it is locked, the content is another keeper's.
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(io_error)?;
        match lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(held(read_pid(&file)));
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
        Ok(Self {
            file,
            removed: None,
        })
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

/// Whether this is the file at that path still.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let inode = |found: std::fs::Metadata| (found.dev(), found.ino());
    file.metadata().ok().map(inode) == path.metadata().ok().map(inode)
}

/// On Windows, a file that is open cannot be removed.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
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
    fn two_homes_with_the_same_items_have_one_keeper() {
        let folder = tempfile::tempdir().unwrap();
        let identity = Home::at(folder.path()).identity().unwrap();
        let first = Lock::take_items(identity.id()).unwrap();
        let error = Lock::take_items(identity.id()).unwrap_err();
        assert!(matches!(error, LockError::SameItems { .. }), "{error}");
        let path = first.removed.clone().unwrap();
        drop(first);
        assert!(!path.exists(), "nothing is left of it");
        Lock::take_items(identity.id()).unwrap();
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
