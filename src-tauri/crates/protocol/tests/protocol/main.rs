//! The renewal protocol, sentence by sentence, in scripted worlds. The promises of README.md are
//! checked at every step here, too.

#[path = "../model/mod.rs"]
mod model;

mod deadlines;
mod doubt;
mod heart;
mod leases;
mod marks;
mod notices;
mod readers;
mod returning_holders;
mod saving;
mod schedule;
mod sessions;
mod support;
mod verdicts;
