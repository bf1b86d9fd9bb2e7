//! Invariant 8: no nagging. Each notice is given once per lapse and lead time, across restarts, and a
//! lapse that could be seen coming is announced.

use std::time::Duration;

use tokenkeep_protocol::account::{Cause, Notice, NoticeKey, Topic};
use tokenkeep_protocol::clock::Tick;

use super::super::world::World;
use super::{Checks, Invariant};

/// How many notices are remembered.
const KEPT: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Notices {
    /// With the order of the set that each was about.
    told: Vec<(NoticeKey, u64)>,
    /// What must be told by the end of the step.
    pub(super) owed: Option<NoticeKey>,
    /// The assertion's end was announced.
    announced: Option<Tick>,
}

impl Notices {
    pub(super) fn was_told(&self, key: &NoticeKey) -> bool {
        self.told.iter().any(|(told, _)| told == key)
    }
}

impl World {
    pub(crate) fn check_notice(&mut self, account: usize, notice: &Notice) {
        self.report.notices += 1;
        let of = &self.checks.accounts[account];
        let order = of.known.order(of.known.newest());
        // A lapse whose time is stored wrong may look like another one.
        let wrong = self.checks.clocks.was_ever_wrong(account);
        let is_twice = of
            .notices
            .told
            .iter()
            .any(|told| is_same(told, notice.key, order, wrong));
        if is_twice {
            let what = format!("told twice: {notice:?}");
            return self.wrong(Invariant::NoNagging, account, what);
        }
        self.check_until(account, notice);
        if let NoticeKey::About(Topic::SignInNeeded, _) = notice.key {
            self.check_sign_in_needed(account);
        }
        let now = self.now;
        let notices = &mut self.checks.accounts[account].notices;
        notices.owed.take_if(|owed| *owed == notice.key);
        if let NoticeKey::LapseAhead { lapse, .. } = notice.key
            && lapse.cause == Cause::AssertionEnds
        {
            notices.announced = Some(now);
        }
        notices.told.push((notice.key, order));
        if notices.told.len() > KEPT {
            notices.told.remove(0);
        }
    }

    /// An assertion's end passed: it was announced, if the keeper ran in the last quarter of an hour and
    /// knew what time it was.
    pub(crate) fn check_announced(&mut self, account: usize, ended_at: Tick) {
        let quarter = Duration::from_secs(15 * 60);
        let announced = self.checks.accounts[account].notices.announced;
        let ran = self
            .checks
            .obstacles
            .is_clear_for_everyone(ended_at - quarter, ended_at);
        let known = ran && !self.checks.clocks.was_ever_wrong(account) && self.wall_offset == 0;
        if known && !self.checks.accounts[account].removed && announced.is_none() {
            let what = "an assertion ended without a word";
            self.wrong(Invariant::NoNagging, account, what);
        }
    }
}

impl Checks {
    /// A person minted another assertion.
    pub(crate) fn assertion_replaced(&mut self, account: usize) {
        self.accounts[account].notices.announced = None;
    }
}

/// Whether a notice says what another one said before.
fn is_same(
    (told, about): &(NoticeKey, u64),
    new: NoticeKey,
    order: u64,
    clock_wrong: bool,
) -> bool {
    match (told, new) {
        (NoticeKey::About(topic, generation), NoticeKey::About(new, of)) => {
            (*topic, *generation, *about) == (new, of, order)
        }
        (
            NoticeKey::LapseAhead { lapse: a, lead: x },
            NoticeKey::LapseAhead { lapse: b, lead: y },
        ) => {
            let apart = a.at.since(b.at).max(b.at.since(a.at));
            let close = apart < Duration::from_secs(2).min(y / 2);
            a.cause == b.cause && *x == y && close && !clock_wrong
        }
        _ => false,
    }
}
