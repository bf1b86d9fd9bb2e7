//! The quota of token requests per client (docs/basics/rate-limits.md, group "Auth").

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::clients::RegisteredClient;
use crate::clock::Moment;

/// The time over which requests are counted.
pub(crate) const WINDOW: Duration = Duration::from_secs(60);
/// How long a client that went over is refused. Every further request starts it again.
pub(crate) const PENALTY: Duration = Duration::from_secs(60);

/// What the quota says to a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RateLimitVerdict {
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
pub(crate) struct RateLimiter {
    limit: u32,
    usage: HashMap<RegisteredClient, Usage>,
}

impl RateLimiter {
    /// So many requests per [`WINDOW`]; 0 is no limit.
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            limit,
            usage: HashMap::new(),
        }
    }

    /// OutcomeCounts a request.
    pub(crate) fn count(&mut self, client: RegisteredClient, now: Moment) -> RateLimitVerdict {
        let limit = self.limit;
        if limit == 0 {
            return RateLimitVerdict::Unlimited;
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
            return RateLimitVerdict::Over { limit };
        }
        usage.requests.push_back(now);
        RateLimitVerdict::Within {
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
    fn used_up() -> RateLimiter {
        let mut quota = RateLimiter::new(5);
        for remaining in (0..5).rev() {
            assert_eq!(
                quota.count(RegisteredClient::Public, at(0)),
                RateLimitVerdict::Within {
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
            used_up().count(RegisteredClient::Public, at(59)),
            RateLimitVerdict::Over { limit: 5 }
        );
    }

    #[test]
    fn a_minute_later_the_window_is_free_again() {
        assert_eq!(
            used_up().count(RegisteredClient::Public, at(60)),
            RateLimitVerdict::Within {
                limit: 5,
                remaining: 4
            }
        );
    }

    #[test]
    fn the_window_slides() {
        let mut quota = RateLimiter::new(2);
        quota.count(RegisteredClient::Public, at(0));
        quota.count(RegisteredClient::Public, at(50));
        assert_eq!(
            quota.count(RegisteredClient::Public, at(60)),
            RateLimitVerdict::Within {
                limit: 2,
                remaining: 0
            }
        );
        assert_eq!(
            quota.count(RegisteredClient::Public, at(61)),
            RateLimitVerdict::Over { limit: 2 }
        );
    }

    #[test]
    fn every_request_in_the_penalty_starts_it_again() {
        let mut quota = used_up();
        for second in [1, 60, 119, 178] {
            assert_eq!(
                quota.count(RegisteredClient::Public, at(second)),
                RateLimitVerdict::Over { limit: 5 },
                "{second}"
            );
        }
        assert_eq!(
            quota.count(RegisteredClient::Public, at(238)),
            RateLimitVerdict::Within {
                limit: 5,
                remaining: 4
            }
        );
    }

    #[test]
    fn clients_have_a_quota_each() {
        assert_eq!(
            used_up().count(RegisteredClient::Confidential, at(1)),
            RateLimitVerdict::Within {
                limit: 5,
                remaining: 4
            }
        );
    }

    #[test]
    fn nought_is_no_limit() {
        let mut quota = RateLimiter::new(0);
        for _ in 0..1000 {
            assert_eq!(
                quota.count(RegisteredClient::Public, at(0)),
                RateLimitVerdict::Unlimited
            );
        }
    }
}
