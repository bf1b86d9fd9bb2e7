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
//! For the application in the tray there is also a desktop, with a screen that
//! nobody sees and a panel that tests look at and click in:
//!
//! ```ignore
//! let desktop = Desktop::start();
//! let home = desktop.home();
//! let tray = Tray::start(&desktop, &home, &["--hidden"]);
//! tray.click(&["work", "Copy access token"]);
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
mod core_dumps;
mod desktop_session;
mod eventually;
mod fake_clock;
mod full_disk;
mod home;
mod keeper;
mod keyring;
mod logind;
mod open_files;
mod output;
mod own_network;
mod page;
mod panel;
mod process;
mod provider;
mod screen;
mod sign_in;
mod socket;
mod tray;
mod webdriver;
mod wiretap;

pub use binary::{tokenkeep_binary, tokenkeep_desktop_binary, tokenkeep_with_failpoints};
pub use bus::Bus;
pub use child::Child;
pub use desktop_session::Desktop;
pub use eventually::eventually;
pub use fake_clock::FakeClock;
pub use home::Home;
pub use keeper::Keeper;
pub use logind::Logind;
pub use output::Output;
pub use own_network::OwnNetwork;
pub use page::{Page, WayIn};
pub use panel::{Icon, MenuItem, Notification, Notifications};
pub use process::Process;
pub use provider::{Provider, Reply};
pub use screen::{Screen, Window};
pub use sign_in::{Decision, address_in, sign_in_title};
pub use socket::Connection;
pub use tray::Tray;
pub use wiretap::Wiretap;
