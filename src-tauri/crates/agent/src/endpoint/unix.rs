//! A Unix socket that only this user reaches: mode 0600 in a folder of mode 0700, and the kernel asked who connects.

use std::ffi::OsString;
use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use super::BindError;
use crate::peer::Peer;

/// A connection.
pub(crate) type Stream = UnixStream;

/// How long a program that holds the socket may take to accept; one that is merely busy is alive all the same.
const ALIVE_LIMIT: Duration = Duration::from_secs(1);
/// How long to wait after accepting failed, most often because there are too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// The listening socket; its file is removed with it.
pub(crate) struct SocketEndpoint {
    listener: UnixListener,
    user: u32,
    file: SocketFile,
    /// Accepting has failed since it last worked, which was logged.
    failing: bool,
}

impl SocketEndpoint {
    /// Listens at `path`. The socket file that a dead keeper left is replaced, a live one's never.
    pub(crate) async fn bind(path: &Path) -> Result<Self, BindError> {
        make_way(path).await?;
        let failed = |source| BindError::Io {
            path: path.to_owned(),
            source,
        };
        // Made under another name and renamed once it is closed to others: nobody finds it half-made.
        let unfinished = unfinished(path);
        remove_if_there(&unfinished).map_err(failed)?;
        let listener = UnixListener::bind(&unfinished).map_err(failed)?;
        fs::set_permissions(&unfinished, Permissions::from_mode(0o600)).map_err(failed)?;
        let file = SocketFile::of(path, &fs::symlink_metadata(&unfinished).map_err(failed)?);
        fs::rename(&unfinished, path).map_err(failed)?;
        Ok(Self {
            listener,
            user: own_user(),
            file,
            failing: false,
        })
    }

    /// The socket's path.
    pub(crate) fn path(&self) -> &Path {
        &self.file.path
    }

    /// The next connection of one of this user's programs.
    pub(crate) async fn accept(&mut self) -> (Stream, Peer) {
        loop {
            match self.try_accept().await {
                Ok(Some(accepted)) => return accepted,
                Ok(None) => {}
                Err(error) => self.failed(&error).await,
            }
        }
    }

    /// The next connection; none where it is another user's.
    async fn try_accept(&mut self) -> io::Result<Option<(Stream, Peer)>> {
        let (stream, _) = self.listener.accept().await?;
        if std::mem::take(&mut self.failing) {
            tracing::warn!("connections can be accepted again");
        }
        let peer = stream.peer_cred()?;
        if peer.uid() != self.user {
            tracing::warn!(uid = peer.uid(), "turned another user's connection away");
            return Ok(None);
        }
        let pid = peer.pid().and_then(|pid| pid.try_into().ok());
        Ok(Some((stream, Peer { pid })))
    }

    /// Logs the first of the failures in a row, and waits.
    async fn failed(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.failing, true) {
            tracing::warn!(%error, "cannot accept connections, and goes on trying");
        }
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

/// Connects to whoever listens at `path`, provided that it is this user's program.
pub(crate) async fn connect(path: &Path) -> io::Result<Stream> {
    let stream = UnixStream::connect(path).await?;
    check_user(stream.peer_cred()?.uid())?;
    Ok(stream)
}

/// The same without a runtime. A listener that does not get round to us, and then to what we send, is waited for as long
/// as `limit` says.
#[cfg(target_os = "linux")]
pub(crate) fn connect_and_wait(
    path: &Path,
    limit: Duration,
) -> io::Result<std::os::unix::net::UnixStream> {
    use rustix::net::sockopt::{Timeout, set_socket_timeout, socket_peercred};
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, socket_with};

    let stream = socket_with(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )?;
    set_socket_timeout(&stream, Timeout::Send, Some(limit))?;
    rustix::net::connect(&stream, &SocketAddrUnix::new(path)?)?;
    check_user(socket_peercred(&stream)?.uid.as_raw())?;
    Ok(stream.into())
}

fn check_user(listener: u32) -> io::Result<()> {
    if listener == own_user() {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        "another user's program listens there",
    ))
}

/// Makes sure that nothing at `path` would be lost by replacing it.
async fn make_way(path: &Path) -> Result<(), BindError> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => {
            return Err(BindError::Io {
                path: path.to_owned(),
                source,
            });
        }
    };
    if !found.file_type().is_socket() {
        return Err(BindError::NotASocket {
            path: path.to_owned(),
        });
    }
    match timeout(ALIVE_LIMIT, UnixStream::connect(path)).await {
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(Err(source)) => Err(BindError::Io {
            path: path.to_owned(),
            source,
        }),
        Ok(Ok(_)) | Err(_) => Err(BindError::InUse {
            path: path.to_owned(),
        }),
    }
}

/// One byte longer than `path`, so that it still fits where the path does.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push("~");
    name.into()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The file of our own socket, told from one that a later keeper may have put in its place.
struct SocketFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl SocketFile {
    fn of(path: &Path, metadata: &Metadata) -> Self {
        Self {
            path: path.to_owned(),
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours = fs::symlink_metadata(&self.path)
            .is_ok_and(|found| found.dev() == self.device && found.ino() == self.inode);
        if ours {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_owner_can_use_the_socket() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let _endpoint = SocketEndpoint::bind(&path).await.unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[tokio::test]
    async fn the_socket_of_a_dead_keeper_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        // A listener of the standard library leaves its file behind, as a killed process does.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        drop(std::os::unix::net::UnixListener::bind(unfinished(&path)).unwrap());
        let mut endpoint = SocketEndpoint::bind(&path).await.unwrap();
        let (accepted, connected) = tokio::join!(endpoint.accept(), connect(&path));
        connected.unwrap();
        assert_eq!(accepted.1.pid, Some(std::process::id()));
    }

    #[tokio::test]
    async fn the_socket_of_a_live_keeper_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let _live = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert!(matches!(
            SocketEndpoint::bind(&path).await,
            Err(BindError::InUse { .. })
        ));
        connect(&path).await.unwrap();
    }

    #[tokio::test]
    async fn a_file_that_is_no_socket_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        fs::write(&path, "precious").unwrap();
        assert!(matches!(
            SocketEndpoint::bind(&path).await,
            Err(BindError::NotASocket { .. })
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }

    #[tokio::test]
    async fn the_file_goes_with_the_socket_unless_it_is_another_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        drop(SocketEndpoint::bind(&path).await.unwrap());
        assert!(!path.exists());
        let first = SocketEndpoint::bind(&path).await.unwrap();
        fs::remove_file(&path).unwrap();
        let second = SocketEndpoint::bind(&path).await.unwrap();
        drop(first);
        assert!(second.path().exists());
    }
}
