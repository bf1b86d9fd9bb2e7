//! What an account knows of its provider and grant.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokenkeep_oauth::{Assertion, RenewalEffect};

use crate::clock::{Now, Tick};

/// What an account knows of its provider and grant.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Draws the account's jitter: stable, and different between accounts.
    pub seed: u64,
    /// What a refresh does to the current access token.
    pub refresh: RenewalEffect,
    /// What presenting the assertion does to it; none where the account has no assertion.
    pub assertion: Option<AssertionPolicy>,
    /// How long a refresh that is sent again brings the first answer; none if it never does.
    pub replay_window: Option<Duration>,
    /// How long a token request may take.
    pub request_time_limit: Duration,
    /// What to tell when a sign-in brings no refresh token.
    pub no_refresh_token_advice: String,
}

impl Policy {
    /// Whether obtaining a set this way kills the current access token.
    #[must_use]
    pub fn kills(&self, method: Method) -> bool {
        let effect = match method {
            Method::Refresh => self.refresh,
            Method::Assertion => self
                .assertion
                .map_or(RenewalEffect::KillsNothing, |assertion| assertion.effect),
            Method::Code => RenewalEffect::KillsNothing,
        };
        effect == RenewalEffect::KillsPrevious
    }
}

/// What is known of an account's assertion.
#[derive(Clone, Copy, Debug)]
pub struct AssertionPolicy {
    /// What presenting it does to the current access token.
    pub effect: RenewalEffect,
    /// When it ends (its `exp`), where it says so.
    pub expires_at: Option<Tick>,
}

impl AssertionPolicy {
    /// Reads the end from the assertion itself.
    #[must_use]
    pub fn of(assertion: &Assertion, effect: RenewalEffect, now: Now) -> Self {
        Self {
            effect,
            expires_at: assertion.expires_at().map(|at| now.tick_at(at)),
        }
    }
}

/// How a set was or is to be obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By the refresh token (RFC 6749, 6).
    Refresh,
    /// By the assertion (RFC 7523, 2.1).
    Assertion,
    /// By an authorization code: a person signed in (RFC 6749, 4.1).
    Code,
}
