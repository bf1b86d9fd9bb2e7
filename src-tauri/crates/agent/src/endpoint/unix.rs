//! A Unix socket that only this user reaches: mode 0600 in a folder of mode 0700, and the kernel asked who connects.

mod socket_file;

use std::ffi::OsString;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::time::{sleep, timeout};

use super::BindError;
use crate::peer::Peer;
use socket_file::SocketFile;

/// A connection.
pub(crate) type Stream = UnixStream;

/// How long a program that holds the socket may take to accept; one that is merely busy is alive all the same.
const ALIVE_LIMIT: Duration = Duration::from_secs(1);
/// How long to wait after accepting failed, most often because there are too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// How long to wait after the socket could not be bound anew.
const BIND_PAUSE: Duration = Duration::from_secs(5);

/// The listening socket; its file is removed with it, and put back where somebody else removes it.
pub(crate) struct SocketEndpoint {
    listener: UnixListener,
    user: u32,
    file: SocketFile,
    /// Accepting, or binding anew, has failed since it last worked, which was logged.
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
        self.file.path()
    }

    /// The next connection of one of this user's programs.
    pub(crate) async fn accept(&mut self) -> (Stream, Peer) {
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = self.file.lost() => {
                    self.bind_anew().await;
                    continue;
                }
            };
            match accepted.and_then(|(stream, _)| self.admit(stream)) {
                Ok(Some(admitted)) => return admitted,
                Ok(None) => {}
                Err(error) => {
                    self.failed(&error);
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Whose connection it is; none where it is another user's.
    fn admit(&mut self, stream: Stream) -> io::Result<Option<(Stream, Peer)>> {
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

    /// Listens at a new file, because nobody can reach the one before any more.
    async fn bind_anew(&mut self) {
        let path = self.path().to_owned();
        let made = make_folder(&path).map_err(|source| BindError::Io {
            path: path.clone(),
            source,
        });
        let bound = match made {
            Ok(()) => Self::bind(&path).await,
            Err(error) => Err(error),
        };
        match bound {
            Ok(anew) => {
                tracing::warn!("the socket's file was gone, so the keeper has made a new one");
                *self = anew;
            }
            Err(error) => {
                self.failed(&error);
                sleep(BIND_PAUSE).await;
            }
        }
    }

    /// Logs the first of the failures in a row.
    fn failed(&mut self, error: &impl std::fmt::Display) {
        if !std::mem::replace(&mut self.failing, true) {
            tracing::warn!(%error, "cannot accept connections, and goes on trying");
        }
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

fn check_user(user: u32) -> io::Result<()> {
    if user == own_user() {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        "it is another user's",
    ))
}

/// Makes the folder of a socket, where it is gone, too.
fn make_folder(socket: &Path) -> io::Result<()> {
    let folder = socket.parent().unwrap_or(socket);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    // Somebody else may have been there first.
    check_user(fs::symlink_metadata(folder)?.uid())
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
    async fn a_socket_whose_file_is_taken_away_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("folder").join("agent.sock");
        fs::create_dir(path.parent().unwrap()).unwrap();
        let mut endpoint = SocketEndpoint::bind(&path).await.unwrap();
        let removals: [fn(&Path); 4] = [
            |path| fs::remove_file(path).unwrap(),
            |path| fs::rename(path, path.with_extension("away")).unwrap(),
            |path| fs::remove_dir_all(path.parent().unwrap()).unwrap(),
            |path| {
                drop(std::os::unix::net::UnixListener::bind({
                    fs::remove_file(path).unwrap();
                    path
                }))
            },
        ];
        for remove in removals {
            remove(&path);
            let reach = async {
                while connect(&path).await.is_err() {
                    sleep(Duration::from_millis(5)).await;
                }
            };
            let reached = async { tokio::join!(endpoint.accept(), reach) };
            timeout(Duration::from_secs(20), reached).await.unwrap();
        }
        drop(endpoint);
        assert!(!path.exists());
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
