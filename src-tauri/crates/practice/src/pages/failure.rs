//! The page for a sign-in that cannot go on, and cannot be sent back to the app either.

use maud::html;

use super::layout::{Page, card};

/// Says why, and what to do.
pub(crate) fn failure(why: &str) -> Page {
    card(
        "Sign-in failed",
        &html! {
            h1 { "This sign-in cannot go on" }
            p.lead { (why) }
            p.quiet {
                "Close this page and start the sign-in again from the app. "
                a href="/" { "What is registered here" }
            }
        },
    )
}
