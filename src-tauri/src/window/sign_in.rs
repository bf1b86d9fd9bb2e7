//! The sign-in window: the provider's own page in a fresh, incognito web view that no capability names. The redirect in
//! which it ends is recognised by its address, never loaded, and handed to the tray.

use std::sync::atomic::{AtomicBool, Ordering};

use secrecy::SecretString;
use tauri::webview::{NewWindowResponse, PermissionResponse};
use tauri::{AppHandle, Manager as _, WebviewUrl, WebviewWindowBuilder};
use tokenkeep_agent::Client;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_oauth::{is_private, is_redirect_to};
use url::Url;

use super::WindowError;
use super::tray_link::TrayLink;

/// No capability names it.
const LABEL: &str = "sign-in";

/// What is shown, and where it ends.
pub(super) struct Page {
    pub(super) account: AccountName,
    pub(super) authorization_url: Url,
    pub(super) redirect_uri: Url,
}

/// Shows the window until it is closed, or the redirect has come.
pub(super) fn run(client: Client, tray: TrayLink, page: Page) -> Result<(), WindowError> {
    let proof = tray.proof().clone();
    let app = tauri::Builder::default()
        .setup(move |app| {
            open(app.handle(), client, proof, page)?;
            super::obey(tray, app.handle(), LABEL);
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run_return(|_, _| {});
    Ok(())
}

fn open(app: &AppHandle, client: Client, proof: SecretString, page: Page) -> tauri::Result<()> {
    let Page {
        account,
        authorization_url,
        redirect_uri,
    } = page;
    let title = title(&account, &authorization_url);
    let caught = Caught {
        app: app.clone(),
        client,
        proof,
        done: AtomicBool::new(false),
    };
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::External(authorization_url))
        .title(title)
        .inner_size(520.0, 680.0)
        .min_inner_size(360.0, 400.0)
        .center()
        .focused(true)
        .incognito(true)
        .devtools(false)
        .on_navigation(move |url| {
            if is_redirect_to(&redirect_uri, url) {
                caught.hand_over(url);
                return false;
            }
            may_open(url)
        })
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .on_page_load(move |window, page| {
            // A title that cannot be set leaves the one before.
            let _ = window.set_title(&self::title(&account, page.url()));
        })
        .build()?;
    Ok(())
}

/// Whether a page may be opened: over TLS, or on this machine. Frames hold `about:` and `blob:` pages as well.
fn may_open(url: &Url) -> bool {
    is_private(url) || matches!(url.scheme(), "about" | "blob")
}

/// Whose page it is comes first, because that is what a person has to check before typing a password.
fn title(account: &AccountName, url: &Url) -> String {
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port} \u{2013} "),
        (Some(host), None) => format!("{host} \u{2013} "),
        (None, _) => String::new(),
    };
    format!("{host}sign in to {account} \u{2013} Tokenkeep")
}

/// Hands the redirect to the tray, once.
struct Caught {
    app: AppHandle,
    client: Client,
    proof: SecretString,
    done: AtomicBool,
}

impl Caught {
    fn hand_over(&self, redirect: &Url) {
        if self.done.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Some(window) = self.app.get_webview_window(LABEL) {
            // Nothing more is to be done in it; what came of it is said where it was asked for.
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
