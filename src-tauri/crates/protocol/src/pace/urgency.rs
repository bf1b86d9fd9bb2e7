//! How urgently a request is wanted, and on whose behalf.

use crate::clock::Tick;

/// How urgently a request is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Urgency {
    /// When the current token dies: the soonest goes first.
    pub dies_at: Tick,
    /// On whose behalf.
    pub class: Class,
}

/// On whose behalf a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Ahead of time, by the schedule.
    Background,
    /// To find out what became of an attempt: nobody is served until it is known.
    Doubt,
    /// A person asked.
    Person,
}
