//! The page of the main window, as a person sees and uses it.

use std::net::TcpListener;
use std::time::Duration;

use crate::webdriver::{Element, Refusal, Session};
use crate::{Child, Home, eventually};

/// How long the page may take to come, or to show something.
const LIMIT: Duration = Duration::from_secs(60);

/// A way into the page, made before the application is started.
pub struct WayIn {
    port: u16,
}

/// The page in the main window.
pub struct Page {
    session: Session,
    _driver: Child,
}

impl WayIn {
    /// Has the application that is started in this home next let WebDriver in.
    pub fn to(home: &mut Home) -> Self {
        let port = free_port();
        home.set("TAURI_WEBVIEW_AUTOMATION", "true");
        home.set("WEBKIT_INSPECTOR_SERVER", &format!("127.0.0.1:{port}"));
        Self { port }
    }

    /// Takes it, once the main window is there.
    #[track_caller]
    pub fn take(&self, home: &Home) -> Page {
        let port = free_port();
        let arguments = [
            format!("--port={port}"),
            format!("--target=127.0.0.1:{}", self.port),
        ];
        let arguments = arguments.each_ref().map(String::as_str);
        let mut driver = home.start_program("WebKitWebDriver", &arguments);
        let session = eventually("WebDriver is let in", LIMIT, || {
            let running = driver.is_running();
            assert!(running, "WebKitWebDriver ended\n{}", driver.stderr());
            Session::open(port).ok()
        });
        Page {
            session,
            _driver: driver,
        }
    }
}

impl Page {
    /// All text that is to be seen.
    #[track_caller]
    pub fn text(&self) -> String {
        self.script("return document.body.innerText")
    }

    /// Everything that a script in the page can get at: the document, what is
    /// in its fields, and what it has stored.
    #[track_caller]
    pub fn everything(&self) -> String {
        self.script(
            "const fields = [...document.querySelectorAll('input, textarea, select')];
             return [
                 document.documentElement.outerHTML,
                 location.href,
                 document.cookie,
                 ...fields.map((field) => field.value),
                 JSON.stringify(localStorage),
                 JSON.stringify(sessionStorage),
             ].join('\\n')",
        )
    }

    /// Waits until what the page shows is on the screen.
    #[track_caller]
    pub fn is_painted(&self) {
        self.script(
            "return new Promise((done) => {
                 requestAnimationFrame(() => requestAnimationFrame(() => done('painted')));
             })",
        );
    }

    /// Waits until a text is to be seen, and returns all that is.
    #[track_caller]
    pub fn shows(&self, text: &str) -> String {
        eventually(&format!("the page shows “{text}”"), LIMIT, || {
            let all = self.text();
            all.contains(text).then_some(all)
        })
    }

    /// Clicks the button of this name.
    #[track_caller]
    pub fn click(&self, name: &str) {
        self.act(&button(name), |element| self.session.click(element));
    }

    /// Clicks the button of this name on the card of an account.
    #[track_caller]
    pub fn click_at(&self, account: &str, name: &str) {
        let path = format!("{}{}", card(account), button(name));
        self.act(&path, |element| self.session.click(element));
    }

    /// All text that is to be seen on the card of an account, for which it waits.
    #[track_caller]
    pub fn card(&self, account: &str) -> String {
        eventually(&format!("{account} has a card"), LIMIT, || {
            let cards = self.session.find_all(&card(account)).ok()?;
            self.session.text(cards.first()?).ok()
        })
    }

    /// Waits until the card of an account shows a text, and returns all of it.
    #[track_caller]
    pub fn card_shows(&self, account: &str, text: &str) -> String {
        eventually(
            &format!("{account}’s card shows “{text}”"),
            LIMIT,
            || {
                let all = self.card(account);
                all.contains(text).then_some(all)
            },
        )
    }

    /// Types into the field of this label, in place of what is in it.
    #[track_caller]
    pub fn fill(&self, label: &str, text: &str) {
        let name = quoted(label);
        let label = format!("//label[starts-with(normalize-space(), {name})]");
        let path = format!("//*[@id = {label}/@for] | //input[@aria-label = {name}]");
        self.act(&path, |element| {
            self.session.clear(element)?;
            self.session.send_keys(element, text)
        });
    }

    /// Waits for an element that is to be seen and can be used, and uses it.
    #[track_caller]
    fn act(&self, path: &str, act: impl Fn(&Element) -> Result<(), Refusal>) {
        eventually(&format!("{path} can be used"), LIMIT, || {
            let found = self.session.find_all(path).ok()?;
            let mut usable = found.iter().filter(|it| self.session.is_usable(it));
            // One may be covered by a dialog, or be replaced in this moment.
            usable.find(|element| act(element).is_ok()).map(drop)
        });
    }

    #[track_caller]
    fn script(&self, script: &str) -> String {
        let result = self.session.execute(script);
        let result = result.unwrap_or_else(|e| panic!("the page does not answer: {e}"));
        result.as_str().expect("it is text").to_owned()
    }
}

fn button(name: &str) -> String {
    let name = quoted(name);
    format!(
        "//button[normalize-space()={name} or @aria-label={name} or span[normalize-space()={name}]]"
    )
}

fn card(account: &str) -> String {
    format!("//*[@data-account={}]", quoted(account))
}

/// A text as XPath has it, which knows no escapes.
fn quoted(text: &str) -> String {
    assert!(!text.contains('"'), "XPath cannot say {text}");
    format!("\"{text}\"")
}

/// A port that nobody listens on. Somebody may before it is used, which is as
/// unlikely as the machine has ports.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port is free")
        .port()
}
