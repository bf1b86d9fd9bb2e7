//! Notices that standard output is closed (`>&-`). Before `main`, Rust opens the null device in the place of a closed
//! stream, so that writing succeeds and the result is lost without a word.

use std::io;

/// An error if standard output was closed when this program was started.
#[cfg(unix)]
pub(crate) fn check() -> io::Result<()> {
    use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};

    let stdout = io::stdout();
    let (Ok(stat), Ok(null), Ok(flags)) = (
        fstat(&stdout),
        rustix::fs::stat("/dev/null"),
        fcntl_getfl(&stdout),
    ) else {
        return Ok(());
    };
    let is_null = FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice
        && stat.st_rdev == null.st_rdev;
    // `>/dev/null` opens it to write alone.
    if is_null && flags & OFlags::RWMODE == OFlags::RDWR {
        return Err(io::Error::other("standard output is closed"));
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn check() -> io::Result<()> {
    Ok(())
}
