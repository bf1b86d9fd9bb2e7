//! Where the agent listens, and how it is reached there: a Unix socket or a Windows named pipe.

use std::io;
use std::path::PathBuf;

use tokenkeep_keeper::home::HomeError;

#[cfg(unix)]
mod unix;
#[cfg(target_os = "linux")]
pub(crate) use unix::connect_and_wait;
#[cfg(unix)]
pub(crate) use unix::{SocketEndpoint as Endpoint, connect};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::{PipeEndpoint as Endpoint, connect};

/// Why the agent cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The home has no place for a socket.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// Somebody listens there already.
    #[error(
        "A program already listens at {path}, so no second keeper can. It is most likely a keeper: use it, or end it with `tokenkeep quit`."
    )]
    InUse {
        /// The socket's path, or the pipe's name.
        path: PathBuf,
    },
    /// Something that is not a socket has its name.
    #[error(
        "What is at {path} is not a socket, so the keeper cannot listen there and leaves it as it is. Move it away."
    )]
    NotASocket {
        /// The path.
        path: PathBuf,
    },
    /// The operating system refuses.
    #[error(
        "The keeper cannot listen at {path} ({source}), so it does not start. Check that its folder can be written."
    )]
    Io {
        /// The socket's path, or the pipe's name.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}
