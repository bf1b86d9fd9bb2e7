//! Tokenkeep's engine: accounts, leases, schedule, lapses, vault, journal.
//!
//! The crate `protocol` decides what to do, without any I/O. [`keeper`] carries it out.

#[macro_use]
mod failpoint;

mod clock;
pub mod config;
pub mod core_dumps;
pub mod env_file;
pub mod home;
pub mod http;
pub mod journal;
pub mod keeper;
#[cfg(test)]
mod sentences;
pub mod vault;
mod worker;
