//! The practice provider as a process, and the HTTP that tests speak to it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;
use ureq::http::Request;

use crate::bus::plain_environment;
use crate::{Child, eventually, tokenkeep_binary};

/// `tokenkeep practice` on a free port, killed on drop.
pub struct Provider {
    http: Agent,
    env: BTreeMap<String, String>,
    child: Child,
    folder: TempDir,
}

/// An HTTP reply; any status is one.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The `Location` header, where there is one: redirects are not followed.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

impl Reply {
    /// The body read as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("no JSON ({e}): {self:?}"))
    }
}

impl Provider {
    /// Starts it with `arguments` after `practice --listen 127.0.0.1:0` and
    /// waits until it has printed its `.env`.
    pub fn start(arguments: &[&str]) -> Self {
        let last = last_variable(arguments);
        let mut all = vec!["practice", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let mut child = Child::start(tokenkeep_binary(), &all, &plain_environment(), "");
        let env = eventually(
            "the practice provider has printed its .env",
            Duration::from_secs(20),
            || {
                assert!(
                    child.is_running(),
                    "the practice provider ended by itself\n{}",
                    child.stderr()
                );
                let printed = child.stdout();
                let complete = &printed[..=printed.rfind('\n')?];
                let env = variables(complete);
                env.contains_key(&last).then_some(env)
            },
        );
        let folder = tempfile::tempdir().expect("the temporary folder can be written");
        std::fs::write(folder.path().join(".env"), child.stdout()).expect("it is ours");
        let http = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into();
        Self {
            http,
            env,
            child,
            folder,
        }
    }

    /// A variable of the `.env` it printed.
    #[track_caller]
    pub fn env(&self, name: &str) -> &str {
        self.env
            .get(name)
            .unwrap_or_else(|| panic!("the practice provider printed no {name}"))
    }

    /// The path of a file that holds the `.env` just as it was printed.
    pub fn env_file(&self) -> String {
        self.path(".env").display().to_string()
    }

    /// Writes a file beside that `.env` and returns its path.
    pub fn file(&self, name: &str, content: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).expect("the folder is ours");
        path.display().to_string()
    }

    /// What the resource says to an access token.
    pub fn resource(&self, access_token: &str) -> Reply {
        let request = Request::get(self.url("/restapi/v1.0/account/~/extension/~"))
            .header("Authorization", format!("Bearer {access_token}"))
            .body(String::new());
        self.send(request.expect("the request is well formed"))
    }

    /// Orders a fault, as the documentation of `tokenkeep_practice::Fault` has
    /// it: `json!({"times": 1, "action": "drop_response"})`.
    pub fn order_fault(&self, fault: &Value) {
        self.admin("/practice/faults", fault);
    }

    /// Takes back all faults; requests that are held up by one go on at once.
    pub fn clear_faults(&self) {
        let request = Request::delete(self.url("/practice/faults")).body(String::new());
        let reply = self.send(request.expect("the request is well formed"));
        assert_eq!(reply.status, 204, "{reply:?}");
    }

    /// Refuses every connection for so long.
    pub fn go_away(&self, length: Duration) {
        let ms = u64::try_from(length.as_millis()).expect("it is a short while");
        self.admin("/practice/away", &json!({ "ms": ms }));
    }

    /// Ends all sessions of a user, counted from 0, and returns how many.
    pub fn end_sessions(&self, user: u32) -> u64 {
        let reply = self.admin("/practice/end-session", &json!({ "user": user }));
        reply.json()["ended"].as_u64().expect("it is a count")
    }

    /// A JWT credential of a user, counted from 0, that ends at `exp` (seconds
    /// since 1970).
    pub fn jwt(&self, user: u32, exp: u64) -> String {
        let reply = self.admin("/practice/jwt", &json!({ "user": user, "exp": exp }));
        reply.json()["jwt"].as_str().expect("it is text").to_owned()
    }

    /// How often requests had an outcome, by its name:
    /// `token/refresh_token/issued`.
    pub fn count(&self, outcome: &str) -> u64 {
        self.get("/practice/counts").json()[outcome]
            .as_u64()
            .unwrap_or_default()
    }

    fn admin(&self, path: &str, body: &Value) -> Reply {
        let reply = self.post_json(path, body);
        assert!((200..300).contains(&reply.status), "{reply:?}");
        reply
    }

    /// GETs a path, or a whole URL of this provider.
    pub fn get(&self, url: &str) -> Reply {
        let request = Request::get(self.url(url)).body(String::new());
        self.send(request.expect("the request is well formed"))
    }

    /// POSTs JSON to a path: the admin path speaks it.
    pub fn post_json(&self, path: &str, body: &Value) -> Reply {
        let request = Request::post(self.url(path))
            .header("Content-Type", "application/json")
            .body(body.to_string());
        self.send(request.expect("the request is well formed"))
    }

    /// POSTs a form, as a browser does.
    pub fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Reply {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = Request::post(self.url(url))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form.finish());
        self.send(request.expect("the request is well formed"))
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        url::Url::parse(self.env("RC_SERVER_URL"))
            .ok()
            .and_then(|url| url.port())
            .expect("its URL names a port")
    }

    /// The requests so far, a line for each.
    pub fn log(&self) -> String {
        self.child.stderr()
    }

    /// Its process: the request log is on standard error; frozen, it is a
    /// provider that accepts connections and never answers.
    pub fn process(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The whole URL of a path at this provider.
    pub fn url(&self, path: &str) -> String {
        if path.starts_with('/') {
            format!("{}{path}", self.env("RC_SERVER_URL").trim_end_matches('/'))
        } else {
            path.to_owned()
        }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::join(self.folder.path(), name)
    }

    fn send(&self, request: Request<String>) -> Reply {
        let mut response = self
            .http
            .run(request)
            .unwrap_or_else(|e| panic!("the practice provider does not answer: {e}"));
        Reply {
            status: response.status().as_u16(),
            location: response
                .headers()
                .get("location")
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            body: response.body_mut().read_to_string().unwrap_or_default(),
        }
    }
}

/// The last variable of the `.env` that the provider prints: with several
/// users, the last one's JWT credential.
fn last_variable(arguments: &[&str]) -> String {
    let users = arguments
        .iter()
        .skip_while(|&&argument| argument != "--users")
        .nth(1);
    match users {
        None | Some(&"1") => "TOKENKEEP_PUBLIC_CLIENT_ID".to_owned(),
        Some(users) => format!("RC_USER_JWT_{users}"),
    }
}

/// `NAME=value` lines; comments and the rest are passed over.
fn variables(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| {
            (
                name.trim().to_owned(),
                value.trim().trim_matches('"').to_owned(),
            )
        })
        .collect()
}
