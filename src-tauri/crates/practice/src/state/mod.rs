//! What the provider remembers, all of it in memory. Nothing here reads a clock or knows of HTTP.

pub(crate) mod authorization;
pub(crate) mod counts;
pub(crate) mod expiring;
pub(crate) mod rate_limiter;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod terms;

use authorization::Authorizations;
use counts::OutcomeCounts;
use rate_limiter::RateLimiter;
use sessions::Sessions;

/// Everything that changes while the provider runs, apart from the faults that tests order.
pub(crate) struct ProviderState {
    pub(crate) sessions: Sessions,
    pub(crate) authorizations: Authorizations,
    pub(crate) rate_limiter: RateLimiter,
    pub(crate) counts: OutcomeCounts,
}

impl ProviderState {
    pub(crate) fn new(rate_limit: u32) -> Self {
        Self {
            sessions: Sessions::default(),
            authorizations: Authorizations::default(),
            rate_limiter: RateLimiter::new(rate_limit),
            counts: OutcomeCounts::default(),
        }
    }
}
