//! Whether to renew: why, or why not yet. Decided here and nowhere else, and without doing anything.

use tokenkeep_oauth::RenewalEffect;

use super::Account;
use super::policy::Method;
use crate::clock::Tick;
use crate::pace::{Class, Urgency};
use crate::when::When;

/// After so many replays that came to nothing, the assertion is presented where there is one.
const MOST_REPLAYS: u32 = 5;

/// Whether a renewal is to begin, and why, or why not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// By what the next set would be obtained; none where only a person can obtain it.
    pub method: Option<Method>,
    /// The first reason for a renewal to come up.
    pub reason: Reason,
    /// When it comes up.
    pub wanted: When,
    /// What stands in the way for the longest; none where nothing does.
    pub obstacle: Option<Obstacle>,
    /// When nothing stands in the way.
    pub clear: When,
}

impl Decision {
    /// When the renewal is to begin, as far as time alone decides.
    #[must_use]
    pub fn begins(&self) -> When {
        self.wanted.and(self.clear)
    }
}

/// Why a renewal is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is not known whether the current token lives.
    InDoubt,
    /// There is no token.
    NoToken,
    /// The session is known or reported to be over.
    SessionOver,
    /// A person asked for it.
    Person,
    /// A reader needs more than the current token.
    Reader,
    /// The current token ends before long.
    Due,
}

/// What stands in the way of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The keeper is shutting down.
    Quitting,
    /// There is nothing to renew with.
    NothingToRenewWith,
    /// A person has to sign in.
    SignInNeeded,
    /// The provider calls the account's set-up wrong.
    Misconfigured,
    /// The provider asked to be left alone.
    ProviderPause,
    /// The last attempt failed a short time ago.
    BackOff,
    /// The last attempt was made a short time ago.
    Distance,
    /// The keychain could not be written a short time ago.
    Keychain,
    /// A lease holds the token that the renewal would kill.
    Leased,
    /// Those who held leases when the last run ended may come to take them up again.
    HoldersReturn,
}

