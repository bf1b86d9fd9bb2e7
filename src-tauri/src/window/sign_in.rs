//! The sign-in window: the provider's own page in a fresh, incognito web view that no capability names. The redirect in
//! which it ends is recognised by its address, never loaded, and handed to the tray.

use std::sync::atomic::{AtomicBool, Ordering};

use secrecy::SecretString;
use tauri::webview::{NewWindowResponse, PermissionResponse};
use tauri::{AppHandle, Manager as _, WebviewUrl, WebviewWindowBuilder};
use tokenkeep_agent::AgentClient;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_oauth::{is_redirect_to, may_carry_secrets};
use url::Url;

use super::error::WindowError;
use super::host::host;
use super::tray_link::TrayLink;

/// No capability names it.
const LABEL: &str = "sign-in";

/// What is shown, and where it ends.
pub(super) struct SignInPage {
    pub(super) account: AccountName,
    pub(super) authorization_url: Url,
    pub(super) redirect_uri: Url,
}

/// Shows the window until it is closed, or the redirect has come.
pub(super) fn run(
    client: AgentClient,
    tray: TrayLink,
    page: SignInPage,
) -> Result<(), WindowError> {
    let proof = tray.proof().clone();
    let app = tauri::Builder::default().build(tauri::generate_context!())?;
    open(app.handle(), client, proof, page)?;
    super::obey(tray, app.handle(), LABEL);
    super::show_until_closed(app)
}

fn open(
    app: &AppHandle,
    client: AgentClient,
    proof: SecretString,
    page: SignInPage,
) -> tauri::Result<()> {
    let SignInPage {
        account,
        authorization_url,
        redirect_uri,
    } = page;
    let first_title = title(&account, &authorization_url);
    let on_page = account.clone();
    let watch = RedirectWatch {
        app: app.clone(),
        client,
        proof,
        account,
        redirect_uri,
        done: AtomicBool::new(false),
    };
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::External(authorization_url))
        .title(first_title)
        .inner_size(520.0, 680.0)
        .min_inner_size(360.0, 400.0)
        .center()
        .focused(true)
        .incognito(true)
        .devtools(false)
        .on_navigation(move |url| watch.lets_through(url))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .on_page_load(move |window, page| {
            retitle(window.app_handle(), &title(&on_page, page.url()));
        })
        .build()?;
    Ok(())
}

fn retitle(app: &AppHandle, title: &str) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // A title that cannot be set leaves the one before.
        let _ = window.set_title(title);
    }
}

/// Whether a page may be opened: over TLS, or on this machine. Frames hold `about:` and `blob:` pages as well.
fn may_open(url: &Url) -> bool {
    may_carry_secrets(url) || matches!(url.scheme(), "about" | "blob")
}

/// The host comes first, because a person should check it before typing a password.
fn title(account: &AccountName, url: &Url) -> String {
    let whose = host(url).map_or_else(String::new, |host| format!("{host} \u{2013} "));
    format!("{whose}sign in to {account} \u{2013} Tokenkeep")
}

/// Says why nothing happens: the next page would not be encrypted.
fn not_opened(account: &AccountName, url: &Url) -> String {
    let whose = host(url).unwrap_or_else(|| url.scheme().to_owned());
    format!(
        "Not opened, because not encrypted: {whose} \u{2013} sign in to {account} \u{2013} Tokenkeep"
    )
}

/// Looks at each page before it is opened, and hands the redirect to the tray, once.
struct RedirectWatch {
    app: AppHandle,
    client: AgentClient,
    proof: SecretString,
    account: AccountName,
    redirect_uri: Url,
    done: AtomicBool,
}

impl RedirectWatch {
    /// Whether a page is opened. Frames count, too: one that goes to the redirect ends the sign-in, and its `state` is
    /// compared like any other.
    fn lets_through(&self, url: &Url) -> bool {
        if is_redirect_to(&self.redirect_uri, url) {
            self.hand_over(url);
            return false;
        }
        let may_open = may_open(url);
        if !may_open {
            retitle(&self.app, &not_opened(&self.account, url));
        }
        may_open
    }

    fn hand_over(&self, redirect: &Url) {
        if self.done.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Some(window) = self.app.get_webview_window(LABEL) {
            // The window is done. The outcome is shown where the sign-in was started.
            let _ = window.hide();
        }
        let (app, client, proof) = (self.app.clone(), self.client.clone(), self.proof.clone());
        let redirect = SecretString::from(redirect.as_str());
        tauri::async_runtime::spawn(async move {
            if let Err(error) = client.window_redirected(&proof, redirect).await {
                tracing::error!("{error}");
                return app.exit(1);
            }
            app.exit(0);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn only_pages_that_nobody_listens_to_are_opened() {
        for open in [
            "https://platform.ringcentral.com/restapi/oauth/authorize",
            "http://localhost:8643/x",
            "http://127.0.0.1:1/",
            "about:blank",
            "blob:https://example.com/1",
        ] {
            assert!(may_open(&url(open)), "{open}");
        }
        for shut in [
            "http://example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "data:text/html,x",
            "tauri://localhost/",
        ] {
            assert!(!may_open(&url(shut)), "{shut}");
        }
    }

    #[test]
    fn the_title_begins_with_the_host() {
        let me = "me".parse().unwrap();
        assert_eq!(
            title(&me, &url("https://login.example.com/a?code=planted")),
            "login.example.com \u{2013} sign in to me \u{2013} Tokenkeep"
        );
        assert_eq!(
            title(&me, &url("http://127.0.0.1:8642/a")),
            "127.0.0.1:8642 \u{2013} sign in to me \u{2013} Tokenkeep"
        );
        assert_eq!(
            title(&me, &url("about:blank")),
            "sign in to me \u{2013} Tokenkeep"
        );
    }
}
