//! The quota of token requests per client (docs/basics/rate-limits.md, group "Auth").

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::clients::Client;
use crate::clock::Moment;

/// The time over which requests are counted.
pub(crate) const WINDOW: Duration = Duration::from_secs(60);
/// How long a client that went over is refused. Every further request starts it again.
pub(crate) const PENALTY: Duration = Duration::from_secs(60);

/// What the quota says to a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// There is no limit.
    Unlimited,
    /// Go ahead.
    Within {
        /// Requests per window.
        limit: u32,
        /// How many more the window holds.
        remaining: u32,
    },
    /// Refused, for [`PENALTY`] from now.
    Over {
        /// Requests per window.
        limit: u32,
    },
}

#[derive(Default)]
struct Usage {
    /// When the requests of the current window came, at most `limit` of them.
    requests: VecDeque<Moment>,
    penalty_until: Option<Moment>,
}

/// The quota of every client.
pub(crate) struct Quota {
    limit: u32,
    usage: HashMap<Client, Usage>,
}

impl Quota {
    /// So many requests per [`WINDOW`]; 0 is no limit.
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            limit,
            usage: HashMap::new(),
        }
    }

    /// Counts a request.
    pub(crate) fn count(&mut self, client: Client, now: Moment) -> Verdict {
        let limit = self.limit;
        if limit == 0 {
            return Verdict::Unlimited;
        }
        let usage = self.usage.entry(client).or_default();
        if usage.penalty_until.is_some_and(|until| until <= now) {
            *usage = Usage::default();
        }
        while usage
            .requests
            .front()
            .is_some_and(|came| *came + WINDOW <= now)
        {
            usage.requests.pop_front();
        }
        let used = u32::try_from(usage.requests.len()).unwrap_or(u32::MAX);
        if usage.penalty_until.is_some() || used >= limit {
            usage.penalty_until = Some(now + PENALTY);
            return Verdict::Over { limit };
        }
        usage.requests.push_back(now);
        Verdict::Within {
            limit,
            remaining: limit - used - 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(seconds)
    }

    /// A quota of five that was used up by five requests at 0 s.
    fn used_up() -> Quota {
        let mut quota = Quota::new(5);
        for remaining in (0..5).rev() {
            assert_eq!(
                quota.count(Client::Public, at(0)),
                Verdict::Within {
                    limit: 5,
                    remaining
                }
            );
        }
        quota
    }

    #[test]
    fn the_sixth_request_within_a_minute_is_over() {
        assert_eq!(
            used_up().count(Client::Public, at(59)),
            Verdict::Over { limit: 5 }
        );
    }

    #[test]
    fn a_minute_later_the_window_is_free_again() {
        assert_eq!(
            used_up().count(Client::Public, at(60)),
            Verdict::Within {
                limit: 5,
                remaining: 4
            }
        );
    }

    #[test]
    fn the_window_slides() {
        let mut quota = Quota::new(2);
        quota.count(Client::Public, at(0));
        quota.count(Client::Public, at(50));
        assert_eq!(
            quota.count(Client::Public, at(60)),
            Verdict::Within {
                limit: 2,
                remaining: 0
            }
        );
        assert_eq!(
            quota.count(Client::Public, at(61)),
            Verdict::Over { limit: 2 }
        );
    }

    #[test]
    fn every_request_in_the_penalty_starts_it_again() {
        let mut quota = used_up();
        for second in [1, 60, 119, 178] {
            assert_eq!(
                quota.count(Client::Public, at(second)),
                Verdict::Over { limit: 5 },
                "{second}"
            );
        }
        assert_eq!(
            quota.count(Client::Public, at(238)),
            Verdict::Within {
                limit: 5,
                remaining: 4
            }
        );
    }

    #[test]
    fn clients_have_a_quota_each() {
        assert_eq!(
            used_up().count(Client::Confidential, at(1)),
            Verdict::Within {
                limit: 5,
                remaining: 4
            }
        );
    }

    #[test]
    fn nought_is_no_limit() {
        let mut quota = Quota::new(0);
        for _ in 0..1000 {
            assert_eq!(quota.count(Client::Public, at(0)), Verdict::Unlimited);
        }
    }
}
