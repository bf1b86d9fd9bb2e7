//! The little of WebDriver (W3C) that is needed here.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::{Method, Request};

/// The key under which an element travels, as the standard has it.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// A page that opens, or a script in it, may take so long.
const LIMIT: Duration = Duration::from_secs(30);

/// A session with a page.
pub(crate) struct Session {
    http: Agent,
    base: String,
}

/// An element of the page.
pub(crate) struct Element(String);

/// Why something was not done.
#[derive(Debug)]
pub(crate) struct Refusal(String);

type Answer = Result<Value, Refusal>;

impl Session {
    /// Opens one at a driver on this machine.
    pub(crate) fn open(port: u16) -> Result<Self, Refusal> {
        let http = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(LIMIT))
            .build()
            .into();
        let driver = Self {
            http,
            base: format!("http://127.0.0.1:{port}/session"),
        };
        let asked = json!({ "capabilities": { "alwaysMatch": {} } });
        let opened = driver.send(Method::POST, "", &asked)?;
        let id = text(&opened["sessionId"])?;
        let base = format!("{}/{id}", driver.base);
        Ok(Self { base, ..driver })
    }

    /// The elements at an XPath.
    pub(crate) fn find_all(&self, path: &str) -> Result<Vec<Element>, Refusal> {
        let by = json!({ "using": "xpath", "value": path });
        let found = self.send(Method::POST, "/elements", &by)?;
        let found = found.as_array().map(Vec::as_slice).unwrap_or_default();
        found
            .iter()
            .map(|element| text(&element[ELEMENT]).map(Element))
            .collect()
    }

    /// Whether an element is to be seen and not disabled.
    pub(crate) fn is_usable(&self, element: &Element) -> bool {
        ["displayed", "enabled"]
            .iter()
            .all(|what| self.at(Method::GET, element, what, &Value::Null).ok() == Some(json!(true)))
    }

    /// The text of an element that is to be seen.
    pub(crate) fn text(&self, element: &Element) -> Result<String, Refusal> {
        text(&self.at(Method::GET, element, "text", &Value::Null)?)
    }

    pub(crate) fn click(&self, element: &Element) -> Result<(), Refusal> {
        self.at(Method::POST, element, "click", &json!({}))
            .map(drop)
    }

    pub(crate) fn clear(&self, element: &Element) -> Result<(), Refusal> {
        self.at(Method::POST, element, "clear", &json!({}))
            .map(drop)
    }

    pub(crate) fn send_keys(&self, element: &Element, text: &str) -> Result<(), Refusal> {
        let keys = json!({ "text": text });
        self.at(Method::POST, element, "value", &keys).map(drop)
    }

    /// Runs a script in the page, and returns what it returns.
    pub(crate) fn execute(&self, script: &str) -> Answer {
        let body = json!({ "script": script, "args": [] });
        self.send(Method::POST, "/execute/sync", &body)
    }

    fn at(&self, method: Method, element: &Element, what: &str, body: &Value) -> Answer {
        self.send(method, &format!("/element/{}/{what}", element.0), body)
    }

    fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("Content-Type", "application/json")
            .body(body)
            .map_err(refusal)?;
        let mut response = self.http.run(request).map_err(refusal)?;
        let text = response.body_mut().read_to_string().map_err(refusal)?;
        let mut answer: Value = serde_json::from_str(&text).map_err(refusal)?;
        match response.status().is_success() {
            true => Ok(answer["value"].take()),
            false => Err(Refusal(answer["value"].to_string())),
        }
    }
}

fn text(value: &Value) -> Result<String, Refusal> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| Refusal(format!("no text: {value}")))
}

fn refusal(error: impl fmt::Display) -> Refusal {
    Refusal(error.to_string())
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
