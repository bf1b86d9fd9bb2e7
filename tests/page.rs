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

    /// Waits until a text is to be seen, and returns all that is.
    #[track_caller]
    pub fn shows(&self, text: &str) -> String {
        eventually(&format!("the page shows “{text}”"), LIMIT, || {
            let all = self.text();
            all.contains(text).then_some(all)
        })
    }

    /// Clicks the button or link of this name.
    #[track_caller]
    pub fn click(&self, name: &str) {
        let named = format!("[normalize-space()={0} or @aria-label={0}]", quoted(name));
        let path = format!("//button{named} | //a{named} | //summary{named} | //label{named}");
        self.with(&path, |element| self.session.click(element));
    }

    /// Types into the field of this label.
    #[track_caller]
    pub fn fill(&self, label: &str, text: &str) {
        let label = format!("//label[starts-with(normalize-space(), {})]", quoted(label));
        let path = format!("//*[@id = {label}/@for] | {label}//input | {label}//textarea");
        self.with(&path, |element| self.session.send_keys(element, text));
    }

    /// Waits for an element that is to be seen and can be used, and uses it.
    #[track_caller]
    fn with(&self, path: &str, act: impl Fn(&Element) -> Result<(), Refusal>) {
        eventually(&format!("{path} can be used"), LIMIT, || {
            let found = self.session.find_all(path).ok()?;
            let usable = found.iter().find(|element| self.session.is_usable(element));
            // It may be replaced by another between finding and using it.
            act(usable?).ok()
        });
    }

    #[track_caller]
    fn script(&self, script: &str) -> String {
        let result = self.session.execute(script);
        let result = result.unwrap_or_else(|e| panic!("the page does not answer: {e}"));
        result.as_str().expect("it is text").to_owned()
    }
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
