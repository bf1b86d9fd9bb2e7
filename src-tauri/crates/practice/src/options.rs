//! How a practice provider is set up.

use std::net::{Ipv4Addr, SocketAddr};

/// How a practice provider is set up. Every field has the default of the command `tokenkeep practice`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where to listen. Loopback only; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Life of an access token in seconds when the request asks for nothing; at least 1.
    ///
    /// What a request asks for in `access_token_ttl` is clamped to 600..=3600 s, as RingCentral does
    /// (docs/authentication/refresh-tokens.md). Below 600 this option wins over any request, so that somebody who
    /// wants to see short lives sees them with every client.
    pub access_token_ttl: u64,
    /// Life of a refresh token in seconds, and the most that a request's `refresh_token_ttl` gets.
    /// 0 issues none, like a RingCentral app whose setting "Issue refresh tokens" is off.
    pub refresh_token_ttl: u64,
    /// Token requests per minute and client before 429; 0 is no limit.
    pub rate_limit: u32,
    /// How many practice users there are; at least 1.
    pub users: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8642)),
            access_token_ttl: 3600,
            refresh_token_ttl: 604_800,
            rate_limit: 5,
            users: 1,
        }
    }
}
