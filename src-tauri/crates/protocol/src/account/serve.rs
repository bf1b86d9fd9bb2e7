//! Who is answered, with what, and who waits.

use std::time::Duration;

use tokenkeep_oauth::Fingerprint;

use super::event::{Effect, Entry, Method};
use super::lease::Leases;
use super::reader::{Answer, Handout, Newer, Reader, Refusal, Why};
use super::schedule::{PLAIN_LEASE, longest_validity};
use super::{Account, Need, Phase, TokenSet, Waiting};
use crate::clock::Tick;

impl Account {
    pub(super) fn ask(&mut self, reader: Reader, now: Tick, fx: &mut Vec<Effect>) {
        let newer_than = match &reader.want.newer {
            Some(Newer::Refused(token)) => self.refused(Some(*token), fx),
            Some(Newer::CurrentRefused) => self.refused(None, fx),
            Some(Newer::Than(generation)) => Some(*generation),
            Some(Newer::Asked | Newer::SignIn) => {
                if self.policy.assertion.is_some() {
                    // A person asks for another try: the provider may think otherwise by now.
                    self.need = None;
                }
                Some(self.generation)
            }
            None => None,
        };
        self.readers.push(Waiting {
            reader,
            asked_at: now,
            newer_than,
        });
    }

    /// An API refused `token`, or else the current one: where it is the current one, it is renewed, once.
    fn refused(&mut self, token: Option<Fingerprint>, fx: &mut Vec<Effect>) -> Option<u64> {
        let current = self.held.as_ref()?.access_token.fingerprint();
        if token.is_some_and(|token| token != current) {
            return None;
        }
        if self.refused != Some(self.generation) {
            self.refused = Some(self.generation);
            fx.push(Effect::Journal(Entry::TokenRefused { token: current }));
        }
        Some(self.generation)
    }

    /// Answers every reader that can be answered now.
    pub(super) fn serve(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        for waiting in std::mem::take(&mut self.readers) {
            match self.verdict(&waiting, now) {
                Some(answer) => {
                    let reader = waiting.reader.id;
                    let answer = match answer {
                        Verdict::Serve => self.hand_out(waiting.reader, now),
                        Verdict::Refuse(refusal) => Answer::None(refusal),
                    };
                    fx.push(Effect::Answer { reader, answer });
                }
                None => self.readers.push(waiting),
            }
        }
    }

    fn verdict(&self, waiting: &Waiting, now: Tick) -> Option<Verdict> {
        if matches!(self.phase, Phase::Removed) {
            return Some(Verdict::Refuse(Refusal::Removed));
        }
        if self.quitting {
            return Some(Verdict::Refuse(Refusal::Quitting));
        }
        let asked = validity_asked(&waiting.reader);
        if let Some(held) = &self.held {
            if waiting
                .taken_up()
                .is_some_and(|token| token != held.access_token.fingerprint())
            {
                return Some(Verdict::Refuse(Refusal::Replaced));
            }
            let (lifetime, longest) = (held.lifetime(), longest_validity(held.lifetime()));
            if asked > longest {
                return Some(Verdict::Refuse(Refusal::TooLong { lifetime, longest }));
            }
            if self.is_servable(now) && self.contents(held, waiting, now) {
                return Some(Verdict::Serve);
            }
        }
        if let Some(refusal) = self.hopeless(now) {
            return Some(Verdict::Refuse(refusal));
        }
        let out_of_time = waiting.reader.deadline <= now;
        out_of_time.then(|| Verdict::Refuse(Refusal::OutOfTime(self.why(now))))
    }

    /// Whether the current token may be given to anybody: it lives, it is not being replaced by a
    /// renewal that kills it, and no doubt hangs over it (invariant 1).
    pub(super) fn is_servable(&self, now: Tick) -> bool {
        let being_killed = self
            .method_under_way()
            .is_some_and(|method| self.kills(method));
        let lives = self.held.as_ref().is_some_and(|held| held.lives(now));
        lives && !being_killed && self.doubt.is_none()
    }

    /// By what a set is being obtained, from the moment that readers may notice.
    fn method_under_way(&self) -> Option<Method> {
        match &self.phase {
            Phase::Draining { method } | Phase::Sending { method, .. } => Some(*method),
            Phase::Marking { .. } => Some(Method::Refresh),
            Phase::Saving(arrival) => Some(arrival.method),
            Phase::Loading { .. } | Phase::Resting | Phase::Asking { .. } | Phase::Removed => None,
        }
    }