impl Account {
    /// Whether a renewal is to begin, at the time of the last event.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decide(self.settled_at)
    }

    pub(super) fn decide(&self, now: Tick) -> Decision {
        let method = self.next_method(now);
        let (reason, wanted) = self.first_reason(now);
        let (obstacle, clear) = self.last_obstacle(method, now);
        Decision {
            method,
            reason,
            wanted,
            obstacle: (clear != When::Now).then_some(obstacle),
            clear,
        }
    }

    /// How urgently a renewal is wanted that is to begin now.
    pub(super) fn urgency(&self, now: Tick) -> Urgency {
        let class = if self.attempts.doubt().is_some() {
            Class::Doubt
        } else if self.person_waits() {
            Class::Person
        } else {
            Class::Background
        };
        // In doubt nobody is served until it is known, so the token is as good as dead.
        let lives = self.tokens.current().filter(|_| class != Class::Doubt);
        Urgency {
            // The dead take turns: one whose renewals fail would go first each time.
            dies_at: lives.map_or(now, |set| set.expires_at.max(now)),
            class,
        }
    }

    fn first_reason(&self, now: Tick) -> (Reason, When) {
        let in_doubt = self.attempts.doubt().is_some();
        let due = match self.tokens.current() {
            Some(set) => When::from(set.due(self.policy.seed), now),
            None => When::Never,
        };
        let reader = self.readers.want_more(&self.tokens, now);
        let person = reader && self.person_waits();
        [
            (Reason::InDoubt, When::only_if(in_doubt)),
            (
                Reason::NoToken,
                When::only_if(self.tokens.current().is_none()),
            ),
            (
                Reason::SessionOver,
                When::only_if(self.tokens.session_over()),
            ),
            (Reason::Person, When::only_if(person)),
            (Reason::Reader, When::only_if(reader)),
            (Reason::Due, due),
        ]
        .into_iter()
        .min_by_key(|(_, when)| *when)
        .unwrap_or((Reason::Due, When::Never))
    }

    fn last_obstacle(&self, method: Option<Method>, now: Tick) -> (Obstacle, When) {
        // For a person it is tried at once: they may know better.
        let person = When::only_if(self.person_waits());
        let rejected = self.attempts.rejection().is_some();
        let edit = self.attempts.wrong_set_up().map(|wrong| wrong.retry_at);
        let retry_at = self
            .attempts
            .retry_at(self.readers.wait(), self.policy.seed);
        let pause = When::after(self.attempts.not_before(), now);
        let certain = [
            (Obstacle::Quitting, When::only_if(!self.quitting)),
            (
                Obstacle::SignInNeeded,
                When::only_if(method.is_some() || !rejected),
            ),
            (
                Obstacle::NothingToRenewWith,
                When::only_if(method.is_some()),
            ),
            (Obstacle::Misconfigured, When::after(edit, now).or(person)),
            (Obstacle::ProviderPause, pause),
            (Obstacle::BackOff, When::after(retry_at, now).or(person)),
        ];
        let in_doubt = self.attempts.doubt().is_some();
        let replays = in_doubt && method == Some(Method::Refresh);
        let distance = (!replays).then(|| self.attempts.gap_over(now).or(person));
        // In doubt nobody is served, so there is nobody to be spared.
        let sparing = (!in_doubt).then(|| {
            let rested = self.writes.rested(self.readers.wait(), now);
            [
                (Obstacle::Keychain, rested.or(self.nearly_dead(now))),
                (Obstacle::Leased, self.not_leased(method, now)),
                (Obstacle::HoldersReturn, self.holders_returned(method, now)),
            ]
        });
        let distance = distance.map(|clear| (Obstacle::Distance, clear));
        let sparing = sparing.into_iter().flatten();
        let all = certain.into_iter().chain(distance).chain(sparing);
        // Of those that last equally long the first says the most.
        let longest = all.rev().max_by_key(|(_, when)| *when);
        longest.unwrap_or((Obstacle::Quitting, When::Now))
    }

    /// By what the next set is obtained; none if only a person can obtain it. A person who asks has even what was refused
    /// tried once more: the provider may think otherwise by now.
    pub(super) fn next_method(&self, now: Tick) -> Option<Method> {
        let person = self.person_waits();
        let has_assertion = self.policy.assertion.is_some();
        let worth = person || !self.attempts.assertion_rejected();
        if has_assertion && worth && self.readers.want_sign_in() {
            return Some(Method::Assertion);
        }
        let known = self.known_method(now);
        if known.is_some() || !person {
            return known;
        }
        if has_assertion {
            return Some(Method::Assertion);
        }
        self.tokens.have_refresh_token().then_some(Method::Refresh)
    }

    /// By what the next set is obtained without anybody asking; none if only a person can obtain it.
    pub(super) fn known_method(&self, now: Tick) -> Option<Method> {
        let assertion = self.policy.assertion.is_some() && !self.attempts.assertion_rejected();
        let in_doubt = self.attempts.doubt().is_some();
        if !in_doubt && !self.tokens.are_refreshable(!assertion, now) {
            return assertion.then_some(Method::Assertion);
        }
        Some(if assertion && self.is_refreshing_in_vain(now) {
            Method::Assertion
        } else {
            Method::Refresh
        })
    }

    /// Whether an assertion does better than another refresh. One of unknown outcome may open a session too many, so
    /// that it is presented only now and then.
    fn is_refreshing_in_vain(&self, now: Tick) -> bool {
        if self.attempts.is_refresh_unfit() && self.attempts.doubt().is_none() {
            return true;
        }
        let Some(since) = self.attempts.unanswered() else {
            return false;
        };
        let dead = self.tokens.alive(now).is_none();
        let window = self.policy.replay_window.unwrap_or_default();
        let replayed = since + window <= now || self.attempts.replays() >= MOST_REPLAYS;
        (dead || replayed) && self.attempts.may_open(now)
    }

    /// When the assertion takes the place of the refresh token, and so kills no token that is in use.
    fn refresh_token_gives_way(&self, now: Tick) -> When {
        let spares = |effect| effect == RenewalEffect::KillsNothing;
        let assertion = self.policy.assertion.filter(|it| spares(it.effect));
        let set = self.tokens.current().filter(|_| assertion.is_some());
        let end = set.and_then(|set| set.refresh_expires_at);
        end.map_or(When::Never, |end| When::from(end.at, now))
    }

    /// Whether a person waits for an attempt that was not made yet since they asked.
    fn person_waits(&self) -> bool {
        self.readers.person_waits(self.attempts.last_at())
    }

    /// Whether there is a reason to renew that does not lie in the schedule.
    fn asked_for(&self, now: Tick) -> bool {
        self.tokens.session_over() || self.readers.want_more(&self.tokens, now)
    }

    /// When no explicit lease defers the renewal any more, where that would kill what the lease holds.
    pub(super) fn not_leased(&self, method: Option<Method>, now: Tick) -> When {
        let kills = method.is_some_and(|method| self.policy.kills(method));
        let holds = self.readers.leases.hold(self.tokens.generation());
        if !kills || !holds {
            return When::Now;
        }
        self.nearly_dead(now).or(self.refresh_token_gives_way(now))
    }

    /// When those who held leases in the last run have had their time to take them up again. A renewal that kills
    /// and is merely due gives it to them.
    fn holders_returned(&self, method: Option<Method>, now: Tick) -> When {
        if !method.is_some_and(|method| self.policy.kills(method)) {
            return When::Now;
        }
        let returned = self.readers.leases.holders_returned(now);
        let asked_for = When::only_if(self.asked_for(now));
        returned.or(asked_for).or(self.nearly_dead(now))
    }

    /// When the last safe moment has come, or there is no token to protect.
    pub(super) fn nearly_dead(&self, now: Tick) -> When {
        let limit = self.policy.request_time_limit;
        let last_safe = self.tokens.current();
        let last_safe = last_safe.map(|set| set.last_safe(self.policy.seed, limit));
        When::after(last_safe, now)
    }
}
