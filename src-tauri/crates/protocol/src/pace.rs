//! The pace of one client id at its provider: who may send a token request, and when.
//!
//! Providers count token requests per user, per client, or both (practice/README.md says how RingCentral
//! does), so neither is assumed: all requests of one client share one budget, no single account's
//! schedule uses more than three fifths of it, and the schedules together leave one request for a person.
//! Among those who wait the token that dies soonest goes first. After a 429 nothing at all is sent until
//! the penalty is over, and less than before for a while (`allowance`). Pure: time is passed in.

mod allowance;
mod line;
mod urgency;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::Hash;

use tokenkeep_oauth::{ProblemKind, Quota, Reply};

use crate::clock::Tick;
use allowance::{Allowance, Frees, Rule};
pub use allowance::{Cut, Learned, Rate};
use line::Line;
pub use urgency::{Class, Urgency};

/// The pace of one client id. `K` names an account.
#[derive(Debug)]
pub struct Pace<K> {
    allowance: Allowance,
    /// The requests that may count, the oldest first.
    sent: VecDeque<Sent<K>>,
    waiting: BTreeMap<Wish, K>,
    wishes: HashMap<K, Wish>,
    line: Line<K>,
    /// Who may send, and on whose behalf.
    leave: HashMap<K, Class>,
    pause_until: Option<Tick>,
    /// A person who stands in no line may take the next room until then.
    reserved_until: Option<Tick>,
    asked: u64,
}

/// What is waited for: by whom, until when it matters, and which wish came first.
type Wish = (Class, Tick, u64);

/// A request that counts against the quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent<K> {
    /// When it was allowed.
    pub at: Tick,
    /// For which account.
    pub account: K,
    /// On whose behalf.
    pub class: Class,
    /// Whether the leave was used. Of what was stored before a restart nobody knows, so it was.
    pub used: bool,
}

/// What a pace must know after a restart.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered<K> {
    /// The requests that count still.
    pub sent: Vec<Sent<K>>,
    /// Until when the client is to be left alone.
    pub pause_until: Option<Tick>,
    /// What the provider has taught.
    pub learned: Learned,
}

impl<K> Default for Remembered<K> {
    fn default() -> Self {
        Self {
            sent: Vec::new(),
            pause_until: None,
            learned: Learned::default(),
        }
    }
}

impl<K: Clone + Eq + Hash> Pace<K> {
    /// A pace that goes on from what is `remembered`. Without a quota every request may go at once,
    /// except in a pause, until the provider teaches otherwise.
    #[must_use]
    pub fn new(quota: Option<Quota>, remembered: Remembered<K>) -> Self {
        let known = remembered.sent.into_iter();
        let mut sent: Vec<_> = known.map(|sent| Sent { used: true, ..sent }).collect();
        sent.sort_by_key(|sent| sent.at);
        Self {
            allowance: Allowance::new(quota.as_ref(), remembered.learned),
            sent: sent.into(),
            waiting: BTreeMap::new(),
            wishes: HashMap::new(),
            line: Line::default(),
            leave: HashMap::new(),
            pause_until: remembered.pause_until,
            reserved_until: None,
            asked: 0,
        }
    }

    /// An account wants to send a request. Asking again replaces what it asked before.
    pub fn ask(&mut self, account: K, urgency: Urgency) {
        self.forget_wish(&account);
        self.asked += 1;
        self.line.join(&account, self.asked);
        let wish = (urgency.class, urgency.dies_at, self.asked);
        self.wishes.insert(account.clone(), wish);
        self.waiting.insert(wish, account);
    }

    /// An account no longer wants to send anything.
    pub fn withdraw(&mut self, account: &K) {
        self.forget_wish(account);
        self.line.leave(account);
    }

    fn forget_wish(&mut self, account: &K) {
        if let Some(wish) = self.wishes.remove(account) {
            self.waiting.remove(&wish);
        }
    }

    /// Takes from those who wait whoever may send at `now`: the token that dies soonest first.
    pub fn grant(&mut self, now: Tick) -> Vec<K> {
        self.forget_old(now);
        let mut granted = Vec::new();
        while let Some(key) = self.next_allowed(now) {
            if let Some(account) = self.waiting.get(&key).cloned() {
                self.withdraw(&account);
                self.line.count_turn();
                self.count(account.clone(), key.0, false, now);
                self.leave.insert(account.clone(), key.0);
                granted.push(account);
            }
        }
        granted
    }

