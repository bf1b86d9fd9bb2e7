//! Failures between this machine and the provider, and whether the request may have arrived.

use crate::problem::{Problem, ProblemKind};
use crate::reply::Reply;
use crate::request_context::RequestContext;

/// Why no whole reply came. The HTTP client says which of these it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The host was not found.
    #[error("the host was not found")]
    Dns,
    /// No connection could be made.
    #[error("no connection could be made")]
    Connect,
    /// Making a connection took too long.
    #[error("making a connection took too long")]
    ConnectTimeout,
    /// No TLS connection could be made.
    #[error("no TLS connection could be made")]
    Tls,
    /// This process or this machine has too many files open to connect to anybody.
    #[error("there are too many open files")]
    TooManyOpenFiles,
    /// No whole reply came in time.
    #[error("no reply came in time")]
    Timeout,
    /// The connection broke off.
    #[error("the connection broke off")]
    ConnectionLost,
    /// The reply is longer than any token response.
    #[error("the reply is too long")]
    TooLong,
}

impl TransportError {
    /// What it means for the tokens.
    pub(crate) fn meaning(self, context: &RequestContext<'_>) -> Reply {
        let problem = Problem::new(self.kind(), self.words(context));
        match self {
            Self::Dns
            | Self::Connect
            | Self::ConnectTimeout
            | Self::Tls
            | Self::TooManyOpenFiles => Reply::NotSent(problem),
            Self::Timeout | Self::ConnectionLost | Self::TooLong => Reply::outcome_unknown(problem),
        }
    }

    fn kind(self) -> ProblemKind {
        match self {
            Self::Dns => ProblemKind::Dns,
            Self::Connect => ProblemKind::Connect,
            Self::ConnectTimeout => ProblemKind::ConnectTimeout,
            Self::Tls => ProblemKind::Tls,
            Self::TooManyOpenFiles => ProblemKind::TooManyOpenFiles,
            Self::Timeout => ProblemKind::Timeout,
            Self::ConnectionLost => ProblemKind::ConnectionLost,
            Self::TooLong => ProblemKind::TooLong,
        }
    }

    fn words(self, context: &RequestContext<'_>) -> String {
        let (title, host) = (&context.provider.title, context.host());
        let (next, in_doubt) = (context.next_step(), context.next_step_in_doubt());
        match self {
            Self::Dns => format!(
                "{host} was not found, so {title} was not asked. The network may be away, or the server's name is misspelt. {next}"
            ),
            Self::Connect => format!(
                "No connection to {host}, so {title} was not asked. The network, a proxy or the server may be down. {next}"
            ),
            Self::ConnectTimeout => format!(
                "{host} did not take the connection in time, so {title} was not asked. {next}"
            ),
            Self::Tls => format!(
                "{host} could not prove that it is {title}, so nothing was sent. A network's sign-in page, an inspecting proxy or a wrong clock can cause this. {next}"
            ),
            Self::TooManyOpenFiles => format!(
                "The keeper has too many open files to connect to {host}, so {title} was not asked; the network is not at fault. End programs that hold connections to the keeper, or let it open more files (`ulimit -n`). {next}"
            ),
            Self::Timeout => format!("{title} did not answer in time. {in_doubt}"),
            Self::ConnectionLost => {
                format!("The connection to {title} broke before the answer was there. {in_doubt}")
            }
            Self::TooLong => format!(
                "The answer from {host} was far longer than any token response, so it was not read. Something other than {title} may have answered. {in_doubt}"
            ),
        }
    }
}
