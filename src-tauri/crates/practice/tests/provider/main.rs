//! The practice provider over real HTTP, sentence by sentence.

mod authorize;
mod away;
mod faults;
mod fleet;
mod pages;
mod refresh;
mod resource;
mod revoke;
mod secrecy;
mod setup;
mod support;
mod throttle;
mod token;
