//! Tokenkeep in the tray, from end to end: the real application on a screen
//! that nobody sees, with a panel, notifications, a keychain and the practice
//! provider.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is test code: a panic is how it reports"
)]

mod copying;
mod crashes;
mod main_window;
mod menu;
mod notices;
mod scale;
mod secrecy;
mod signing_in;
mod starting;
mod surroundings;
