//! Who is answered, with what, and who waits.

use tokenkeep_oauth::{Fingerprint, Problem};

use super::effect::Effect;
use super::news::News;
use super::reader::{Answer, Handout, Newer, NotServed, Reader, WaitedFor};
use super::readers::Wish;
use super::schedule::{PLAIN_LEASE, longest_validity};
use super::{Account, Stage, TokenSet};
use crate::clock::Tick;
use crate::when::When;

/// What is to be done for a reader.
enum Service {
    Serve,
    DoNotServe(NotServed),
    Wait,
}

impl Account {
    pub(super) fn ask(&mut self, reader: Reader, now: Tick, fx: &mut Vec<Effect>) {
        let newer_than = match &reader.want.newer {
            Some(Newer::Refused(fingerprint)) => self.refused(Some(*fingerprint), now, fx),
            Some(Newer::CurrentRefused) => self.refused(None, now, fx),
            Some(Newer::Than(generation)) => Some(*generation),
            Some(Newer::Renewal | Newer::SignIn) => Some(self.tokens.generation()),
            None => None,
        };
        self.readers.join(reader, newer_than, now);
    }

    /// An API refused a token: if it is the current one, it is withheld and renewed, once. A later generation is asked
    /// for then, unless the refusals are not about the token.
    fn refused(
        &mut self,
        fingerprint: Option<Fingerprint>,
        now: Tick,
        fx: &mut Vec<Effect>,
    ) -> Option<u64> {
        let (fingerprint, news) = self.tokens.refuse(fingerprint, now)?;
        let again = self.tokens.refusal().is_not_to_blame();
        if news {
            fx.push(Effect::Tell(News::TokenRefused { fingerprint, again }));
            if !again {
                self.write_again(fx);
            }
        }
        (!again).then(|| self.tokens.generation())
    }

    /// Answers every reader that can be answered now.
    pub(super) fn serve(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        if !self.readers.wait() {
            return;
        }
        for wish in self.readers.wishes() {
            let verdict = self.verdict(&wish, now);
            let ready = match verdict {
                Service::Wait => continue,
                Service::Serve | Service::DoNotServe(_) => self.readers.take(&wish),
            };
            for reader in ready {
                let answer = match &verdict {
                    Service::DoNotServe(why) => Err(why.clone()),
                    Service::Serve | Service::Wait => self.hand_out(&reader, now),
                };
                let reader = reader.id;
                fx.push(Effect::Answer { reader, answer });
            }
        }
        if self.readers.next_deadline(now).is_now() {
            let why = NotServed::OutOfTime(self.waited_for(now));
            let expired = self.readers.expire(now).into_iter();
            fx.extend(expired.map(|reader| Effect::Answer {
                reader: reader.id,
                answer: Err(why.clone()),
            }));
        }
    }

    /// What is to be done for those who want this, as long as they have time.
    fn verdict(&self, wish: &Wish, now: Tick) -> Service {
        if matches!(self.phase.stage(), Stage::Removed) {
            return Service::DoNotServe(NotServed::Removed);
        }
        if self.quitting {
            return Service::DoNotServe(NotServed::Quitting);
        }
        if let Some(problem) = self.assertion_rejected_for(wish) {
            return Service::DoNotServe(NotServed::SignInNeeded(Some(problem.clone())));
        }
        if let Some(set) = self.tokens.current() {
            let is_another = |taken_up| taken_up != set.access_token.fingerprint();
            if wish.taken_up.is_some_and(is_another) {
                return Service::DoNotServe(NotServed::Replaced);
            }
            let (lifetime, longest) = (set.lifetime(), longest_validity(set.lifetime()));
            if wish.validity > longest {
                return Service::DoNotServe(NotServed::TooLong { lifetime, longest });
            }
            if self.is_servable(now) && self.contents(set, wish, now) {
                return Service::Serve;
            }
        }
        match self.hopeless(now) {
            Some(why) => Service::DoNotServe(why),
            None => Service::Wait,
        }
    }

    /// Why the provider refused the assertion that a reader had presented; another way to a token is not what it wants.
    fn assertion_rejected_for(&self, wish: &Wish) -> Option<&Problem> {
        let tried = wish.wants_sign_in() && wish.was_tried_for(self.attempts.last_at());
        let rejected = tried && self.phase.is_idle() && self.attempts.assertion_rejected();
        self.attempts.rejection().filter(|_| rejected)
    }

