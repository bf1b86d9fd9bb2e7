//! The sign-in page.

use maud::html;

use super::layout::{Page, card};
use crate::clients::RegisteredClient;
use crate::paths;
use crate::users::{PASSWORD, UserId};

/// The sign-in page for a request; `refused_name` is the name that was typed with a wrong password or is nobody's.
pub(crate) fn sign_in(
    request: &str,
    client: RegisteredClient,
    users: u32,
    refused_name: Option<&str>,
) -> Page {
    let first = UserId(0).name();
    let refused = refused_name.is_some();
    card(
        "Sign in",
        &html! {
            h1 { "Sign in" }
            p.lead { "to continue to " strong { (client.title()) } }
            @if refused {
                p.alert #refusal role="alert" { "That name and password do not belong together. Try the ones below." }
            }
            form method="post" action=(paths::SIGN_IN) {
                input type="hidden" name="request" value=(request);
                label for="name" { "Name" }
                input #name name="name" value=[refused_name] autocomplete="username" autocapitalize="none"
                    spellcheck="false" required autofocus[!refused] aria-describedby=[refused.then_some("refusal")];
                label for="password" { "Password" }
                input #password name="password" type="password" autocomplete="current-password" required
                    autofocus[refused] aria-describedby=[refused.then_some("refusal")];
                button.primary type="submit" { "Sign in" }
            }
            section.hint aria-label="Practice users" {
                dl {
                    dt { "Name" }
                    dd { code { (first) } }
                    dt { "Password" }
                    dd { code { (PASSWORD) } }
                }
                @if users > 1 {
                    p {
                        "Or any name up to " code { (UserId(users - 1).name()) } ", with the same password."
                    }
                }
            }
        },
    )
}
