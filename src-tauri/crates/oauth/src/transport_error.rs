//! What can go wrong between this machine and a provider, and whether the request may have
//! arrived.

use std::error::Error;

use crate::asked::Asked;
use crate::problem::{Problem, ProblemKind};
use crate::reply::Reply;

/// No whole reply came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TransportError {
    #[error("the endpoint is neither https nor on this machine")]
    Insecure,
    #[error("the host was not found")]
    Dns,
    #[error("no connection could be made")]
    Connect,
    #[error("making a connection took too long")]
    ConnectTimeout,
    #[error("no TLS connection could be made")]
    Tls,
    #[error("no reply came in time")]
    Timeout,
    #[error("the connection broke off")]
    ConnectionLost,
    #[error("the reply is too long")]
    TooLong,
}

impl TransportError {
    /// Why a request could not be sent, or its reply not begun.
    pub(crate) fn of_sending(error: &reqwest::Error) -> Self {
        // Everything up to a finished TLS handshake counts as connecting, a proxy's CONNECT too:
        // not a byte of the request has left by then.
        if error.is_connect() {
            if error.is_timeout() {
                Self::ConnectTimeout
            } else if error.is_dns() {
                Self::Dns
            } else if is_tls(error) {
                Self::Tls
            } else {
                Self::Connect
            }
        } else if error.is_builder() {
            Self::Connect
        } else {
            Self::of_reading(error)
        }
    }

    /// Why a reply could not be read to its end.
    pub(crate) fn of_reading(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::Timeout
        } else {
            Self::ConnectionLost
        }
    }

    /// What this means for the tokens.
    pub(crate) fn meaning(self, asked: &Asked<'_>) -> Reply {
        let problem = Problem::new(self.kind(), self.words(asked));
        match self {
            Self::Insecure => Reply::Misconfigured(problem),
            Self::Dns | Self::Connect | Self::ConnectTimeout | Self::Tls => Reply::NotSent(problem),
            Self::Timeout | Self::ConnectionLost | Self::TooLong => Reply::OutcomeUnknown(problem),
        }
    }

    fn kind(self) -> ProblemKind {
        match self {
            Self::Insecure => ProblemKind::InsecureEndpoint,
            Self::Dns => ProblemKind::Dns,
            Self::Connect => ProblemKind::Connect,
            Self::ConnectTimeout => ProblemKind::ConnectTimeout,
            Self::Tls => ProblemKind::Tls,
            Self::Timeout => ProblemKind::Timeout,
            Self::ConnectionLost => ProblemKind::ConnectionLost,
            Self::TooLong => ProblemKind::TooLong,
        }
    }

    fn words(self, asked: &Asked<'_>) -> String {
        let (title, host) = (&asked.provider.title, asked.host());
        let (next, in_doubt) = (asked.next(), asked.next_in_doubt());
        match self {
            Self::Insecure => format!(
                "Nothing was sent to {host}, because secrets would have gone there in the clear. Give the provider an address that begins with https://."
            ),
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

/// Whether rustls is at the bottom of it. An `io::Error` hides the error that it wraps from
/// `source()`, so that one is looked into by hand.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    if error.is::<rustls::Error>() {
        return true;
    }
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    wrapped.is_some_and(|inner| is_tls(inner)) || error.source().is_some_and(is_tls)
}

#[cfg(test)]
mod tests {
    use reqwest::dns::{Name, Resolve, Resolving};

    use super::*;
    use crate::http::tls;

    /// A resolver that knows no name, so that the test asks none on the network.
    struct NoNames;

    impl Resolve for NoNames {
        fn resolve(&self, _: Name) -> Resolving {
            Box::pin(async { Err("no such name".into()) })
        }
    }

    #[tokio::test]
    async fn a_name_that_is_not_found_is_told_from_other_failures_to_connect() {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls().unwrap())
            .no_proxy()
            .dns_resolver(NoNames)
            .build()
            .unwrap();
        let error = client
            .get("https://provider.invalid")
            .send()
            .await
            .unwrap_err();
        let error = TransportError::of_sending(&error);
        assert_eq!(error, TransportError::Dns);
    }
}
