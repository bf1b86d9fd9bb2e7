//! What an error of the HTTP client says about the request: whether it may have arrived.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};

use tokenkeep_oauth::TransportError;

/// `EMFILE` and `ENFILE`; on Windows both are `WSAEMFILE`.
const TOO_MANY: i32 = if cfg!(windows) { 10_024 } else { 24 };
const TOO_MANY_IN_ALL: i32 = if cfg!(windows) { 10_024 } else { 23 };

/// Why a request could not be sent, or its reply not begun.
pub(super) fn of_sending(error: &reqwest::Error) -> TransportError {
    // Everything up to a finished TLS handshake counts as connecting, a proxy's CONNECT too:
    // not a byte of the request has left by then.
    if error.is_connect() {
        if has_too_many_open_files(error) {
            TransportError::TooManyOpenFiles
        } else if error.is_timeout() {
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

/// Whether rustls is at the bottom of it.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    is_caused_by(error, |cause| cause.is::<rustls::Error>())
}

/// Whether the operating system has no descriptor for a socket, this process's (`EMFILE`) or the machine's (`ENFILE`).
/// A resolver that could open no file says only that a name was not found.
fn has_too_many_open_files(error: &reqwest::Error) -> bool {
    // On Windows, both are the same.
    let numbers = [TOO_MANY, TOO_MANY_IN_ALL];
    let too_many = |error: &io::Error| error.raw_os_error().is_some_and(|it| numbers.contains(&it));
    let says_so = |cause: &(dyn Error + 'static)| cause.downcast_ref().is_some_and(too_many);
    let none_can_be_had =
        || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).is_err_and(|error| too_many(&error));
    is_caused_by(error, says_so) || (error.is_dns() && none_can_be_had())
}

/// Whether this holds for the error or one that it wraps. An `io::Error` hides the error that it wraps from `source()`, so
/// that one is looked into by hand.
fn is_caused_by(
    error: &(dyn Error + 'static),
    holds: impl Fn(&(dyn Error + 'static)) -> bool + Copy,
) -> bool {
    let wrapped = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    holds(error)
        || wrapped.is_some_and(|inner| is_caused_by(inner, holds))
        || error
            .source()
            .is_some_and(|source| is_caused_by(source, holds))
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
