//! `oauth2` over our HTTP client, for building requests only.
//!
//! `oauth2` drops a reply's status and headers, and its parse error carries the raw body, tokens
//! and all, into `Debug`. So the reply never gets to it: it is handed past `oauth2` as the HTTP
//! client's "error", which comes out at the other end untouched.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse, RequestTokenError};

use crate::http::{Http, RawReply};
use crate::transport_error::TransportError;

/// What came of a request.
pub(crate) type Outcome = Result<RawReply, TransportError>;

/// The HTTP client as `oauth2` is given it.
pub(crate) struct PastOauth2<'a>(pub(crate) &'a Http);

/// The outcome on its way past `oauth2`.
pub(crate) struct Bypass(Outcome);

impl<'c> AsyncHttpClient<'c> for PastOauth2<'_> {
    type Error = Bypass;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Bypass>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move { Err(Bypass(self.0.send(request).await)) })
    }
}

/// The outcome of a request that `oauth2` built.
pub(crate) fn outcome<T, E: oauth2::ErrorResponse + 'static>(
    answer: Result<T, RequestTokenError<Bypass, E>>,
) -> Outcome {
    match answer {
        Err(RequestTokenError::Request(Bypass(outcome))) => outcome,
        // Only the request's own making can have failed: `call` answers in no other way.
        _ => Err(TransportError::Insecure),
    }
}

impl fmt::Debug for Bypass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bypass({:?})", self.0)
    }
}

impl fmt::Display for Bypass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reply is read elsewhere")
    }
}

impl std::error::Error for Bypass {}