    /// A person waits for a request that stands in no line (an authorization code lives for a minute).
    ///
    /// # Errors
    /// With the moment from which there is room for it. Nothing may be sent before.
    pub fn admit(&mut self, account: K, now: Tick) -> Result<(), Tick> {
        if let Some(until) = self.paused(now) {
            return Err(until);
        }
        self.forget_old(now);
        if let Some(from) = self.full_until(now) {
            return Err(from);
        }
        self.count(account, Class::Person, true, now);
        self.reserved_until = None;
        Ok(())
    }

    /// Until `until` one request is left for [`Pace::admit`], whoever waits: a person who was turned away
    /// comes back then, and those in line, who are told at once, would be there before.
    pub fn reserve(&mut self, until: Tick) {
        self.reserved_until = self.reserved_until.max(Some(until));
    }

    fn reserved(&self, now: Tick) -> Option<Tick> {
        self.reserved_until.filter(|until| now < *until)
    }

    /// Until when the whole budget is used up, where it is.
    fn full_until(&self, now: Tick) -> Option<Tick> {
        let rules = self.allowance.rules(now);
        rules
            .filter_map(|rule| self.room_from(rule, rule.requests))
            .max()
    }

    /// From when `rule` has room again for one who may use `budget` of it; none where it has now.
    fn room_from(&self, rule: Rule, budget: usize) -> Option<Tick> {
        let first = self.sent.partition_point(|sent| sent.at <= rule.after);
        let over = (self.sent.len() - first).checked_sub(budget)?;
        match rule.frees {
            Frees::Gradually(window) => self.sent.get(first + over).map(|sent| sent.at + window),
            Frees::At(until) => Some(until),
        }
    }

    fn count(&mut self, account: K, class: Class, used: bool, now: Tick) {
        self.sent.push_back(Sent {
            at: now,
            account,
            class,
            used,
        });
    }

    /// An account is about to use what it was granted: it counts from now, because drain and mark may
    /// have taken longer than the slack of the window.
    ///
    /// # Errors
    /// With the moment from which the account may ask again, where the provider has asked for a pause
    /// meanwhile, or so much time went by that others have used up the budget. Nothing may be sent then.
    pub fn sending(&mut self, account: &K, now: Tick) -> Result<(), Tick> {
        if let Some(until) = self.paused(now) {
            self.unused(account);
            return Err(until);
        }
        self.forget_old(now);
        let class = self.leave.remove(account).unwrap_or(Class::Background);
        if let Some(sent) = self.take(account, |sent| !sent.used) {
            self.sent.push_back(Sent {
                at: now,
                used: true,
                ..sent
            });
            return Ok(());
        }
        if let Some(from) = self.full_until(now) {
            return Err(from);
        }
        self.count(account.clone(), class, true, now);
        Ok(())
    }

    /// An account has no use for the leave that it was given.
    pub fn unused(&mut self, account: &K) {
        self.leave.remove(account);
        self.take(account, |sent| !sent.used);
    }

    /// Takes in what the reply to a request of `account`, sent at `sent_at`, says of the pace. Tells whether
    /// that changed anything.
    pub fn learn(&mut self, account: &K, sent_at: Tick, reply: &Reply, now: Tick) -> bool {
        match reply {
            Reply::NotSent(_) => {
                self.take(account, |sent| sent.used && sent.at == sent_at);
            }
            Reply::Throttled {
                retry_after,
                problem,
            } => {
                self.pause(now + *retry_after);
                // Maintenance asks for a pause, too, and says nothing of the pace.
                if problem.kind == ProblemKind::Throttled {
                    self.throttled(sent_at, now);
                }
            }
            Reply::Tokens(tokens) => match tokens.rate_limit {
                Some(limit) => self.allowance.announced(limit, sent_at, now),
                None => return false,
            },
            Reply::OutcomeUnknown {
                retry_after: Some(retry_after),
                ..
            } => self.pause(now + *retry_after),
            Reply::Rejected(_) | Reply::Misconfigured(_) | Reply::OutcomeUnknown { .. } => {
                return false;
            }
        }
        true
    }

    /// The provider refused a request sent at `sent_at` because there were too many: less is sent for a
    /// while.
    fn throttled(&mut self, sent_at: Tick, now: Tick) {
        let from = Allowance::measured_from(now);
        let recent = self.sent.iter().rev().take_while(|sent| sent.at > from);
        self.allowance.throttled(sent_at, recent.count(), now);
    }

    /// The provider wants the client to be left alone until `until`.
    pub fn pause(&mut self, until: Tick) {
        self.pause_until = self.pause_until.max(Some(until));
    }

    /// Until when nothing may be sent, where that is the case at `now`.
    #[must_use]
    pub fn paused(&self, now: Tick) -> Option<Tick> {
        self.pause_until.filter(|until| now < *until)
    }

