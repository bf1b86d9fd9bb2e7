//! The socket, in front of a real keeper and the practice provider.
#![cfg(unix)]

mod agent;
mod errors;
mod leases;
mod lifetime;
