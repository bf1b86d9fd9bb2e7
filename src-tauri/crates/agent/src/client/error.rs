//! Why a request failed.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokenkeep_keeper::keeper::{KeeperError, in_words};

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens at the socket.
    #[error(
        "No keeper is running (nobody listens at {socket}), so tokens are neither kept fresh nor handed out. \
         Start one with `tokenkeep serve`, or start the Tokenkeep application."
    )]
    NotRunning {
        /// The socket.
        socket: PathBuf,
    },
    /// A keeper runs, but nobody listens at its socket.
    #[error(
        "A keeper is running{}, but nobody listens at its socket {socket}, so it cannot be asked; it keeps tokens fresh \
         all the same. It is just starting or ending, or the socket was removed, and it makes a new one within a minute. \
         Try again then.",
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    NotListening {
        /// The socket.
        socket: PathBuf,
        /// The keeper's process, where it is known.
        pid: Option<u32>,
    },
    /// The operating system does not let us connect.
    #[error(
        "The keeper at {socket} cannot be reached ({source}). Check who owns that file, and that TOKENKEEP_HOME is yours."
    )]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The keeper answered with an error.
    #[error(transparent)]
    Keeper(KeeperError),
    /// The keeper ended, or the connection broke, before the answer came.
    #[error(
        "The keeper ended before it answered. What was under way is taken up again when it is started: `tokenkeep serve`."
    )]
    Lost,
    /// The keeper did not answer in time.
    #[error(
        "The keeper did not answer within {}, so it is not known whether it did what was asked. \
         It may be stopped or overloaded: look at it, or end it and start it again with `tokenkeep serve`.",
        in_words(*.after)
    )]
    NoAnswer {
        /// How long it was waited for.
        after: Duration,
    },
    /// The answer is not one of a keeper of this version.
    #[error(
        "What listens at the keeper's socket answered with something else than a keeper of this version does ({why}). \
         If Tokenkeep was just updated, end the keeper with `tokenkeep quit` and start it again."
    )]
    Protocol {
        /// What is wrong with it, without quoting it, as a clause.
        why: String,
    },
}