    fn contents(&self, held: &TokenSet, waiting: &Waiting, now: Tick) -> bool {
        let new_enough = waiting
            .newer_than
            .is_none_or(|generation| self.generation > generation);
        let remaining = held.remaining(now);
        // Too short to be used once: the next one is better, where there will be one.
        let long_enough = remaining > PLAIN_LEASE.min(held.lifetime() / 2);
        let useful = long_enough || self.failing.is_some() || self.hopeless(now).is_some();
        new_enough && useful && remaining >= validity_asked(&waiting.reader)
    }

    /// Whether this reader is a reason to renew before the token is due.
    pub(super) fn wants_more(&self, waiting: &Waiting, now: Tick) -> bool {
        if waiting.taken_up().is_some() {
            return false;
        }
        self.held.as_ref().is_none_or(|held| {
            let validity = validity_asked(&waiting.reader);
            let too_old = waiting
                .newer_than
                .is_some_and(|generation| self.generation <= generation);
            let possible = validity <= longest_validity(held.lifetime());
            too_old || (possible && held.remaining(now) < validity) || !held.lives(now)
        })
    }

    /// Why waiting is of no use, where it is of none.
    fn hopeless(&self, now: Tick) -> Option<Refusal> {
        if !matches!(self.phase, Phase::Resting | Phase::Asking { .. }) {
            return None;
        }
        match &self.need {
            Some(Need::SignIn(problem)) => Some(Refusal::SignInNeeded(Some(problem.clone()))),
            // Until it is tried again, which a lease may put off.
            Some(Need::Edit { problem, retry_at })
                if matches!(self.phase, Phase::Resting) && now < *retry_at =>
            {
                Some(Refusal::Misconfigured(problem.clone()))
            }
            _ => self
                .next_method(now)
                .is_none()
                .then_some(Refusal::SignInNeeded(None)),
        }
    }

    /// Whether a person must sign in before there is another token; with the provider's reason.
    pub(super) fn sign_in_needed(&self, now: Tick) -> Option<Option<&tokenkeep_oauth::Problem>> {
        match &self.need {
            Some(Need::SignIn(problem)) => Some(Some(problem)),
            Some(Need::Edit { .. }) => None,
            None => {
                let resting = matches!(self.phase, Phase::Resting);
                let ended = self.held.as_ref().is_none_or(|held| !held.lives(now));
                (resting && ended && self.next_method(now).is_none()).then_some(None)
            }
        }
    }

    /// What a reader is waiting for.
    fn why(&self, now: Tick) -> Why {
        if let Some(doubt) = &self.doubt {
            return Why::InDoubt(doubt.problem.clone());
        }
        let vault = self
            .vault_problem
            .as_ref()
            .map(|trouble| Why::Vault(trouble.message.clone()));
        if matches!(self.phase, Phase::Loading { .. }) {
            return vault.unwrap_or(Why::Renewing);
        }
        if !matches!(self.phase, Phase::Resting | Phase::Asking { .. }) {
            return Why::Renewing;
        }
        if let Some(Need::Edit { problem, .. }) = &self.need {
            return Why::Misconfigured(problem.clone());
        }
        if self.is_leased(now) {
            return Why::Leased;
        }
        if let Some(failing) = &self.failing {
            return Why::Failing(failing.problem.clone());
        }
        vault.unwrap_or(Why::Paced)
    }

    fn hand_out(&mut self, reader: Reader, now: Tick) -> Answer {
        let Some(held) = &self.held else {
            return Answer::None(Refusal::Removed);
        };
        let lease_until = match reader.want.lease {
            Some(term) => {
                Some(
                    self.leases
                        .take(reader.id, term, self.generation, now, held.expires_at),
                )
            }
            None => {
                self.leases.read(now, held.expires_at);
                None
            }
        };
        Answer::Token(Box::new(Handout {
            access_token: held.access_token.clone(),
            generation: self.generation,
            expires_at: held.expires_at,
            expiry_assumed: held.expiry_assumed,
            scope: held.scope.clone(),
            lease_until,
            unsaved: self.unsaved.is_some(),
        }))
    }
}

/// What is to be said to a reader.
enum Verdict {
    Serve,
    Refuse(Refusal),
}

/// A lease asks for a token that lives as long as it.
fn validity_asked(reader: &Reader) -> Duration {
    reader
        .want
        .min_validity
        .max(Leases::validity_asked(reader.want.lease.as_ref()))
}
