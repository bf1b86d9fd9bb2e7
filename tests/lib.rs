//! What the end-to-end tests share: a session bus with a real keychain, a home,
//! the practice provider, the keeper and the command line, each a real process.
//!
//! Every test starts its own and shares none, so tests run side by side:
//!
//! ```ignore
//! let bus = Bus::with_keyring();
//! let home = Home::on(&bus);
//! let provider = Provider::start(&["--access-token-ttl", "60"]);
//! let keeper = Keeper::start(&home, &[]);
//! home.tokenkeep(&["add", "work", "--env-file", &provider.env_file()]).succeeded();
//! let token = home.tokenkeep(&["get", "work"]).succeeded();
//! assert_eq!(provider.resource(&token).status, 200);
//! ```
//!
//! Whatever fails here fails the test at once, in words, so nothing returns a
//! `Result`. Everything that was started is ended on drop, also when a test
//! panics, and by the operating system when the test runner itself is killed.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "this is test code: a panic is how it reports"
)]

mod accounts;
mod binary;
mod bus;
mod child;
mod connections;
mod eventually;
mod home;
mod keeper;
mod keyring;
mod output;
mod provider;
mod sign_in;
mod socket;
mod wiretap;

pub use binary::tokenkeep_binary;
pub use bus::Bus;
pub use child::Child;
pub use eventually::eventually;
pub use home::Home;
pub use keeper::Keeper;
pub use output::Output;
pub use provider::{Provider, Reply};
pub use sign_in::{Decision, address_in};
pub use wiretap::Wiretap;
