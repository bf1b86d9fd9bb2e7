//! What a hotel's network puts in the place of an answer.

use maud::{DOCTYPE, Markup, html};

/// A captive portal's page.
pub(crate) fn captive_portal() -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "Welcome to our network" } }
            body {
                h1 { "Welcome to our network" }
                p { "Accept our terms to go online." }
                form method="post" action="/accept" { button { "Accept" } }
            }
        }
    }
}