    /// When [`Pace::grant`] may have something to give again, which may be at once; none while nobody
    /// waits.
    #[must_use]
    pub fn wake_at(&self, now: Tick) -> Option<Tick> {
        if self.waiting.is_empty() {
            return None;
        }
        if let Some(until) = self.paused(now) {
            return Some(until);
        }
        // Room may have come about by itself, or by a request that was not sent after all.
        if self.next_allowed(now).is_some() {
            return Some(now);
        }
        let frees = self.allowance.rules(now).filter_map(|rule| {
            let first = self.sent.iter().find(|sent| sent.at > rule.after);
            match rule.frees {
                Frees::Gradually(window) => first.map(|sent| sent.at + window),
                Frees::At(until) => Some(until),
            }
        });
        let frees = frees.chain(self.reserved(now));
        frees.min().map(|at| at.max(now))
    }

    /// What is to be kept across a restart.
    #[must_use]
    pub fn remembered(&self, now: Tick) -> Remembered<K> {
        let counts_from = self.allowance.rules(now).map(|rule| rule.after).min();
        let counting = |from: Tick| self.sent.iter().filter(move |sent| sent.at > from);
        Remembered {
            sent: counts_from
                .into_iter()
                .flat_map(counting)
                .cloned()
                .collect(),
            pause_until: self.paused(now),
            learned: self.allowance.learned(now),
        }
    }

    /// Takes the last request of `account` out that is meant.
    fn take(&mut self, account: &K, is_meant: impl Fn(&Sent<K>) -> bool) -> Option<Sent<K>> {
        let mut sent = self.sent.iter();
        let index = sent.rposition(|sent| sent.account == *account && is_meant(sent))?;
        self.sent.remove(index)
    }

    fn forget_old(&mut self, now: Tick) {
        // What lies ahead was stored before the clock was set back.
        for sent in self.sent.iter_mut().rev() {
            if sent.at <= now {
                break;
            }
            sent.at = now;
        }
        let window = self.allowance.longest_window();
        while self
            .sent
            .front()
            .is_some_and(|sent| sent.at + window <= now)
        {
            self.sent.pop_front();
        }
    }

    /// Whose turn it is: now and then of whoever has waited longest, so that nobody starves.
    fn next_allowed(&self, now: Tick) -> Option<Wish> {
        if self.waiting.is_empty() || self.paused(now).is_some() {
            return None;
        }
        let starving = self.line.starving();
        match starving.and_then(|account| self.wishes.get(account).copied()) {
            // Even what is kept for persons: others leave nothing else.
            Some(wish) => self.has_room(Class::Doubt, now).then_some(wish),
            None => self.soonest_to_die(now),
        }
    }

    /// Among the first of each class that are within their budget, the one whose token dies soonest.
    fn soonest_to_die(&self, now: Tick) -> Option<Wish> {
        [Class::Person, Class::Doubt, Class::Background]
            .into_iter()
            .filter_map(|class| {
                let from = (class, Tick::from_millis(i64::MIN), 0);
                let to = (class, Tick::from_millis(i64::MAX), u64::MAX);
                let mut waiting = self.waiting.range(from..=to).peekable();
                waiting.peek().filter(|_| self.has_room(class, now))?;
                waiting
                    .find(|(_, account)| class != Class::Background || self.may_go_on(account, now))
            })
            .map(|(key, _)| *key)
            .min_by_key(|(_, dies_at, asked)| (*dies_at, *asked))
    }

    fn has_room(&self, class: Class, now: Tick) -> bool {
        let reserved = usize::from(self.reserved(now).is_some());
        self.allowance.rules(now).all(|rule| {
            let budget = match (class, rule.frees) {
                (Class::Background, Frees::Gradually(_)) => (rule.requests - 1).max(1),
                (Class::Background, Frees::At(_)) => rule.requests.saturating_sub(1),
                _ => rule.requests,
            };
            let budget = budget.min(rule.requests.saturating_sub(reserved));
            budget > 0 && self.room_from(rule, budget).is_none()
        })
    }

    /// Whether the account's own schedule has not used up its part.
    fn may_go_on(&self, account: &K, now: Tick) -> bool {
        self.allowance.rules(now).all(|rule| {
            let Frees::Gradually(_) = rule.frees else {
                return true;
            };
            let part = (rule.requests * 3 / 5).max(1);
            let own = |sent: &&Sent<K>| {
                sent.at > rule.after && sent.account == *account && sent.class == Class::Background
            };
            self.sent.iter().filter(own).count() < part
        })
    }
}

#[cfg(test)]
mod tests;
