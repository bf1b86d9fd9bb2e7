//! Sessions that were replaced: they end at the provider once nobody uses their tokens.

use super::event::{Effect, Revocable};
use super::schedule::PLAIN_LEASE;
use super::token_set::TokenSet;
use super::{Account, Phase};
use crate::clock::Tick;

/// A session that was replaced and is to be ended once nobody uses its token.
#[derive(Debug)]
pub(super) struct Retiring {
    pub(super) token: Revocable,
    pub(super) generation: u64,
    pub(super) not_before: Tick,
}

impl Account {
    /// Ends the sessions that were replaced and that nobody uses any more.
    pub(super) fn retire(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        // Until the vault holds what came after them, a crash would need them again.
        if matches!(self.phase, Phase::Saving(_)) || self.unsaved.is_some() {
            return;
        }
        let leases = &self.leases;
        self.retiring.retain(|retiring| {
            let used = now < retiring.not_before || leases.hold_up_to(retiring.generation);
            if !used {
                fx.push(Effect::Revoke(retiring.token.clone()));
            }
            used
        });
    }

    /// Ends the session of a set that nobody got, as soon as a crash no longer needs it and nobody uses
    /// an earlier token of the same session.
    pub(super) fn let_go(&mut self, set: &TokenSet, now: Tick, fx: &mut Vec<Effect>) {
        let token = Revocable::session_of(set);
        if matches!(self.phase, Phase::Removed) {
            fx.push(Effect::Revoke(token));
            return;
        }
        self.retiring.push(Retiring {
            token,
            generation: self.generation,
            not_before: now + PLAIN_LEASE,
        });
    }
}

impl Revocable {
    /// The token by which a whole session is ended: the longest-lived one.
    pub(super) fn session_of(set: &TokenSet) -> Self {
        match &set.refresh_token {
            Some(token) => Revocable::Refresh(token.clone()),
            None => Revocable::Access(set.access_token.clone()),
        }
    }
}
