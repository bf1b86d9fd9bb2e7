//! Sessions that were replaced: they end at the provider once nobody uses their tokens.

use tokenkeep_oauth::Revocable;

use super::effect::Effect;
use super::schedule::PLAIN_LEASE;
use super::token_set::TokenSet;
use super::{Account, Stage};
use crate::clock::Tick;
use crate::when::When;

/// A session that was replaced and is to be ended once nobody uses its token.
#[derive(Debug)]
struct ReplacedSession {
    token: Revocable,
    /// Its last set's number.
    generation: u64,
    not_before: Tick,
}

/// The sessions that were replaced and still go on at the provider.
#[derive(Debug, Default)]
pub(super) struct Replaced(Vec<ReplacedSession>);

impl Replaced {
    /// A session was replaced at `now`, whose last set had this number.
    fn add(&mut self, token: Revocable, generation: u64, now: Tick) {
        self.0.push(ReplacedSession {
            token,
            generation,
            not_before: now + PLAIN_LEASE,
        });
    }

    /// A token of these sessions was handed out until `now`.
    fn read_until(&mut self, now: Tick) {
        for session in &mut self.0 {
            session.not_before = session.not_before.max(now + PLAIN_LEASE);
        }
    }

    fn take(&mut self) -> Vec<ReplacedSession> {
        std::mem::take(&mut self.0)
    }

    /// The account is gone: by what all of them are ended at once.
    pub(super) fn end_all(&mut self) -> impl Iterator<Item = Effect> + use<> {
        let sessions = self.take().into_iter();
        sessions.map(|session| Effect::Revoke(session.token))
    }
}

impl Account {
    /// When the next replaced session is to be ended.
    pub(super) fn session_ends(&self, now: Tick) -> When {
        // Until the vault holds what came after them, a crash would need them again.
        if matches!(self.phase.stage(), Stage::Saving(_)) || self.writes.is_unsaved() {
            return When::Never;
        }
        let ends = self
            .replaced
            .0
            .iter()
            .map(|session| self.ends(session, now));
        ends.min().unwrap_or(When::Never)
    }

    /// When nobody uses a token of this session any more.
    fn ends(&self, session: &ReplacedSession, now: Tick) -> When {
        let leased = self.readers.leases.hold_up_to(session.generation);
        When::from(session.not_before, now).and(When::only_if(!leased))
    }

    /// Ends the sessions that were replaced and that nobody uses any more.
    pub(super) fn end_replaced_sessions(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        if !self.session_ends(now).is_now() {
            return;
        }
        for session in self.replaced.take() {
            if self.ends(&session, now).is_now() {
                fx.push(Effect::Revoke(session.token));
            } else {
                self.replaced.0.push(session);
            }
        }
    }

    /// The current set, the one of this number, was replaced by one of another session, which is ended by this token.
    pub(super) fn end_session(&mut self, token: Revocable, generation: u64, now: Tick) {
        // The old token was handed out until now, whatever else ends with its session.
        self.replaced.read_until(now);
        self.replaced.add(token, generation, now);
    }

    /// Ends the session of a set that nobody got, as soon as a crash no longer needs it and nobody uses
    /// an earlier token of the same session.
    pub(super) fn let_go(&mut self, set: &TokenSet, now: Tick, fx: &mut Vec<Effect>) {
        let token = set.revocable();
        if matches!(self.phase.stage(), Stage::Removed) {
            fx.push(Effect::Revoke(token));
            return;
        }
        self.replaced.add(token, self.tokens.generation(), now);
    }
}
