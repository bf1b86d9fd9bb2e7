//! The folder of the user's login for what lasts as long as it, such as sockets.

use std::path::PathBuf;

/// The runtime folder of the user's login, for programs that do not have `XDG_RUNTIME_DIR`, such as those that `cron`
/// starts.
#[cfg(unix)]
pub(super) fn of_login() -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt;

    let user = rustix::process::geteuid().as_raw();
    let folder = PathBuf::from(format!("/run/user/{user}"));
    let found = folder.symlink_metadata().ok()?;
    (found.is_dir() && found.uid() == user).then_some(folder)
}

#[cfg(windows)]
pub(super) fn of_login() -> Option<PathBuf> {
    None
}
