//! This machine's own addresses, and which URLs may carry secrets.

use url::{Host, Url};

/// Whether the URL's host is this machine: `127.0.0.0/8`, `::1` or `localhost` (RFC 8252
/// sections 7.3 and 8.3). Only there is plain HTTP allowed, and no proxy used.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// Whether this URL may carry secrets: over TLS, or without leaving the machine.
pub fn may_carry_secrets(url: &Url) -> bool {
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
    fn plain_http_may_carry_secrets_on_this_machine_only() {
        for url in [
            "https://example.com",
            "http://127.0.0.1:1",
            "http://127.9.9.9",
            "http://[::1]/",
            "http://LOCALHOST",
        ] {
            assert!(may_carry_secrets(&Url::parse(url).unwrap()), "{url}");
        }
        for url in [
            "http://example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "ftp://localhost",
        ] {
            assert!(!may_carry_secrets(&Url::parse(url).unwrap()), "{url}");
        }
    }
}
