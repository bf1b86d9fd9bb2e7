//! Form requests that `oauth2` cannot build: it does not know JWT bearer (RFC 7523), and refuses to
//! revoke (RFC 7009) over plain HTTP, even on this machine.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::provider::{Client, ClientAuthentication};

/// A POST of these parameters, with the client's credentials where the provider expects them
/// (RFC 6749 section 2.3.1).
pub(crate) fn post(
    endpoint: &Url,
    authentication: ClientAuthentication,
    client: &Client,
    parameters: &[(&str, &str)],
) -> Result<oauth2::HttpRequest, http::Error> {
    let mut form = Serializer::new(String::new());
    form.extend_pairs(parameters);
    let mut request = http::Request::post(endpoint.as_str())
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    match (&client.secret, authentication) {
        (Some(secret), ClientAuthentication::Basic) => {
            request = request.header(AUTHORIZATION, basic(&client.id, secret.expose()));
        }
        (Some(secret), ClientAuthentication::Body) => {
            form.append_pair("client_id", &client.id)
                .append_pair("client_secret", secret.expose());
        }
        // A public client sends its id alone (RFC 6749 section 3.2.1).
        (None, _) => {
            form.append_pair("client_id", &client.id);
        }
    }
    request.body(form.finish().into_bytes())
}

/// Id and secret are form-encoded first (RFC 6749 section 2.3.1).
fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)))
    )
}
