//! The pace of one client id at its provider: who may send a token request, and when.
//!
//! Providers count token requests per user, per client, or both (RINGCENTRAL.md, quotas), so neither is
//! assumed: all requests of one client share one budget, no single account's schedule uses more than
//! three fifths of it, and the schedules together leave one request for a person. After a 429 nothing
//! at all is sent until the penalty is over. Pure: time is passed in.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use tokenkeep_oauth::Quota;

use crate::account::{Class, Urgency};
use crate::clock::Tick;

/// A permit is used a little after it is given (drain, mark), so the provider may count two requests
/// closer together than they were allowed: the window is taken for longer by this.
const WINDOW_SLACK: Duration = Duration::from_secs(6);

/// The pace of one client id. `K` names an account.
#[derive(Debug)]
pub struct Pace<K> {
    quota: Option<Quota>,
    sent: VecDeque<Sent<K>>,
    waiting: BTreeMap<Wish, K>,
    wishes: HashMap<K, Wish>,
    pause_until: Option<Tick>,
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
}

impl<K: Clone + Eq + Hash> Pace<K> {
    /// A pace that knows what was `sent` before and until when the client is to be left alone. Without
    /// a quota every request may go at once, except in such a pause.
    #[must_use]
    pub fn new(quota: Option<Quota>, sent: Vec<Sent<K>>, pause_until: Option<Tick>) -> Self {
        let quota = quota.filter(|quota| quota.requests > 0);
        Self {
            quota,
            sent: sent.into(),
            waiting: BTreeMap::new(),
            wishes: HashMap::new(),
            pause_until,
            asked: 0,
        }
    }

    /// An account wants to send a request. Asking again replaces what it asked before.
    pub fn ask(&mut self, account: K, urgency: Urgency) {
        self.withdraw(&account);
        self.asked += 1;
        let wish = (urgency.class, urgency.dies_at, self.asked);
        self.wishes.insert(account.clone(), wish);
        self.waiting.insert(wish, account);
    }

    /// An account no longer wants to send anything.
    pub fn withdraw(&mut self, account: &K) {
        if let Some(wish) = self.wishes.remove(account) {
            self.waiting.remove(&wish);
        }
    }

