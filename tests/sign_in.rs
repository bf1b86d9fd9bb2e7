//! A person at the practice provider's pages.

use crate::Provider;

/// What the person says on the consent page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The app may.
    Allow,
    /// It may not.
    Deny,
}

impl Provider {
    /// Visits an authorization URL, signs in as the first practice user and
    /// decides. Returns the address that the browser would be sent to.
    #[track_caller]
    pub fn visit(&self, page: &str, decision: Decision) -> String {
        self.visit_as("practice", page, decision)
    }

    /// As [`Provider::visit`], but signs in as the user of this name.
    #[track_caller]
    pub fn visit_as(&self, user: &str, page: &str, decision: Decision) -> String {
        let sign_in = self.get(page);
        assert_eq!(sign_in.status, 200, "{sign_in:?}");
        let request = hidden_field(&sign_in.body, "request");
        let consent = self.post_form(
            "/practice/sign-in",
            &[
                ("request", &request),
                ("name", user),
                ("password", "practice"),
            ],
        );
        assert_eq!(consent.status, 303, "{consent:?}");
        let decision = match decision {
            Decision::Allow => "allow",
            Decision::Deny => "deny",
        };
        let fields = [("request", request.as_str()), ("decision", decision)];
        let done = self.post_form("/practice/consent", &fields);
        assert_eq!(done.status, 303, "{done:?}");
        done.location.expect("a redirect goes somewhere")
    }
}

/// The first whole line of a text that is a web address.
pub fn address_in(text: &str) -> Option<String> {
    let whole = &text[..text.rfind('\n')?];
    whole
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("http://") || line.starts_with("https://"))
        .map(str::to_owned)
}

#[track_caller]
fn hidden_field(html: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    html.split_once(&start)
        .and_then(|(_, rest)| rest.split_once('"'))
        .unwrap_or_else(|| panic!("the page has no field {name}: {html}"))
        .0
        .to_owned()
}
