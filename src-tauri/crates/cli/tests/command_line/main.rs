//! The real binary, against a real keeper and the practice provider, each a process of its own.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is test code: a panic is how it reports"
)]

mod errors;
mod home;
mod secrecy;
mod smoke;
mod windows;
