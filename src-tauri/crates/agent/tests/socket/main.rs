//! The socket, in front of a real keeper and the practice provider.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is test code: a panic is how it reports"
)]

mod agent;
mod desktop;
mod errors;
mod leases;
mod lifetime;
