//! The practice provider over real HTTP, sentence by sentence.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod authorize;
mod away;
mod faults;
mod fleet;
mod pages;
mod refresh;
mod resource;
mod revoke;
mod secrecy;
mod setup;
mod support;
mod throttle;
mod token;
