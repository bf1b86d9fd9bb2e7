//! Requests as they go over the wire. Nothing in this crate sends them.

use std::fmt;

use http::header::AUTHORIZATION;
use url::Url;
use zeroize::Zeroizing;

use crate::loopback::may_carry_secrets;
use crate::problem::{Problem, ProblemKind};

/// A request for an HTTP client to send: once, to its URL and nowhere else.
pub type HttpRequest = http::Request<RequestBody>;

/// The body of a request: wiped from memory when dropped, printed as its length.
#[derive(Clone)]
pub struct RequestBody(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for RequestBody {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestBody({} bytes)", self.0.len())
    }
}

/// The request that was built for `endpoint`, as one that may be sent there.
///
/// # Errors
/// Where its secrets would go there in the clear, or no request could be built.
pub(crate) fn sendable(
    endpoint: &Url,
    built: Option<http::Request<Vec<u8>>>,
) -> Result<HttpRequest, Problem> {
    if !may_carry_secrets(endpoint) {
        return Err(insecure(endpoint));
    }
    let request = built.ok_or_else(|| unusable(endpoint))?;
    let mut request = request.map(|body| RequestBody(Zeroizing::new(body)));
    if let Some(credentials) = request.headers_mut().get_mut(AUTHORIZATION) {
        credentials.set_sensitive(true);
    }
    Ok(request)
}

fn insecure(endpoint: &Url) -> Problem {
    let host = endpoint.host_str().unwrap_or_default();
    Problem::new(
        ProblemKind::InsecureEndpoint,
        format!(
            "Nothing was sent to {host}, because secrets would have gone there in the clear. Give the provider an address that begins with https://."
        ),
    )
}

fn unusable(endpoint: &Url) -> Problem {
    let host = endpoint.host_str().unwrap_or_default();
    Problem::new(
        ProblemKind::NoSuchEndpoint,
        format!(
            "Nothing was sent to {host}, because no request can be made of the endpoint's address. Check the account's server."
        ),
    )
}
