//! A reply as it came, before anybody has read it.

use std::fmt;

use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode};
use zeroize::Zeroizing;

/// A reply as it came. Prints its status and length only.
pub struct RawReply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, whole. Wiped when dropped, because it may hold tokens.
    pub body: Zeroizing<Vec<u8>>,
    /// When it came, by this machine's clock.
    pub received_at: DateTime<Utc>,
}

impl fmt::Debug for RawReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawReply({}, {} bytes)", self.status, self.body.len())
    }
}
