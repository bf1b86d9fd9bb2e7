//! Access tokens that an API was reported to refuse: withheld until a renewal has answered.
//!
//! A renewal follows, once. If the next token is refused just as soon, the refusals are not about the
//! token (a 401 that means "not permitted"): it is handed out, and marked. A program that always says
//! `refused` would otherwise have everybody's token killed, again and again. Each renewal in a row
//! doubles the time in which that is concluded, so that a slow one is noticed, too. The conclusion
//! does not stand for ever: the session may have ended after all.

use std::time::Duration;

use crate::clock::Tick;

/// A token refused within this time of its coming, which was because of another refusal, is not to blame.
const SOON: Duration = Duration::from_secs(60);

/// The time is doubled no more often than this: it is sixteen minutes then.
const MOST_DOUBLINGS: u32 = 4;

/// For how many times that long a token that is not to blame stays so, at most [`LONGEST_PARDON`].
const PARDON: u32 = 10;
const LONGEST_PARDON: Duration = Duration::from_secs(1800);

/// What was reported of the current access token, and of those before it.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// Since when it is withheld.
    since: Option<Tick>,
    /// How many renewals in a row were because of refusals, the one that brought this token among them.
    in_a_row: u32,
    came_at: Option<Tick>,
    /// It was refused as soon as the one before it.
    again: bool,
}

impl Refusal {
    /// A refusal that no renewal had answered when the last run ended.
    pub(super) fn restored(since: Option<Tick>) -> Self {
        Self {
            since,
            ..Self::default()
        }
    }

    /// The current token was refused. Tells whether that is news.
    pub(super) fn report(&mut self, now: Tick) -> bool {
        if self.since.is_some() || (self.again && self.came_within(self.pardon(), now)) {
            return false;
        }
        self.again = !self.again && self.in_a_row > 0 && self.came_within(self.soon(), now);
        if !self.again {
            self.since = Some(now);
        }
        true
    }

    fn came_within(&self, time: Duration, now: Tick) -> bool {
        self.came_at.is_some_and(|came| now < came + time)
    }

    fn soon(&self) -> Duration {
        SOON * (1 << self.in_a_row.saturating_sub(1).min(MOST_DOUBLINGS))
    }

    fn pardon(&self) -> Duration {
        (self.soon() * PARDON).min(LONGEST_PARDON)
    }

    /// Another token came.
    pub(super) fn answered(&mut self, now: Tick) {
        let because = self.since.is_some();
        *self = Self {
            since: None,
            in_a_row: if because { self.in_a_row + 1 } else { 0 },
            came_at: Some(now),
            again: false,
        };
    }

    /// Since when the token is withheld.
    pub(super) fn since(&self) -> Option<Tick> {
        self.since
    }

    /// Whether refusals are not about this token.
    pub(super) fn is_not_to_blame(&self) -> bool {
        self.again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Tick {
        Tick::from_millis(seconds * 1000)
    }

    /// Reports a refusal every so many seconds, each answered at once; how many renewals that makes in an hour.
    fn renewals(every: i64) -> u32 {
        let mut refusal = Refusal::default();
        let mut renewals = 0;
        for now in (0..3600).step_by(usize::try_from(every).unwrap()) {
            refusal.report(at(now));
            if refusal.since().is_some() {
                refusal.answered(at(now));
                renewals += 1;
            }
        }
        renewals
    }

    #[test]
    fn a_token_refused_as_soon_as_the_one_before_it_is_not_to_blame() {
        let mut refusal = Refusal::default();
        assert!(refusal.report(at(0)));
        assert!(!refusal.report(at(1)));
        assert_eq!(refusal.since(), Some(at(0)));
        refusal.answered(at(2));
        assert!(refusal.report(at(61)));
        assert!(refusal.since().is_none() && refusal.is_not_to_blame());
        assert!(!refusal.report(at(600)));
    }

    #[test]
    fn a_token_that_is_not_to_blame_is_renewed_ten_minutes_later_after_all() {
        let mut refusal = Refusal::default();
        refusal.report(at(0));
        refusal.answered(at(0));
        refusal.report(at(5));
        assert!(!refusal.report(at(599)));
        assert!(refusal.report(at(600)));
        assert_eq!(refusal.since(), Some(at(600)));
        assert!(!refusal.is_not_to_blame());
    }

    #[test]
    fn a_token_refused_later_is_renewed_like_any_other() {
        let mut refusal = Refusal::default();
        refusal.report(at(0));
        refusal.answered(at(2));
        assert!(refusal.report(at(62)));
        assert_eq!(refusal.since(), Some(at(62)));
    }

    #[test]
    fn a_program_that_refuses_every_token_has_few_renewed() {
        for (every, most) in [(1, 4), (15, 4), (59, 4), (70, 5), (130, 5), (600, 6)] {
            assert!(renewals(every) <= most, "{every}: {}", renewals(every));
        }
    }
}
