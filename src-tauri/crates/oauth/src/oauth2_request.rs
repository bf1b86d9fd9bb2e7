//! Requests that `oauth2` builds, taken from it before anything could send them.
//!
//! `oauth2` has no call that only builds a request: its builders end in `request`, which takes an
//! HTTP client. The one given here sends nothing and returns the request as its "error". Replies
//! never get to `oauth2`: it drops their status and headers, and its parse error carries the raw
//! body, tokens and all, into `Debug`.

use std::fmt;

use oauth2::{HttpRequest, HttpResponse, RequestTokenError};

/// A request that was not sent.
pub(crate) struct Unsent(Box<HttpRequest>);

/// An HTTP client, as `oauth2` is given it, that sends nothing.
pub(crate) fn capture(request: HttpRequest) -> Result<HttpResponse, Unsent> {
    Err(Unsent(Box::new(request)))
}

/// The request that `oauth2` wanted to send. None where it could not build one.
pub(crate) fn captured<T, E: oauth2::ErrorResponse + 'static>(
    result: Result<T, RequestTokenError<Unsent, E>>,
) -> Option<HttpRequest> {
    match result {
        Err(RequestTokenError::Request(Unsent(request))) => Some(*request),
        _ => None,
    }
}

impl fmt::Debug for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unsent(****)")
    }
}

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request was not sent")
    }
}

impl std::error::Error for Unsent {}
