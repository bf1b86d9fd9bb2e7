//! What the provider remembers, all of it in memory. Nothing here reads a clock or knows of HTTP.

pub(crate) mod authorization;
pub(crate) mod counts;
pub(crate) mod expiring;
pub(crate) mod quota;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod terms;

use authorization::Authorizations;
use counts::Counts;
use quota::Quota;
use sessions::Sessions;

/// Everything that changes while the provider runs, apart from the faults that tests order.
pub(crate) struct State {
    pub(crate) sessions: Sessions,
    pub(crate) authorizations: Authorizations,
    pub(crate) quota: Quota,
    pub(crate) counts: Counts,
}

impl State {
    pub(crate) fn new(rate_limit: u32) -> Self {
        Self {
            sessions: Sessions::default(),
            authorizations: Authorizations::default(),
            quota: Quota::new(rate_limit),
            counts: Counts::default(),
        }
    }
}