    /// Whether the current token may be given to anybody: it lives, it is not being replaced by a
    /// renewal that kills it, no doubt hangs over it, and no API was reported to refuse it.
    pub(super) fn is_servable(&self, now: Tick) -> bool {
        let method = self.phase.method();
        let being_killed = method.is_some_and(|method| self.policy.kills(method));
        let certain = self.attempts.doubt().is_none() && !self.is_withheld(now);
        self.tokens.alive(now).is_some() && !being_killed && certain
    }

    /// Whether an API was reported to refuse the current token, and no renewal has answered yet. One that a lease puts
    /// off says nothing for long, and the report may be wrong: the token is served meanwhile.
    pub(super) fn is_withheld(&self, now: Tick) -> bool {
        let refused = self.tokens.refusal().since().is_some();
        refused && self.not_leased(self.known_method(now), now).is_now()
    }

    fn contents(&self, set: &TokenSet, wish: &Wish, now: Tick) -> bool {
        let remaining = set.remaining(now);
        // Too short to be used once: the next one is better, where there will be one.
        let long_enough = remaining > PLAIN_LEASE.min(set.lifetime() / 2);
        let last = || self.attempts.failure().is_some() || self.hopeless(now).is_some();
        wish.takes(self.tokens.generation())
            && (long_enough || last())
            && remaining >= wish.validity
    }

    /// Why waiting is of no use, where it is of none.
    fn hopeless(&self, now: Tick) -> Option<NotServed> {
        if !self.phase.is_idle() {
            return None;
        }
        let wrong = self.attempts.wrong_set_up();
        // Until it is tried again, which a lease may put off.
        let waits = |retry_at| matches!(self.phase.stage(), Stage::Resting) && now < retry_at;
        if let Some(wrong) = wrong.filter(|wrong| waits(wrong.retry_at)) {
            return Some(NotServed::Misconfigured(wrong.problem.clone()));
        }
        let rejection = self.attempts.rejection().cloned();
        let method = self.next_method(now);
        method
            .is_none()
            .then_some(NotServed::SignInNeeded(rejection))
    }

    /// From when on a person must sign in before there is another token; with the provider's reason.
    pub(super) fn sign_in_needed(&self, now: Tick) -> (When, Option<&Problem>) {
        if self.attempts.wrong_set_up().is_some() {
            return (When::Never, None);
        }
        let without_a_way = self.known_method(now).is_none();
        if let Some(problem) = self.attempts.rejection().filter(|_| without_a_way) {
            return (When::Now, Some(problem));
        }
        let resting = matches!(self.phase.stage(), Stage::Resting);
        let end = self.tokens.current().map(|set| set.expires_at);
        let dead = When::after(end, now);
        (When::only_if(resting && without_a_way).and(dead), None)
    }

    /// What a reader is waiting for.
    fn waited_for(&self, now: Tick) -> WaitedFor {
        if let Some(problem) = self.attempts.doubt() {
            return WaitedFor::InDoubt(problem.clone());
        }
        let trouble = self.writes.trouble();
        let vault = trouble.map(|message| WaitedFor::Vault(message.to_owned()));
        if matches!(self.phase.stage(), Stage::Loading(_)) {
            return vault.unwrap_or(WaitedFor::Renewing);
        }
        if !self.phase.is_idle() {
            return WaitedFor::Renewing;
        }
        if let Some(wrong) = self.attempts.wrong_set_up() {
            return WaitedFor::Misconfigured(wrong.problem.clone());
        }
        let leased = self.readers.leases.hold(self.tokens.generation());
        if leased && !self.nearly_dead(now).is_now() {
            return WaitedFor::Leased;
        }
        if let Some(problem) = self.attempts.failure() {
            return WaitedFor::Failing(problem.clone());
        }
        vault.unwrap_or(WaitedFor::Paced)
    }

    fn hand_out(&mut self, reader: &Reader, now: Tick) -> Answer {
        let Some(set) = self.tokens.current() else {
            return Err(NotServed::Removed);
        };
        let reported = matches!(
            reader.want.newer,
            Some(Newer::Refused(_) | Newer::CurrentRefused)
        );
        let refused_again = reported && self.tokens.refusal().is_not_to_blame();
        let (leases, generation) = (&mut self.readers.leases, self.tokens.generation());
        let lease_until = match reader.want.lease.clone() {
            Some(lease) => Some(leases.take(reader.id, lease, generation, now, set.expires_at)),
            None => {
                leases.read(now, set.expires_at);
                None
            }
        };
        Ok(Box::new(Handout {
            access_token: set.access_token.clone(),
            generation,
            expires_at: set.expires_at,
            expiry_assumed: set.expiry_assumed,
            scope: set.scope.clone(),
            lease_until,
            refused_again,
            unsaved: self.writes.is_unsaved(),
        }))
    }
}
