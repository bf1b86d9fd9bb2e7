//! The HTTP client for token requests, against real servers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should say so"
)]

mod proxy;
mod replies;
mod requests;
mod support;
#[cfg(target_os = "linux")]
mod tls;
