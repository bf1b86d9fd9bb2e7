//! Tokenkeep's engine: accounts, leases, schedule, lapses, vault, journal.
//!
//! The crate `protocol` decides and does nothing; what it decides is carried out here, by [`keeper`].

#[macro_use]
mod failpoint;

mod clock;
pub mod config;
pub mod env_file;
pub mod home;
pub mod http;
pub mod journal;
pub mod keeper;
pub mod vault;
mod worker;
