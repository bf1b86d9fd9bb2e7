//! When something is to be done: one answer that serves both to do it and to be woken for it.

use crate::clock::Tick;

/// When a condition holds, as far as time alone decides. Ordered: the sooner, the less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// It holds.
    Now,
    /// It will hold from then on.
    At(Tick),
    /// It will not hold before something else happens.
    Never,
}

impl When {
    /// From `at` on.
    #[must_use]
    pub fn from(at: Tick, now: Tick) -> Self {
        if at <= now { Self::Now } else { Self::At(at) }
    }

    /// From `at` on; now, where there is nothing to wait for.
    #[must_use]
    pub fn after(at: Option<Tick>, now: Tick) -> Self {
        at.map_or(Self::Now, |at| Self::from(at, now))
    }

    /// Now or never.
    #[must_use]
    pub fn only_if(holds: bool) -> Self {
        if holds { Self::Now } else { Self::Never }
    }

    /// When both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// When either holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.min(other)
    }

    /// Whether it holds.
    #[must_use]
    pub fn is_now(self) -> bool {
        self == Self::Now
    }

    /// The moment to come, where there is one.
    #[must_use]
    pub fn to_come(self) -> Option<Tick> {
        match self {
            Self::At(at) => Some(at),
            Self::Now | Self::Never => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_hold_from_the_later_moment_and_either_from_the_sooner() {
        let [soon, late] = [5, 9].map(|millis| When::At(Tick::from_millis(millis)));
        assert_eq!(soon.and(late), late);
        assert_eq!(soon.or(late), soon);
        assert_eq!(soon.and(When::Now), soon);
        assert_eq!(late.or(When::Never), late);
        assert_eq!(late.and(When::Never), When::Never);
    }

    #[test]
    fn a_moment_has_come_from_itself_on() {
        let at = Tick::from_millis(5);
        assert_eq!(When::from(at, at), When::Now);
        assert_eq!(When::from(at, Tick::from_millis(4)), When::At(at));
        assert_eq!(When::after(None, at), When::Now);
    }
}
