//! The tokens that are current, and what is known against them.

use tokenkeep_oauth::{Fingerprint, RefreshToken};

use super::record::Record;
use super::refusal::Refusal;
use super::token_set::TokenSet;
use crate::clock::Tick;

/// The tokens that are current, and what is known against them.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// Counts the sets received.
    generation: u64,
    set: Option<TokenSet>,
    /// The provider refused the refresh token. It is kept all the same.
    refresh_rejected: bool,
    refusal: Refusal,
}

impl Tokens {
    /// What the vault held is current.
    pub(super) fn restore(&mut self, record: Record, now: Tick) {
        self.generation = record.generation;
        self.set = record.tokens.map(|set| set.not_from_the_future(now));
        self.refresh_rejected = record.refresh_rejected;
        self.refusal = Refusal::restored(record.refused);
    }

    /// The current set as the vault should hold it, with what is known against it.
    pub(super) fn record(&self) -> Record {
        Record {
            generation: self.generation,
            tokens: self.set.clone(),
            refresh_rejected: self.refresh_rejected,
            refused: self.refusal.since(),
            ..Record::default()
        }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// The current set, dead or alive.
    pub(super) fn current(&self) -> Option<&TokenSet> {
        self.set.as_ref()
    }

    /// The current set, where its access token lives.
    pub(super) fn alive(&self, now: Tick) -> Option<&TokenSet> {
        self.set.as_ref().filter(|set| set.lives(now))
    }

    pub(super) fn refresh_token(&self) -> Option<&RefreshToken> {
        self.set.as_ref().and_then(|set| set.refresh_token.as_ref())
    }

    pub(super) fn refresh_rejected(&self) -> bool {
        self.refresh_rejected
    }

    /// Whether the session is known or reported to be over.
    pub(super) fn session_over(&self) -> bool {
        self.refresh_rejected || self.refusal.since().is_some()
    }

    /// Whether the refresh token may bring another set. As a last resort even one past its announced end is
    /// worth a try, because clocks err.
    pub(super) fn are_refreshable(&self, last_resort: bool, now: Tick) -> bool {
        let worth = |set: &TokenSet| {
            set.has_live_refresh_token(now) || (last_resort && set.refresh_token.is_some())
        };
        !self.refresh_rejected && self.set.as_ref().is_some_and(worth)
    }

    /// Another set becomes the current one; the one before.
    pub(super) fn replace(&mut self, set: TokenSet, now: Tick) -> Option<TokenSet> {
        self.generation += 1;
        self.refresh_rejected = false;
        self.refusal.answered(now);
        self.set.replace(set)
    }

    /// The access token is dead, or about to be: nobody gets it any more.
    pub(super) fn die(&mut self, now: Tick) {
        if let Some(set) = &mut self.set {
            set.expires_at = set.expires_at.min(now);
        }
    }

    /// The provider refused the refresh token for good.
    pub(super) fn reject_refresh_token(&mut self) {
        self.refresh_rejected = true;
    }

    /// An API refused the token with this fingerprint, or else the current one. If that is the current one:
    /// its fingerprint, and whether this is news.
    pub(super) fn refuse(
        &mut self,
        fingerprint: Option<Fingerprint>,
        now: Tick,
    ) -> Option<(Fingerprint, bool)> {
        let current = self.set.as_ref()?.access_token.fingerprint();
        if fingerprint.is_some_and(|fingerprint| fingerprint != current) {
            return None;
        }
        Some((current, self.refusal.report(now)))
    }

    /// What was reported of the current access token.
    pub(super) fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// Whether there is a refresh token, good or not.
    pub(super) fn have_refresh_token(&self) -> bool {
        self.refresh_token().is_some()
    }

    /// The account is gone.
    pub(super) fn forget(&mut self) {
        self.set = None;
    }
}
