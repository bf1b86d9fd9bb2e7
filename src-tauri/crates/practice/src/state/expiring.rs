//! Things that are kept for a fixed time and then forgotten, without ever searching for them.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::clock::Moment;

/// A map whose entries are forgotten a fixed time after they were put in.
pub(crate) struct Expiring<V> {
    kept_for: Duration,
    entries: HashMap<String, V>,
    /// In the order of their ends, which is the order in which they came: all are kept equally long.
    ends: VecDeque<(Moment, String)>,
}

impl<V> Expiring<V> {
    pub(crate) fn new(kept_for: Duration) -> Self {
        Self {
            kept_for,
            entries: HashMap::new(),
            ends: VecDeque::new(),
        }
    }

    pub(crate) fn insert(&mut self, key: String, value: V, now: Moment) {
        self.forget(now);
        self.ends.push_back((now + self.kept_for, key.clone()));
        self.entries.insert(key, value);
    }

    pub(crate) fn get_mut(&mut self, key: &str, now: Moment) -> Option<&mut V> {
        self.forget(now);
        self.entries.get_mut(key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.entries.get(key)
    }

    pub(crate) fn remove(&mut self, key: &str, now: Moment) -> Option<V> {
        self.forget(now);
        self.entries.remove(key)
    }

    fn forget(&mut self, now: Moment) {
        while self.ends.front().is_some_and(|(end, _)| *end <= now) {
            if let Some((_, key)) = self.ends.pop_front() {
                self.entries.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_there_until_its_time_is_over() {
        let mut map = Expiring::new(Duration::from_secs(10));
        map.insert("a".into(), 1, Duration::from_secs(0));
        map.insert("b".into(), 2, Duration::from_secs(5));
        assert_eq!(map.get_mut("a", Duration::from_millis(9_999)), Some(&mut 1));
        assert_eq!(map.get_mut("a", Duration::from_secs(10)), None);
        assert_eq!(map.remove("b", Duration::from_secs(10)), Some(2));
        assert_eq!(map.remove("b", Duration::from_secs(10)), None);
    }

    #[test]
    fn what_was_forgotten_takes_no_room() {
        let mut map = Expiring::new(Duration::from_secs(10));
        for second in 0..1000 {
            map.insert(second.to_string(), (), Duration::from_secs(second));
        }
        assert_eq!((map.entries.len(), map.ends.len()), (10, 10));
    }
}