    /// Takes from those who wait whoever may send at `now`: the token that dies soonest first.
    pub fn grant(&mut self, now: Tick) -> Vec<K> {
        self.forget_old(now);
        let mut granted = Vec::new();
        while let Some(key) = self.next_allowed(now) {
            if let Some(account) = self.waiting.remove(&key) {
                self.wishes.remove(&account);
                self.count(account.clone(), key.0, now);
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
        if let Some(from) = self.full_until() {
            return Err(from);
        }
        self.count(account, Class::Person, now);
        Ok(())
    }

    /// Until when the whole budget is used up, where it is.
    fn full_until(&self) -> Option<Tick> {
        let all = usize::try_from(self.quota.as_ref()?.requests).unwrap_or(usize::MAX);
        let first = self.sent.iter().map(|sent| sent.at).min()?;
        (self.sent.len() >= all).then_some(first + self.window()?)
    }

    /// Counts a request against the budget.
    fn count(&mut self, account: K, class: Class, now: Tick) {
        if self.quota.is_some() {
            self.sent.push_back(Sent {
                at: now,
                account,
                class,
            });
        }
    }

    /// An account is about to use what it was granted: it counts from now, because drain and mark may
    /// have taken longer than the slack of the window.
    ///
    /// # Errors
    /// With the moment from which the account may ask again, where the provider has asked for a pause
    /// meanwhile, or so much time went by that others have used up the budget. Nothing may be sent then.
    pub fn sending(&mut self, account: &K, class: Class, now: Tick) -> Result<(), Tick> {
        if let Some(until) = self.paused(now) {
            return Err(until);
        }
        if self.quota.is_none() {
            return Ok(());
        }
        self.forget_old(now);
        let granted = self.sent.iter().rposition(|sent| sent.account == *account);
        if let Some(sent) = granted.and_then(|index| self.sent.remove(index)) {
            self.sent.push_back(Sent { at: now, ..sent });
            return Ok(());
        }
        if let Some(from) = self.full_until() {
            return Err(from);
        }
        self.count(account.clone(), class, now);
        Ok(())
    }

    /// The last request of `account` never reached the provider, which therefore did not count it.
    pub fn not_sent(&mut self, account: &K) {
        if let Some(index) = self.sent.iter().rposition(|sent| sent.account == *account) {
            self.sent.remove(index);
        }
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
        let window = self.window()?;
        let frees = self.sent.iter().map(|sent| sent.at + window).min();
        frees.map(|at| at.max(now))
    }

    /// What counts against the quota at `now`, to be kept across a restart.
    #[must_use]
    pub fn counted(&self, now: Tick) -> Vec<Sent<K>> {
        let Some(window) = self.window() else {
            return Vec::new();
        };
        self.sent
            .iter()
            .filter(|sent| sent.at + window > now)
            .cloned()
            .collect()
    }

    fn window(&self) -> Option<Duration> {
        self.quota.as_ref().map(|quota| quota.window + WINDOW_SLACK)
    }

    fn forget_old(&mut self, now: Tick) {
        if let Some(window) = self.window() {
            self.sent.retain_mut(|sent| {
                // What lies ahead was stored before the clock was set back.
                sent.at = sent.at.min(now);
                sent.at + window > now
            });
        }
    }

    /// Among the first of each class that are within their budget, the one whose token dies soonest.
    fn next_allowed(&self, now: Tick) -> Option<Wish> {
        if self.paused(now).is_some() {
            return None;
        }
        [Class::Person, Class::Doubt, Class::Background]
            .into_iter()
            .filter(|class| self.has_room(*class))
            .filter_map(|class| {
                let from = (class, Tick::from_millis(i64::MIN), 0);
                let to = (class, Tick::from_millis(i64::MAX), u64::MAX);
                let mut waiting = self.waiting.range(from..=to);
                waiting.find(|(_, account)| class != Class::Background || self.may_go_on(account))
            })
            .map(|(key, _)| *key)
            .min_by_key(|(_, dies_at, asked)| (*dies_at, *asked))
    }

    fn has_room(&self, class: Class) -> bool {
        let Some(quota) = &self.quota else {
            return true;
        };
        let all = usize::try_from(quota.requests).unwrap_or(usize::MAX);
        let budget = if class == Class::Background {
            (all - 1).max(1)
        } else {
            all
        };
        self.sent.len() < budget
    }

    /// Whether the account's own schedule has not used up its part.
    fn may_go_on(&self, account: &K) -> bool {
        let Some(quota) = &self.quota else {
            return true;
        };
        let part = usize::try_from(quota.requests * 3 / 5)
            .unwrap_or(usize::MAX)
            .max(1);
        let background =
            |sent: &&Sent<K>| sent.account == *account && sent.class == Class::Background;
        self.sent.iter().filter(background).count() < part
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn five_a_minute() -> Option<Quota> {
        Some(Quota {
            requests: 5,
            window: MINUTE,
            penalty: MINUTE,
        })
    }

    fn at(seconds: i64) -> Tick {
        Tick::from_millis(seconds * 1000)
    }

    fn urgency(class: Class, dies_at: Tick) -> Urgency {
        Urgency { dies_at, class }
    }

    fn pace() -> Pace<&'static str> {
        Pace::new(five_a_minute(), Vec::new(), None)
    }

    #[test]
    fn one_accounts_schedule_uses_three_of_five_requests_a_minute() {
        let mut pace = pace();
        for second in 0..10 {
            pace.ask("a", urgency(Class::Background, at(100)));
            assert_eq!(pace.grant(at(second)).len(), usize::from(second < 3));
        }
        assert_eq!(pace.wake_at(at(10)), Some(at(66)));
        assert_eq!(pace.grant(at(66)), ["a"]);
    }

    #[test]
    fn a_person_may_use_what_schedules_leave() {
        let mut pace = pace();
        for account in ["a", "b", "c", "d", "e", "f"] {
            pace.ask(account, urgency(Class::Background, at(100)));
        }
        assert_eq!(pace.grant(at(0)).len(), 4);
        pace.ask("me", urgency(Class::Person, at(3600)));
        assert_eq!(pace.grant(at(0)), ["me"]);
        pace.ask("me", urgency(Class::Person, at(3600)));
        assert!(pace.grant(at(1)).is_empty());
    }

    #[test]
    fn the_token_that_dies_soonest_goes_first() {
        let mut pace = pace();
        pace.ask("late", urgency(Class::Background, at(300)));
        pace.ask("soon", urgency(Class::Background, at(100)));
        pace.ask("doubted", urgency(Class::Doubt, at(0)));
        assert_eq!(pace.grant(at(0)), ["doubted", "soon", "late"]);
    }

    #[test]
    fn nothing_is_sent_in_a_penalty_window() {
        let mut pace = pace();
        pace.pause(at(60));
        pace.ask("a", urgency(Class::Person, at(0)));
        assert!(pace.grant(at(59)).is_empty());
        assert_eq!(pace.wake_at(at(59)), Some(at(60)));
        assert_eq!(pace.grant(at(60)), ["a"]);
    }

    #[test]
    fn a_request_that_never_left_does_not_count() {
        let mut pace = pace();
        for second in 0..20 {
            pace.ask("a", urgency(Class::Background, at(100)));
            assert_eq!(pace.grant(at(second)), ["a"]);
            pace.not_sent(&"a");
        }
    }

    #[test]
    fn whoever_waits_is_let_in_when_a_request_turns_out_not_to_have_been_sent() {
        let mut pace = pace();
        for account in ["a", "b", "c", "d"] {
            pace.ask(account, urgency(Class::Background, at(100)));
        }
        assert_eq!(pace.grant(at(0)).len(), 4);
        pace.ask("e", urgency(Class::Background, at(100)));
        assert!(pace.grant(at(0)).is_empty());
        pace.not_sent(&"a");
        assert_eq!(pace.wake_at(at(1)), Some(at(1)));
        assert_eq!(pace.grant(at(1)), ["e"]);
    }

    #[test]
    fn a_wake_up_that_comes_late_is_not_lost() {
        let mut pace = pace();
        for second in 0..5 {
            pace.ask("a", urgency(Class::Background, at(100)));
            pace.grant(at(second));
        }
        assert_eq!(pace.wake_at(at(67)), Some(at(67)));
    }

    #[test]
    fn what_was_granted_before_a_pause_is_not_sent_in_it() {
        let mut pace = pace();
        pace.ask("a", urgency(Class::Background, at(100)));
        assert_eq!(pace.grant(at(0)), ["a"]);
        pace.pause(at(60));
        assert_eq!(pace.sending(&"a", Class::Background, at(2)), Err(at(60)));
    }

    #[test]
    fn a_request_counts_from_when_it_is_sent() {
        let mut pace = pace();
        pace.ask("a", urgency(Class::Background, at(100)));
        assert_eq!(pace.grant(at(0)), ["a"]);
        assert_eq!(pace.sending(&"a", Class::Background, at(30)), Ok(()));
        assert_eq!(pace.counted(at(70)).len(), 1);
    }

    #[test]
    fn asking_again_replaces_the_first_wish() {
        let mut pace = pace();
        pace.ask("a", urgency(Class::Background, at(100)));
        pace.ask("a", urgency(Class::Person, at(100)));
        assert_eq!(pace.grant(at(0)), ["a"]);
        assert!(pace.grant(at(0)).is_empty());
    }

    proptest! {
        #[test]
        fn no_minute_sees_more_requests_than_the_quota(
            wishes in prop::collection::vec((0u8..6, 0u8..3, 0i64..20), 1..200)
        ) {
            let mut pace = Pace::new(five_a_minute(), Vec::new(), None);
            let mut now = at(0);
            let mut granted: Vec<Tick> = Vec::new();
            for (account, class, seconds) in wishes {
                now = now + Duration::from_secs(seconds.unsigned_abs());
                let class = [Class::Background, Class::Doubt, Class::Person][usize::from(class)];
                pace.ask(account, urgency(class, now + MINUTE));
                granted.extend(pace.grant(now).iter().map(|_| now));
                let recent = granted.iter().filter(|sent| now.since(**sent) < MINUTE).count();
                prop_assert!(recent <= 5);
                if let Some(wake) = pace.wake_at(now) {
                    prop_assert!(wake > now);
                }
            }
        }
    }
}
