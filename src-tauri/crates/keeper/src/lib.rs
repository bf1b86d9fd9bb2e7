//! Tokenkeep's engine.

pub mod home;
pub mod journal;
pub mod vault;
mod worker;
