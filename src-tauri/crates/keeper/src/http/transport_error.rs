//! What an error of the HTTP client says about the request: whether it may have arrived.

use std::error::Error;

use tokenkeep_oauth::TransportError;

/// Why a request could not be sent, or its reply not begun.
pub(super) fn of_sending(error: &reqwest::Error) -> TransportError {
    // Everything up to a finished TLS handshake counts as connecting, a proxy's CONNECT too:
    // not a byte of the request has left by then.
    if error.is_connect() {
        if error.is_timeout() {
            TransportError::ConnectTimeout
        } else if error.is_dns() {
            TransportError::Dns
        } else if is_tls(error) {
            TransportError::Tls
        } else {
            TransportError::Connect
        }
    } else if error.is_builder() {
        TransportError::Connect
    } else {
        of_reading(error)
    }
}

/// Why a reply could not be read to its end.
pub(super) fn of_reading(error: &reqwest::Error) -> TransportError {
    if error.is_timeout() {
        TransportError::Timeout
    } else {
        TransportError::ConnectionLost
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
        assert_eq!(of_sending(&error), TransportError::Dns);
    }
}
