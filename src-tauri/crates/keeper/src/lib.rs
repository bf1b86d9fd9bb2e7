//! Tokenkeep's engine.

pub mod config;
pub mod home;
pub mod journal;
pub mod vault;
mod worker;
