//! A person at the practice provider's pages.

use std::time::Duration;

use crate::{Desktop, Provider, Window, eventually};

/// How long a page may take to answer.
const LIMIT: Duration = Duration::from_secs(60);
/// The name and the password of the first practice user.
const PRACTICE: &str = "practice";

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
        self.visit_as(PRACTICE, page, decision)
    }

    /// As [`Provider::visit`], but signs in as the user of this name.
    #[track_caller]
    pub(crate) fn visit_as(&self, user: &str, page: &str, decision: Decision) -> String {
        let sign_in = self.get(page);
        assert_eq!(sign_in.status, 200, "{sign_in:?}");
        let request = hidden_field(&sign_in.body, "request");
        let consent = self.post_form(
            "/practice/sign-in",
            &[
                ("request", &request),
                ("name", user),
                ("password", PRACTICE),
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

impl Desktop {
    /// Waits for the window in which a person signs in to an account.
    #[track_caller]
    pub fn sign_in_window(&self, account: &str, provider: &Provider) -> Window<'_> {
        self.screen().window(&sign_in_title(account, provider))
    }
}

/// What the sign-in window of an account is called.
pub fn sign_in_title(account: &str, provider: &Provider) -> String {
    let port = provider.port();
    format!("127.0.0.1:{port} – sign in to {account} – Tokenkeep")
}

impl Window<'_> {
    /// Signs in as the first practice user in this window, by typing, and
    /// decides.
    #[track_caller]
    pub fn visit(&self, provider: &Provider, decision: Decision) {
        self.bring_to_front();
        self.shows_a_practice_page();
        // The first field has the focus.
        self.types(PRACTICE);
        self.presses("Tab");
        self.types(PRACTICE);
        let sign_in = self.look().expect("the window is on the screen");
        self.presses("Return");
        eventually("the next page is painted", LIMIT, || {
            self.look()?.is_another_page_than(&sign_in).then_some(())
        });
        // Here “Allow” has it, and “Deny” is next to it.
        let decisions = || provider.log().matches("POST /practice/consent").count();
        let before = decisions();
        if decision == Decision::Deny {
            self.presses("Tab");
        }
        self.presses("Return");
        eventually("the provider hears the decision", LIMIT, || {
            (decisions() > before).then_some(())
        });
    }

    /// Waits until a page of the practice provider is painted. Until then keys
    /// go nowhere, and there may be anything in the window: what was below it.
    #[track_caller]
    pub fn shows_a_practice_page(&self) {
        eventually("the page is painted", LIMIT, || {
            let look = self.look()?;
            // A card with text in it, and nothing all around it.
            (look.edge_is_plain() && look.has_text()).then_some(())
        });
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
