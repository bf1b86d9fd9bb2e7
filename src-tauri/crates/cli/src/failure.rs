//! Why a command failed, and the exit code that says so.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use tokenkeep_agent::ClientError;
use tokenkeep_agent::hosting::HostingError;
use tokenkeep_keeper::home::HomeError;
use tokenkeep_keeper::keeper::ErrorKind;

/// Why a command failed. Its message says in whole sentences what happened, what it means for the token, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// An argument, a file or an input is wrong; the message names it.
    #[error("{0}")]
    Usage(String),
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The request to the keeper failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Only a person can go on.
    #[error("{0}")]
    SignInNeeded(String),
    /// The keeper went away in the middle.
    #[error("{0}")]
    KeeperGone(String),
    /// The keeper cannot be started.
    #[error(transparent)]
    Hosting(#[from] HostingError),
    /// The other half of this program cannot be started.
    #[error(
        "This needs the program {program}, which cannot be started ({source}). It comes with `tokenkeep`: put the two \
         into one folder."
    )]
    NoDaemon {
        /// Where it should be.
        program: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The practice provider cannot be started.
    #[error("{0}")]
    Practice(String),
    /// The command to run is not there.
    #[error("{0}")]
    NoSuchCommand(String),
    /// The command to run cannot be run.
    #[error("{0}")]
    CannotRun(String),
    /// The person gave up.
    #[error("{0}")]
    GivenUp(&'static str),
    /// Nothing can be printed.
    #[error("The output cannot be written ({0}).")]
    Output(io::Error),
    /// The process cannot do its work at all.
    #[error("The operating system refuses what this command needs ({0}).")]
    Runtime(io::Error),
}

impl Failure {
    /// As `tokenkeep --help` lists them.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => 2,
            Self::SignInNeeded(_) => 4,
            Self::KeeperGone(_) => 6,
            // As shells have it.
            Self::NoSuchCommand(_) => 127,
            Self::CannotRun(_) => 126,
            Self::Client(error) => of_client(error),
            _ => 1,
        })
    }

    /// Whether the input was wrong, so that another input may work.
    pub(crate) fn is_wrong_input(&self) -> bool {
        match self {
            Self::Usage(_) => true,
            Self::Client(ClientError::Keeper(error)) => error.kind == ErrorKind::InvalidInput,
            _ => false,
        }
    }

    /// Whether the reader of our output has gone.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

fn of_client(error: &ClientError) -> u8 {
    match error {
        ClientError::NotRunning { .. } | ClientError::NotListening { .. } | ClientError::Lost => 6,
        ClientError::NoAnswer { .. } => 5,
        ClientError::Unreachable { .. } | ClientError::Protocol { .. } => 1,
        ClientError::Keeper(error) => match error.kind {
            ErrorKind::InvalidInput | ErrorKind::ValidityTooLong | ErrorKind::AccountExists => 2,
            ErrorKind::NoSuchAccount | ErrorKind::NoSuchLease => 3,
            ErrorKind::SignInNeeded
            | ErrorKind::SignInFailed
            | ErrorKind::NoSuchSignIn
            | ErrorKind::NeedsDesktop => 4,
            ErrorKind::NoToken
            | ErrorKind::TokenReplaced
            | ErrorKind::Misconfigured
            | ErrorKind::VaultUnavailable
            | ErrorKind::TooManyConnections
            | ErrorKind::Quitting => 5,
            ErrorKind::StorageUnavailable => 1,
        },
    }
}
