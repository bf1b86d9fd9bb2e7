//! Tokenkeep's engine: accounts, leases, schedule, lapses, vault, journal.
//!
//! [`account`] decides and does nothing; what it decides is carried out by [`keeper`].

#[macro_use]
mod failpoint;

pub mod account;
pub mod clock;
pub mod config;
pub mod env_file;
pub mod home;
pub mod http;
pub mod journal;
pub mod keeper;
pub mod pace;
pub mod vault;
mod worker;
