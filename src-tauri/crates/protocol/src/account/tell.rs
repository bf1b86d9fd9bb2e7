//! When the user is told something. Everything here is said once.

use std::time::Duration;

use super::effect::Effect;
use super::lapse::{self, Cause, Lapse};
use super::notice::{Notice, NoticeKey, Topic};
use super::policy::Method;
use super::{Account, schedule};
use crate::clock::Tick;
use crate::when::When;

/// One failure is weather; a second one in a row is worth a word when the token is about to die.
const FAILURES_WORTH_TELLING: u32 = 2;

/// What a notice that it is over takes back.
const TROUBLE: [Topic; 3] = [
    Topic::SignInNeeded,
    Topic::Misconfigured,
    Topic::RenewalFailing,
];

impl Account {
    /// When the next notice is to be given.
    pub(super) fn notice_due(&self, now: Tick) -> When {
        let untold = self.notices(now).filter(|(key, _)| !self.told.knows(key));
        untold.map(|(_, when)| when).min().unwrap_or(When::Never)
    }

    /// Gives the notices that are due.
    pub(super) fn tell(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        let due: Vec<_> = self
            .notices(now)
            .filter(|(_, when)| when.is_now())
            .map(|(key, _)| key)
            .collect();
        for key in due {
            let detail = match key {
                NoticeKey::About(topic, _) => self.detail(topic),
                NoticeKey::LapseAhead { .. } => None,
            };
            self.notify(key, detail, now, fx);
        }
    }

    /// What there is to be told, and when, whether it was told already or not.
    fn notices(&self, now: Tick) -> impl Iterator<Item = (NoticeKey, When)> {
        let known = !self.phase.is_unknown();
        let about = move |topic| NoticeKey::About(topic, self.tokens.generation());
        let unsaved = When::only_if(known && self.writes.is_unsaved());
        // Of what the next keeper will try again nobody is told on the way out.
        let staying = known && !self.quitting;
        let trouble = staying.then(|| self.trouble(now)).into_iter().flatten();
        let leads = staying
            .then(|| self.lapses_ahead(now))
            .into_iter()
            .flatten();
        std::iter::once((about(Topic::Unsaved), unsaved))
            .chain(trouble.map(move |(topic, when)| (about(topic), when)))
            .chain(leads)
    }

    /// What is wrong or will be, of which one thing at a time is worth telling.
    fn trouble(&self, now: Tick) -> [(Topic, When); 2] {
        if self.attempts.wrong_set_up().is_some() {
            let never = (Topic::SignInNeeded, When::Never);
            return [(Topic::Misconfigured, When::Now), never];
        }
        let (sign_in, problem) = self.sign_in_needed(now);
        // Nobody is reminded of an account that was only just added.
        let signed_in_once = self.tokens.generation() > 0 || problem.is_some();
        let told = sign_in.and(When::only_if(signed_in_once));
        let worth = self.attempts.failures() >= FAILURES_WORTH_TELLING && !sign_in.is_now();
        let failing = When::only_if(worth)
            .and(self.told.quiet_over(now))
            .and(self.about_to_die(now));
        [
            (Topic::SignInNeeded, told),
            (Topic::RenewalFailing, failing),
        ]
    }

    fn detail(&self, topic: Topic) -> Option<String> {
        let attempts = &self.attempts;
        let problem = match topic {
            Topic::Misconfigured => attempts.wrong_set_up().map(|wrong| &wrong.problem),
            Topic::SignInNeeded => attempts.rejection(),
            Topic::RenewalFailing => attempts.failure(),
            Topic::NoRefreshToken | Topic::Unsaved | Topic::Recovered | Topic::SessionLeft => None,
        };
        problem.map(ToString::to_string)
    }

    /// When renewals should long have got through: half of the token's margin before its end.
    fn about_to_die(&self, now: Tick) -> When {
        let from = self.tokens.current().map(|set| {
            let margin = schedule::margin(set.lifetime());
            set.expires_at - margin / 2
        });
        When::after(from, now)
    }

    /// The earliest end that no scheduled renewal moves. None where a person has to sign in anyway: that end has come.
    pub(super) fn lapse(&self, now: Tick) -> Option<Lapse> {
        let attempts = &self.attempts;
        if attempts.rejection().is_some() && self.known_method(now).is_none() {
            return None;
        }
        let failing = attempts.failure().is_some() || attempts.wrong_set_up().is_some();
        let assertion = self.policy.assertion.as_ref();
        lapse::lapse(self.tokens.current(), assertion, failing)
    }

    /// How far ahead of the lapse it is to be announced. Of those times that have come only the last matters: earlier
    /// ones that were missed say nothing more.
    fn lapses_ahead(&self, now: Tick) -> impl Iterator<Item = (NoticeKey, When)> + use<> {
        let lapse = self.lapse(now).filter(|lapse| now < lapse.at);
        let leads = lapse.into_iter().flat_map({
            let known_from = self.tokens.current().map(|set| set.issued_at);
            move |lapse| leads(lapse, known_from).map(move |lead| (lapse, lead))
        });
        let last = leads
            .clone()
            .filter(|(lapse, lead)| lapse.at - *lead <= now);
        let last = last.map(|(_, lead)| lead).min();
        leads.map(move |(lapse, lead)| {
            let missed = last.is_some_and(|last| last < lead);
            let when = When::from(lapse.at - lead, now).and(When::only_if(!missed));
            (NoticeKey::LapseAhead { lapse, lead }, when)
        })
    }

    /// A set became the current one: trouble that was told of is over, and there may be something to tell of the set.
    pub(super) fn tell_of_arrival(&mut self, method: Method, now: Tick, fx: &mut Vec<Effect>) {
        let generation = self.tokens.generation();
        let before = generation - 1;
        // What was told under this set's number was about one that was lost with its keeper.
        self.told.prune(before, now);
        if self.told.has_any(&TROUBLE, before) {
            let key = NoticeKey::About(Topic::Recovered, generation);
            self.notify(key, None, now, fx);
        }
        if method == Method::Code && self.tokens.refresh_token().is_none() {
            let key = NoticeKey::About(Topic::NoRefreshToken, generation);
            let advice = self.policy.no_refresh_token_advice.clone();
            self.notify(key, Some(advice), now, fx);
        }
    }

    fn notify(&mut self, key: NoticeKey, detail: Option<String>, now: Tick, fx: &mut Vec<Effect>) {
        if !self.told.is_news(key) {
            return;
        }
        // In doubt, or once an API has refused it, nobody gets the token, whatever its life.
        let certain = self.attempts.doubt().is_none() && !self.is_withheld(now);
        let alive = self.tokens.alive(now).filter(|_| certain);
        fx.push(Effect::Notify(Notice {
            key,
            detail,
            token_until: alive.map(|set| set.expires_at),
        }));
    }
}

fn leads(lapse: Lapse, issued_at: Option<Tick>) -> impl Iterator<Item = Duration> + Clone {
    let known_from = match lapse.cause {
        // Nobody knows when an assertion was minted; it is meant to last.
        Cause::AssertionEnds => None,
        _ => issued_at,
    };
    lapse::leads(known_from.map_or(Duration::MAX, |from| lapse.at.since(from)))
}
