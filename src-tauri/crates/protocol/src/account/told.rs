//! The notices that were given.

use super::notice::{NoticeKey, SAME_END, Topic};
use super::schedule::QUIET_AFTER_WAKE;
use crate::clock::Tick;
use crate::when::When;

/// The notices that were given and may matter still.
#[derive(Debug)]
pub(super) struct Told {
    keys: Vec<NoticeKey>,
    /// After a wake-up failures are no news until then.
    quiet_until: Option<Tick>,
}

impl Told {
    pub(super) fn new(keys: Vec<NoticeKey>) -> Self {
        Self {
            keys,
            quiet_until: None,
        }
    }

    /// Notes that this is told; whether it is news.
    pub(super) fn is_news(&mut self, key: NoticeKey) -> bool {
        let news = !self.knows(&key);
        if news {
            self.keys.push(key);
        }
        news
    }

    /// Whether this was told.
    pub(super) fn knows(&self, key: &NoticeKey) -> bool {
        self.keys.iter().any(|told| told.same(key))
    }

    /// Whether a notice of one of these topics was given about `generation`.
    pub(super) fn has_any(&self, topics: &[Topic], generation: u64) -> bool {
        let mut topics = topics.iter();
        topics.any(|topic| self.keys.contains(&NoticeKey::About(*topic, generation)))
    }

    /// All of them.
    pub(super) fn keys(&self) -> &[NoticeKey] {
        &self.keys
    }

    /// Forgets what can never come up again: older generations, and lapses that passed. Later generations
    /// were lost in a crash: what was told of them says nothing of those that will bear their numbers.
    pub(super) fn prune(&mut self, generation: u64, now: Tick) {
        self.keys.retain(|key| match key {
            NoticeKey::About(_, of) => *of + 1 >= generation && *of <= generation,
            NoticeKey::LapseAhead { lapse, .. } => lapse.at + SAME_END * 2 > now,
        });
    }

    /// The machine woke from sleep.
    pub(super) fn woke(&mut self, now: Tick) {
        self.quiet_until = Some(now + QUIET_AFTER_WAKE);
    }

    /// When failures are news again.
    pub(super) fn quiet_over(&self, now: Tick) -> When {
        When::after(self.quiet_until, now)
    }
}
