//! The context of a request, which its reply is read in.

use crate::provider::{Client, Provider};

/// The context of a request: its purpose, the provider it goes to, and the client that makes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestContext<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) provider: &'a Provider,
    pub(crate) client: &'a Client,
}

impl RequestContext<'_> {
    /// What happens next when nothing was renewed.
    pub(crate) fn next_step(&self) -> &'static str {
        match self.purpose {
            // The code is used up, and only a person can get another.
            Purpose::Exchange => "Sign in again.",
            Purpose::Refresh | Purpose::Present | Purpose::Revoke => {
                "Tokenkeep tries again by itself."
            }
        }
    }

    /// What happens next when the tokens may have been renewed.
    pub(crate) fn next_step_in_doubt(&self) -> &'static str {
        match self.purpose {
            Purpose::Refresh => {
                "Whether the token was renewed is unknown; Tokenkeep asks again by itself."
            }
            Purpose::Exchange | Purpose::Present | Purpose::Revoke => self.next_step(),
        }
    }

    /// The token endpoint's host.
    pub(crate) fn host(&self) -> &str {
        self.provider.token_endpoint.host_str().unwrap_or_default()
    }
}

/// The purpose of a request. Messages about its failure depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Exchange the code of a sign-in.
    Exchange,
    /// Refresh.
    Refresh,
    /// Present an assertion.
    Present,
    /// End a session.
    Revoke,
}
