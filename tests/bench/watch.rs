//! Whether an account's token ever lapsed, seen by somebody who asks for it and uses it again and again.
//!
//! Between two looks a token cannot have lapsed unseen: the first one says how long it lives, and the second has to be
//! there by then.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

/// One look at an account's token. Times are since the watch began.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// When the token was asked for.
    pub(crate) asked: Duration,
    /// When that was answered.
    pub(crate) answered: Duration,
    /// What came.
    pub(crate) token: Option<Token>,
}

/// A token that was handed out.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// Its fingerprint.
    pub(crate) fingerprint: String,
    /// How long it lives from the answer on.
    pub(crate) lives: Duration,
    /// Whether the provider's resource took it, for the user whose it is.
    pub(crate) accepted: bool,
}

/// A way in which a token was not there when it was needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Lapse {
    /// None was handed out.
    NoToken,
    /// It was dead when it was handed out.
    Dead,
    /// The resource refused it.
    Refused,
    /// It came only after the one before had died.
    TooLate,
    /// It was not asked for until the one before had died, so nobody knows: the watcher was late by itself, or because
    /// another account's answer held it up.
    Unwatched,
}

/// What was seen of an account, or of many.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// How often tokens were looked at.
    pub(crate) looks: usize,
    /// How many tokens took another one's place.
    pub(crate) renewals: usize,
    /// How often which lapse was seen.
    pub(crate) lapses: BTreeMap<Lapse, usize>,
    /// How long each answer took.
    pub(crate) waits: Vec<Duration>,
}

impl Seen {
    /// Puts what was seen of others to it.
    pub(crate) fn add(&mut self, other: Self) {
        self.looks += other.looks;
        self.renewals += other.renewals;
        self.waits.extend(other.waits);
        for (lapse, count) in other.lapses {
            *self.lapses.entry(lapse).or_default() += count;
        }
    }

    /// How many lapses there were, or may have been.
    pub(crate) fn lapse_count(&self) -> usize {
        self.lapses.values().sum()
    }
}

/// Watches over the token of one account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    /// The token seen last, and until when it lives.
    last: Option<(String, Duration)>,
}

impl Watch {
    /// Takes another look into account.
    pub(crate) fn look(&mut self, look: Look, seen: &mut Seen) {
        seen.looks += 1;
        seen.waits.push(look.answered.saturating_sub(look.asked));
        let before = self.last.take();
        let lapse = lapse(before.as_ref().map(|before| before.1), &look);
        if let Some(lapse) = lapse {
            *seen.lapses.entry(lapse).or_default() += 1;
        }
        // Where none came, that one lapse is enough: nothing is said of the time until the next token.
        let Some(token) = look.token else { return };
        seen.renewals += usize::from(before.is_some_and(|before| before.0 != token.fingerprint));
        self.last = Some((token.fingerprint, look.answered + token.lives));
    }
}

/// What is wrong with a look, when the token before it lived until `before`.
fn lapse(before: Option<Duration>, look: &Look) -> Option<Lapse> {
    let token = match &look.token {
        None => return Some(Lapse::NoToken),
        Some(token) => token,
    };
    if token.lives.is_zero() {
        Some(Lapse::Dead)
    } else if !token.accepted {
        Some(Lapse::Refused)
    } else if before.is_some_and(|end| look.asked > end) {
        Some(Lapse::Unwatched)
    } else if before.is_some_and(|end| look.answered > end) {
        Some(Lapse::TooLate)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn look(asked: u32, answered: u32, fingerprint: &str, lives: u32) -> Look {
        Look {
            asked: SECOND * asked,
            answered: SECOND * answered,
            token: Some(Token {
                fingerprint: fingerprint.to_owned(),
                lives: SECOND * lives,
                accepted: true,
            }),
        }
    }

    fn watched(looks: impl IntoIterator<Item = Look>) -> Seen {
        let (mut watch, mut seen) = (Watch::default(), Seen::default());
        for look in looks {
            watch.look(look, &mut seen);
        }
        seen
    }

    fn lapses(looks: impl IntoIterator<Item = Look>) -> Vec<(Lapse, usize)> {
        watched(looks).lapses.into_iter().collect()
    }

    #[test]
    fn a_token_that_is_replaced_before_it_dies_has_not_lapsed() {
        let seen = watched([
            look(0, 0, "one", 120),
            look(60, 60, "one", 60),
            look(118, 119, "two", 120),
        ]);
        assert_eq!((seen.looks, seen.renewals, seen.lapse_count()), (3, 1, 0));
        assert_eq!(seen.waits, [Duration::ZERO, Duration::ZERO, SECOND]);
    }

    #[test]
    fn a_token_that_comes_after_the_last_one_died_is_too_late() {
        let seen = [look(0, 0, "one", 120), look(118, 121, "two", 120)];
        assert_eq!(lapses(seen), [(Lapse::TooLate, 1)]);
    }

    #[test]
    fn a_watcher_that_looks_away_too_long_does_not_take_it_for_good() {
        let seen = [look(0, 0, "one", 120), look(121, 121, "two", 120)];
        assert_eq!(lapses(seen), [(Lapse::Unwatched, 1)]);
    }

    #[test]
    fn no_token_a_dead_one_and_a_refused_one_are_lapses() {
        let none = Look {
            token: None,
            ..look(0, 30, "", 0)
        };
        let mut refused = look(50, 50, "two", 100);
        refused.token.as_mut().unwrap().accepted = false;
        let seen = [none, look(40, 40, "one", 0), refused];
        let expected = [(Lapse::NoToken, 1), (Lapse::Dead, 1), (Lapse::Refused, 1)];
        assert_eq!(lapses(seen), expected.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn what_several_watchers_saw_adds_up() {
        let mut all = watched([look(0, 0, "one", 0)]);
        all.add(watched([look(0, 0, "one", 0), look(0, 1, "two", 5)]));
        assert_eq!((all.looks, all.renewals, all.lapse_count()), (3, 1, 3));
    }
}
