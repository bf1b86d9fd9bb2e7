//! The consent page.

use maud::html;
use url::Url;

use super::layout::{Page, card};
use crate::clients::RegisteredClient;
use crate::paths;
use crate::users::UserId;

/// The consent page for a request that somebody has signed in to.
pub(crate) fn consent(
    request: &str,
    client: RegisteredClient,
    user: UserId,
    redirect_uri: &str,
) -> Page {
    let destination = Url::parse(redirect_uri)
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    card(
        "Allow access",
        &html! {
            h1 { "Allow access?" }
            p.lead { strong { (client.title()) } " asks to:" }
            ul.permissions {
                li { "Read your account and your extension" }
                li { "Read your call log" }
                li { "Stay signed in until you end the session" }
            }
            form method="post" action=(paths::CONSENT) {
                input type="hidden" name="request" value=(request);
                div.buttons {
                    button.primary type="submit" name="decision" value="allow" autofocus { "Allow" }
                    button type="submit" name="decision" value="deny" { "Deny" }
                }
            }
            p.quiet {
                "Signed in as " strong { (user.name()) } ". "
                a href={ (paths::SIGN_IN) "?request=" (request) } { "Not you?" }
                br;
                "Either way you are taken back to " span.where { (destination) } "."
            }
        },
    )
}
