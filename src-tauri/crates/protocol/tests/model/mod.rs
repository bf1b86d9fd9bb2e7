//! A world for the keeper's heart to live in: real `Account`s and `Pace`s, driven as the runtime drives
//! them, against a model provider, a model vault, readers and faults, on a virtual clock.
//!
//! The same world serves random runs (`tests/simulation.rs`) and scripted ones (`tests/protocol/`).
//! Nothing in it reads a clock or the system's randomness: a seed is replayed exactly.

#![allow(dead_code, reason = "each test binary uses its own part of the world")]

pub(crate) mod checks;
pub(crate) mod disk;
pub(crate) mod errands;
pub(crate) mod faults;
pub(crate) mod history;
pub(crate) mod keeper;
pub(crate) mod network;
pub(crate) mod person;
pub(crate) mod provider;
pub(crate) mod readers;
pub(crate) mod report;
pub(crate) mod rivals;
pub(crate) mod vault;
pub(crate) mod world;
