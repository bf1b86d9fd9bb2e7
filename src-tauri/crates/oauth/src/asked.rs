//! What was asked of whom: what a reply has to be read with.

use crate::provider::{Client, Provider};

/// What was asked of whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) provider: &'a Provider,
    pub(crate) client: &'a Client,
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
