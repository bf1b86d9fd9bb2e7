//! What all pages have in common.

use std::sync::LazyLock;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("style.css");
/// Counts the lives on the status page down.
pub(super) const SCRIPT: &str = include_str!("countdown.js");

/// Only what is in the page itself, and neither frames nor anything from elsewhere. No `form-action`: it would stop the
/// redirect to the app that a form ends in.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let script = STANDARD.encode(Sha256::digest(SCRIPT));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
});

/// A whole page.
pub(crate) struct Page(Markup);

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let headers = [
            (CACHE_CONTROL, "no-store"),
            (CONTENT_SECURITY_POLICY, POLICY.as_str()),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (headers, self.0).into_response()
    }
}

/// A small page: one card in the middle.
pub(super) fn card(title: &str, content: &Markup) -> Page {
    page(
        title,
        &html! {
            main.card {
                (mark())
                (content)
            }
        },
    )
}

/// A page of any shape.
pub(super) fn page(title: &str, body: &Markup) -> Page {
    Page(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Practice provider" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (body)
                footer { "Tokenkeep’s practice provider. Nothing here is real, and nothing leaves this machine." }
            }
        }
    })
}

/// The sign that one is at the practice provider.
pub(super) fn mark() -> Markup {
    html! {
        p.mark {
            svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" {
                circle cx="12" cy="12" r="9" fill="none" stroke="currentColor" stroke-width="2.5" opacity="0.25" {}
                path d="M12 3a9 9 0 1 1-8.5 6" fill="none" stroke="currentColor" stroke-width="2.5"
                    stroke-linecap="round" {}
                circle cx="12" cy="12" r="3" fill="currentColor" {}
            }
            "Practice provider"
        }
    }
}
