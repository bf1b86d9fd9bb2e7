//! Tokenkeep from end to end: the real binary, a real session bus, a real
//! keychain, and the practice provider.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is test code: a panic is how it reports"
)]

mod core_dumps;
mod crashes;
mod crowded;
mod homes;
mod keeping_fresh;
mod keychain;
mod leases;
mod one_keeper;
mod output;
mod removing;
mod secrecy;
mod sign_in;
mod socket_examples;
mod storage;
mod surroundings;
mod time;
mod verdicts;
mod weather;
mod wrong_input;
