//! The host of an address, as it is shown.

use url::Url;

/// Host and port, if the port is not the usual one.
pub(super) fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}
