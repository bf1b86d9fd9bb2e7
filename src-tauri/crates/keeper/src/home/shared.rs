//! The folder that all homes of this user share, and whose folder one is.

use std::path::{Path, PathBuf};

use super::HomeError;

/// What other users may do with a folder of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// They may look into it.
    MayRead,
    /// It is closed to them.
    MayNotEnter,
}

/// A folder for what has to be in the same place whatever the environment says: every program of this user finds it, those
/// that `cron` starts, too. Others may be able to create folders in it.
pub(super) fn folder() -> PathBuf {
    if cfg!(windows) {
        return std::env::temp_dir();
    }
    super::runtime_folder::of_login().unwrap_or_else(|| PathBuf::from("/tmp"))
}

/// This user's number.
pub(super) fn user() -> u32 {
    #[cfg(unix)]
    return rustix::process::geteuid().as_raw();
    // There, the folder is this user's alone.
    #[cfg(not(unix))]
    0
}

/// Checks that the folder, if it is there, is ours and that others cannot do more in it.
#[cfg(unix)]
pub(super) fn check_owner(folder: &Path, others: Others) -> Result<(), HomeError> {
    use std::os::unix::fs::MetadataExt;

    // A home may be a symbolic link of its owner's. One that others could have put there may not.
    let found = match others {
        Others::MayRead => folder.metadata(),
        Others::MayNotEnter => folder.symlink_metadata(),
    };
    let found = match found {
        Ok(found) => found,
        // No keeper runs yet; it creates the folder.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => {
            return Err(HomeError::Io {
                path: folder.to_path_buf(),
                source,
            });
        }
    };
    let why = if !found.is_dir() {
        "is not a folder"
    } else if found.uid() != rustix::process::geteuid().as_raw() {
        "belongs to another user"
    } else if others == Others::MayNotEnter && found.mode() & 0o077 != 0 {
        "is open to other users"
    } else if found.mode() & 0o022 != 0 {
        "can be written by other users"
    } else {
        return Ok(());
    };
    Err(HomeError::NotOurs {
        path: folder.to_path_buf(),
        why,
    })
}

/// On Windows, the user's folders are closed to others.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
pub(super) fn check_owner(_folder: &Path, _others: Others) -> Result<(), HomeError> {
    Ok(())
}
