//! Tokenkeep's engine.

pub mod home;
pub mod vault;
