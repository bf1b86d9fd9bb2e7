//! Tokenkeep's heart: how one account's token is kept fresh, and at what pace one client asks for tokens.
//!
//! Both are pure state machines. They do no I/O, read no clock and spawn nothing: time is passed in, and what is to be done
//! is handed back. The keeper runs them against real providers and keychains; the simulation in `tests/` runs the same
//! code through years of keeping in minutes.

pub mod account;
pub mod clock;
pub mod pace;
pub mod when;
