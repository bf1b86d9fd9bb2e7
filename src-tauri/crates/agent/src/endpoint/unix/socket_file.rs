//! The file of our own socket: told from one that a later keeper has put in its place, and noticed when it is gone.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;

/// How often to look for the file, where the kernel does not tell of changes in its folder, and in case it misses one.
const PERIOD: Duration = Duration::from_secs(60);

/// The file of our own socket; it is removed with this.
pub(super) struct SocketFile {
    path: PathBuf,
    device: u64,
    inode: u64,
    #[cfg(target_os = "linux")]
    folder: Option<kernel::FolderChanges>,
}

impl SocketFile {
    /// The file that is to be at `path`; `metadata` is its own.
    pub(super) fn of(path: &Path, metadata: &Metadata) -> Self {
        Self {
            path: path.to_owned(),
            device: metadata.dev(),
            inode: metadata.ino(),
            #[cfg(target_os = "linux")]
            folder: kernel::FolderChanges::of(path)
                .inspect_err(
                    |error| tracing::info!(%error, "the kernel does not watch the socket's folder"),
                )
                .ok(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Done when the file is no longer there: removed, renamed, or replaced by another one.
    pub(super) async fn lost(&self) {
        while self.is_there() {
            let _ = timeout(PERIOD, self.changed()).await;
        }
    }

    fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.path)
            .is_ok_and(|found| found.dev() == self.device && found.ino() == self.inode)
    }

    /// Done when something has changed in the folder.
    async fn changed(&self) {
        #[cfg(target_os = "linux")]
        if let Some(folder) = &self.folder
            && folder.changed().await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.is_there() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    //! The kernel's reports about a folder (inotify(7)).

    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use async_io::Async;
    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
    use rustix::io::{Errno, read};

    /// Tells when names in a folder go away or are taken, and when the folder itself goes.
    pub(super) struct FolderChanges(Async<OwnedFd>);

    impl FolderChanges {
        /// The changes in the folder of `file`.
        pub(super) fn of(file: &Path) -> io::Result<Self> {
            let folder = file.parent().unwrap_or(file);
            let changes = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
            let names = WatchFlags::DELETE | WatchFlags::MOVED_FROM | WatchFlags::MOVED_TO;
            let itself = WatchFlags::DELETE_SELF | WatchFlags::MOVE_SELF;
            add_watch(&changes, folder, names | itself)?;
            Async::new_nonblocking(changes).map(Self)
        }

        /// Waits for changes. What they are does not matter, because a look follows.
        pub(super) async fn changed(&self) -> io::Result<()> {
            self.0.readable().await?;
            loop {
                match read(&self.0, &mut [0; 4096]) {
                    Ok(_) => {}
                    Err(Errno::AGAIN) => return Ok(()),
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
}
