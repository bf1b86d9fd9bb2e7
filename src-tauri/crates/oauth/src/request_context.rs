//! What a reply has to be read with: which request it answers, from whom, and to whom.

use crate::provider::{Client, Provider};

/// Which request a reply answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestContext<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) provider: &'a Provider,
    pub(crate) client: &'a Client,
}

impl RequestContext<'_> {
    /// What comes next where nothing was renewed.
    pub(crate) fn next(&self) -> &'static str {
        match self.purpose {
            // A code is used up by now, and nobody but a person can bring another.
            Purpose::Exchange => "Sign in again.",
            Purpose::Refresh | Purpose::Present | Purpose::Revoke => {
                "Tokenkeep tries again by itself."
            }
        }
    }

    /// What comes next where something may have been renewed.
    pub(crate) fn next_in_doubt(&self) -> &'static str {
        match self.purpose {
            Purpose::Refresh => {
                "Whether the token was renewed is unknown; Tokenkeep asks again by itself."
            }
            Purpose::Exchange | Purpose::Present | Purpose::Revoke => self.next(),
        }
    }

    /// The host that was asked.
    pub(crate) fn host(&self) -> &str {
        self.provider.token_endpoint.host_str().unwrap_or_default()
    }
}

/// What a request was for, which decides in what words its failure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To exchange the code of a sign-in.
    Exchange,
    /// To refresh.
    Refresh,
    /// To present an assertion.
    Present,
    /// To end a session.
    Revoke,
}
