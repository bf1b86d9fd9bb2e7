//! Where a renewal stands.
//!
//! A renewal that kills the previous token goes through these stages; one that kills nothing passes
//! through them with the current token served throughout:
//!
//! ```text
//! Resting ──due, asked for, refused──▶ Asking ──pace──▶ Draining ──leases over──▶ Marking ──▶ Sending
//!    ▲                                                                                          │
//!    ├──────────── refused or never sent: the current token still lives ◀───────────────────────┤
//!    ├──────────── outcome unknown: in doubt, nobody is served, replay ◀────────────────────────┤
//!    └──────────── Saving: saved, then served ◀──────────────── tokens ◀────────────────────────┘
//! ```

use super::ids::AttemptId;
use super::policy::Method;
use super::token_set::TokenSet;
use crate::clock::Tick;
use crate::pace::Class;

/// Where a renewal stands, and how it gets on.
#[derive(Debug)]
pub(super) struct Phase(Stage);

/// Where a renewal stands.
#[derive(Debug)]
pub(super) enum Stage {
    /// The record has not been read from the vault yet.
    Loading(Load),
    /// Nothing is under way.
    Resting,
    /// Waiting for the pace of the client.
    Asking { class: Class },
    /// No reader is let in, and the last plain reads run out.
    Draining { method: Method },
    /// The vault is told that a refresh is about to go out.
    Marking,
    /// A request is out.
    Sending(Attempt),
    /// The next set was received and is being saved.
    Saving(Box<Arrival>),
    /// The account is gone; late answers are still tidied up.
    Removed,
}

/// How far the reading of the record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Load {
    /// It is to begin.
    Wanted,
    /// The vault was asked.
    Asked,
    /// It failed, and is tried again.
    Failed,
    /// It failed, and only a person can mend that.
    Hopeless,
}

/// A request that is out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    pub(super) attempt: AttemptId,
    pub(super) method: Method,
    /// From when on the tokens live that it brings.
    pub(super) lives_from: Tick,
}

/// A set that was received and is not current yet.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) set: TokenSet,
    pub(super) method: Method,
    pub(super) received_at: Tick,
}

impl Phase {
    /// The record is to be read first.
    pub(super) fn new() -> Self {
        Self(Stage::Loading(Load::Wanted))
    }

    pub(super) fn stage(&self) -> &Stage {
        &self.0
    }

    /// Reading the record gets on; that it is known is said by [`Phase::rest`].
    pub(super) fn load(&mut self, load: Load) {
        self.0 = Stage::Loading(load);
    }

    /// Nothing is under way any more; what was.
    pub(super) fn rest(&mut self) -> Stage {
        std::mem::replace(&mut self.0, Stage::Resting)
    }

    pub(super) fn wait_for_pace(&mut self, class: Class) {
        self.0 = Stage::Asking { class };
    }

    pub(super) fn drain(&mut self, method: Method) {
        self.0 = Stage::Draining { method };
    }

    pub(super) fn mark(&mut self) {
        self.0 = Stage::Marking;
    }

    pub(super) fn send(&mut self, request: Attempt) {
        self.0 = Stage::Sending(request);
    }

    pub(super) fn save(&mut self, arrival: Arrival) {
        self.0 = Stage::Saving(Box::new(arrival));
    }

    pub(super) fn remove(&mut self) {
        self.0 = Stage::Removed;
    }

    /// Whether the account does nothing but wait: for a reason to renew, or for the pace.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.0, Stage::Resting | Stage::Asking { .. })
    }

    /// Whether there is nothing to be told of the account: it is not known yet, or gone.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.0, Stage::Loading(_) | Stage::Removed)
    }

    /// By what a set is being obtained, from the moment that readers may notice.
    pub(super) fn method(&self) -> Option<Method> {
        match &self.0 {
            Stage::Draining { method } => Some(*method),
            Stage::Sending(request) => Some(request.method),
            Stage::Marking => Some(Method::Refresh),
            Stage::Saving(arrival) => Some(arrival.method),
            Stage::Loading(_) | Stage::Resting | Stage::Asking { .. } | Stage::Removed => None,
        }
    }

    /// The request that is out.
    pub(super) fn request(&self) -> Option<Attempt> {
        match self.0 {
            Stage::Sending(request) => Some(request),
            _ => None,
        }
    }
}
