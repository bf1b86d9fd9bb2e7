//! The real binary, against a real keeper and the practice provider, each a process of its own.
#![cfg(unix)]

mod errors;
mod home;
mod secrecy;
mod smoke;
