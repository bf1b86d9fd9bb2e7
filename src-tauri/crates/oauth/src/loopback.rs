//! Which addresses are this machine's own.

use url::{Host, Url};

/// Whether the URL's host is this machine: `127.0.0.0/8`, `::1` or `localhost` (RFC 8252
/// section 7.3 and 8.3). Only there may plain HTTP be spoken, and no proxy stands in between.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// Whether secrets may be sent to this URL: over TLS, or without leaving the machine.
pub fn is_private(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => is_loopback(url),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_private_on_this_machine_only() {
        for url in [
            "https://example.com",
            "http://127.0.0.1:1",
            "http://127.9.9.9",
            "http://[::1]/",
            "http://LOCALHOST",
        ] {
            assert!(is_private(&Url::parse(url).unwrap()), "{url}");
        }
        for url in [
            "http://example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "ftp://localhost",
        ] {
            assert!(!is_private(&Url::parse(url).unwrap()), "{url}");
        }
    }
}
