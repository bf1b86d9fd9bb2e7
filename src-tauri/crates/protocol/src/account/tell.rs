//! When the user is told something. Everything here is said once.

use super::event::Effect;
use super::lapse::{self, Cause, Lapse};
use super::notice::{Notice, NoticeKey, Topic};
use super::{Account, Need, Phase, schedule};
use crate::clock::Tick;

/// One failure is weather; a second one in a row is worth a word when the token is about to die.
const FAILURES_WORTH_TELLING: u32 = 2;

impl Account {
    pub(super) fn tell(&mut self, now: Tick, fx: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Loading { .. } | Phase::Removed) {
            return;
        }
        if self.unsaved.is_some() {
            let key = NoticeKey::About(Topic::Unsaved, self.generation);
            self.notify(key, None, now, fx);
        }
        // Of what the next keeper will try again nobody is told on the way out.
        if self.quitting {
            return;
        }
        if let Some((topic, detail)) = self.trouble(now) {
            let key = NoticeKey::About(topic, self.generation);
            self.notify(key, detail, now, fx);
        }
        if let Some(key) = self.lapse_ahead(now) {
            self.notify(key, None, now, fx);
        }
    }

    fn notify(&mut self, key: NoticeKey, detail: Option<String>, now: Tick, fx: &mut Vec<Effect>) {
        if self.told.is_news(key) {
            // In doubt nobody gets it, whatever its life.
            let certain = self.doubt.is_none();
            let alive = self.held.as_ref().filter(|held| certain && held.lives(now));
            let token_until = alive.map(|held| held.expires_at);
            fx.push(Effect::Notify(Notice {
                key,
                detail,
                token_until,
            }));
        }
    }

    /// What is wrong now, where it is worth telling.
    fn trouble(&self, now: Tick) -> Option<(Topic, Option<String>)> {
        if let Some(Need::Edit { problem, .. }) = &self.need {
            return Some((Topic::Misconfigured, Some(problem.to_string())));
        }
        if let Some(problem) = self.sign_in_needed(now) {
            // Nobody is reminded of an account that was only just added.
            let signed_in_once = self.generation > 0 || problem.is_some();
            let detail = problem.map(ToString::to_string);
            return signed_in_once.then_some((Topic::SignInNeeded, detail));
        }
        let failing = self.failing.as_ref()?;
        let quiet = self.quiet_until.is_some_and(|until| now < until);
        let told = failing.count >= FAILURES_WORTH_TELLING && !quiet && self.is_about_to_die(now);
        told.then(|| (Topic::RenewalFailing, Some(failing.problem.to_string())))
    }

    fn is_about_to_die(&self, now: Tick) -> bool {
        self.about_to_die_from().is_none_or(|from| from <= now)
    }

    /// Half of its margin before its end: by then a renewal should have got through.
    fn about_to_die_from(&self) -> Option<Tick> {
        let held = self.held.as_ref()?;
        Some(held.expires_at - schedule::margin(held.lifetime()) / 2)
    }

    /// The earliest end that no scheduled renewal moves. None where a person has to sign in anyway: that end has come.
    pub(super) fn lapse(&self) -> Option<Lapse> {
        if matches!(self.need, Some(Need::SignIn(_))) {
            return None;
        }
        let failing = self.failing.is_some() || self.need.is_some();
        lapse::lapse(self.held.as_ref(), self.policy.assertion.as_ref(), failing)
    }

    /// The shortest lead that has come: earlier ones that were missed say nothing more.
    fn lapse_ahead(&self, now: Tick) -> Option<NoticeKey> {
        let lapse = self.lapse().filter(|lapse| now < lapse.at)?;
        let lead = self
            .leads(lapse)
            .filter(|lead| lapse.at - *lead <= now)
            .min()?;
        Some(NoticeKey::LapseAhead { lapse, lead })
    }

    fn leads(&self, lapse: Lapse) -> impl Iterator<Item = std::time::Duration> + use<> {
        let known_from = match lapse.cause {
            // Nobody knows when an assertion was minted; it is meant to last.
            Cause::AssertionEnds => None,
            _ => self.held.as_ref().map(|held| held.sent_at),
        };
        lapse::leads(known_from.map_or(std::time::Duration::MAX, |from| lapse.at.since(from)))
    }

    /// The moments at which something may have to be told.
    pub(super) fn notice_moments(&self, at: &mut impl FnMut(Option<Tick>)) {
        if matches!(self.phase, Phase::Loading { .. } | Phase::Removed) {
            return;
        }
        if let Some(lapse) = self.lapse() {
            for lead in self.leads(lapse) {
                at((!self.told.knows(&NoticeKey::LapseAhead { lapse, lead }))
                    .then(|| lapse.at - lead));
            }
            at((lapse.cause == Cause::NoRefreshToken).then_some(lapse.at));
        }
        if self.failing.is_some() {
            at(self.about_to_die_from());
            at(self.quiet_until);
        }
    }
}
