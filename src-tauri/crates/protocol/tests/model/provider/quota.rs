//! The provider's own count of requests.

use std::collections::{HashMap, VecDeque};

use tokenkeep_oauth::{Quota, RateLimit};
use tokenkeep_protocol::clock::Tick;

/// Whose requests are counted together: a client's, or those of one of its users.
pub(super) type Counted = (usize, Option<usize>);

#[derive(Debug, Default)]
struct Meter {
    recent: VecDeque<Tick>,
    penalty_until: Option<Tick>,
}

/// All counts.
#[derive(Debug, Default)]
pub(super) struct Meters(HashMap<Counted, Meter>);

impl Meters {
    /// Counts a request; whether it was one too many. Each one in a penalty window begins it anew.
    pub(super) fn is_over(&mut self, counted: Counted, quota: &Quota, now: Tick) -> bool {
        let meter = self.0.entry(counted).or_default();
        let recent = &mut meter.recent;
        while recent
            .front()
            .is_some_and(|at| now.since(*at) >= quota.window)
        {
            recent.pop_front();
        }
        let punished = meter.penalty_until.is_some_and(|until| now < until);
        if punished || meter.recent.len() >= quota.requests as usize {
            meter.penalty_until = Some(now + quota.penalty);
            return true;
        }
        meter.recent.push_back(now);
        false
    }

    /// What the `X-Rate-Limit-*` headers say.
    pub(super) fn headers(&self, counted: Counted, quota: &Quota) -> RateLimit {
        let used = self.0.get(&counted).map_or(0, |meter| meter.recent.len());
        let used = u32::try_from(used).unwrap_or(u32::MAX);
        RateLimit {
            limit: quota.requests,
            remaining: quota.requests.saturating_sub(used),
            window: quota.window,
        }
    }
}
