//! A provider to talk to, and what a client of it has at hand.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde_json::Value;
use tokenkeep_practice::{DrivenClock, Options, Practice};
use tokio::sync::oneshot;
use url::Url;

pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The S256 challenge of [`VERIFIER`] (RFC 7636, appendix B).
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A provider that runs for one test, on its own port, by a clock that the test drives.
pub(crate) struct Provider {
    pub(crate) address: SocketAddr,
    pub(crate) clock: DrivenClock,
    pub(crate) http: Client,
    pub(crate) env: HashMap<String, String>,
    log: Arc<Mutex<Vec<String>>>,
    _stop: oneshot::Sender<()>,
}

/// Options for a test: a free port, no limit.
pub(crate) fn options() -> Options {
    Options {
        listen: ([127, 0, 0, 1], 0).into(),
        rate_limit: 0,
        ..Options::default()
    }
}

impl Provider {
    pub(crate) async fn start() -> Self {
        Self::start_with(options()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        let clock = DrivenClock::default();
        let practice = Practice::bind_with_clock(options, Arc::new(clock.clone()))
            .await
            .unwrap();
        let address = practice.address();
        let env = parse_env(&practice.env_text());
        let log = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = oneshot::channel::<()>();
        let lines = Arc::clone(&log);
        let serving = practice.serve(
            move |line: &str| lines.lock().unwrap().push(line.to_owned()),
            async move {
                let _ = stopped.await;
            },
        );
        tokio::spawn(serving);
        Self {
            address,
            clock,
            http: client(),
            env,
            log,
            _stop: stop,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn var(&self, name: &str) -> &str {
        &self.env[name]
    }

    /// A request to the token endpoint by the confidential client, not sent yet.
    pub(crate) fn token_request(&self, form: &[(&str, &str)]) -> RequestBuilder {
        self.http
            .post(self.url("/restapi/oauth/token"))
            .basic_auth(
                self.var("RC_APP_CLIENT_ID"),
                Some(self.var("RC_APP_CLIENT_SECRET")),
            )
            .form(form)
    }

    /// The same by the public client.
    pub(crate) fn public_token_request(&self, form: &[(&str, &str)]) -> RequestBuilder {
        let mut form = form.to_vec();
        form.push(("client_id", self.var("TOKENKEEP_PUBLIC_CLIENT_ID")));
        self.http.post(self.url("/restapi/oauth/token")).form(&form)
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Answer {
        Answer::of(self.token_request(form).send().await.unwrap()).await
    }

    pub(crate) async fn public_token(&self, form: &[(&str, &str)]) -> Answer {
        Answer::of(self.public_token_request(form).send().await.unwrap()).await
    }

    /// Tokens by the first user's JWT credential.
    pub(crate) async fn jwt_sign_in(&self, more: &[(&str, &str)]) -> Answer {
        self.jwt_sign_in_as(0, more).await
    }

    /// Tokens by the JWT credential of a user, counted from 0.
    pub(crate) async fn jwt_sign_in_as(&self, user: u32, more: &[(&str, &str)]) -> Answer {
        let name = if user == 0 {
            "RC_USER_JWT".to_owned()
        } else {
            format!("RC_USER_JWT_{}", user + 1)
        };
        let mut form = vec![("grant_type", JWT_BEARER), ("assertion", self.var(&name))];
        form.extend(more);
        self.token(&form).await
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        self.token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ])
        .await
    }

    pub(crate) async fn resource(&self, access_token: &str) -> Answer {
        let request = self
            .http
            .get(self.url("/restapi/v1.0/account/~/extension/~"))
            .bearer_auth(access_token);
        Answer::of(request.send().await.unwrap()).await
    }

    /// What the resource says to a token: 200, or the error code of a 401.
    pub(crate) async fn verdict(&self, access_token: &str) -> String {
        let answer = self.resource(access_token).await;
        match answer.status {
            StatusCode::OK => "200".to_owned(),
            StatusCode::UNAUTHORIZED => answer.code(),
            other => panic!("{other}: {}", answer.text),
        }
    }

    pub(crate) async fn revoke(&self, token: &str) -> StatusCode {
        let request = self
            .http
            .post(self.url("/restapi/oauth/revoke"))
            .basic_auth(
                self.var("RC_APP_CLIENT_ID"),
                Some(self.var("RC_APP_CLIENT_SECRET")),
            )
            .form(&[("token", token)]);
        request.send().await.unwrap().status()
    }

    pub(crate) async fn order_fault(&self, fault: Value) {
        let answer = self
            .http
            .post(self.url("/practice/faults"))
            .json(&fault)
            .send()
            .await
            .unwrap();
        assert_eq!(
            answer.status(),
            StatusCode::NO_CONTENT,
            "{}",
            answer.text().await.unwrap()
        );
    }

    pub(crate) async fn counts(&self) -> Value {
        self.http
            .get(self.url("/practice/counts"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// An authorization URL of a client, with these parameters beside `client_id`.
    pub(crate) fn authorization_url(&self, client_id: &str, parameters: &[(&str, &str)]) -> Url {
        let mut url = Url::parse(&self.url("/restapi/oauth/authorize")).unwrap();
        url.query_pairs_mut()
            .append_pair("client_id", client_id)
            .extend_pairs(parameters);
        url
    }

    /// Goes through the pages as a person does, and returns where they lead: the app's redirect URI with parameters.
    pub(crate) async fn go_through(
        &self,
        authorization_url: Url,
        name: &str,
        decision: &str,
    ) -> Url {
        let page = self.http.get(authorization_url).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        let request = hidden(&page.text().await.unwrap(), "request");
        let form = [
            ("request", request.as_str()),
            ("name", name),
            ("password", "practice"),
        ];
        let signed_in = self
            .http
            .post(self.url("/practice/sign-in"))
            .form(&form)
            .send()
            .await
            .unwrap();
        let consent = self
            .http
            .get(self.url(&location(&signed_in)))
            .send()
            .await
            .unwrap();
        assert_eq!(consent.status(), StatusCode::OK);
        let request = hidden(&consent.text().await.unwrap(), "request");
        let form = [("request", request.as_str()), ("decision", decision)];
        let decided = self
            .http
            .post(self.url("/practice/consent"))
            .form(&form)
            .send()
            .await
            .unwrap();
        Url::parse(&location(&decided)).unwrap()
    }

    /// A code for the public client.
    pub(crate) async fn code(&self) -> String {
        let url = self.authorization_url(
            self.var("TOKENKEEP_PUBLIC_CLIENT_ID"),
            &[
                ("response_type", "code"),
                ("redirect_uri", self.var("RC_REDIRECT_URL")),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ],
        );
        parameter(&self.go_through(url, "practice", "allow").await, "code").unwrap()
    }

    /// The form that exchanges a code of [`Provider::code`].
    pub(crate) fn exchange<'a>(&'a self, code: &'a str) -> [(&'a str, &'a str); 4] {
        [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.var("RC_REDIRECT_URL")),
            ("code_verifier", VERIFIER),
        ]
    }
}

/// An answer that has been read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self {
            status,
            headers,
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn field(&self, name: &str) -> String {
        self.json()[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}: {}", self.text))
            .to_owned()
    }

    pub(crate) fn access_token(&self) -> String {
        self.field("access_token")
    }

    pub(crate) fn refresh_token(&self) -> String {
        self.field("refresh_token")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The code of the first of `errors`.
    pub(crate) fn code(&self) -> String {
        self.json()["errors"][0]["errorCode"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Status, OAuth's error and RingCentral's code of a refusal, which has all of its other parts too.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        let body = self.json();
        assert!(
            body["error_description"].is_string() && body["errors"][0]["message"].is_string(),
            "{}",
            self.text
        );
        (self.status.as_u16(), self.field("error"), self.code())
    }
}

/// `refusal()`, written down.
pub(crate) fn refused(status: u16, error: &str, code: &str) -> (u16, String, String) {
    (status, error.to_owned(), code.to_owned())
}

/// A client that follows no redirect and keeps to this machine.
pub(crate) fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap()
}

pub(crate) fn location(response: &Response) -> String {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()["location"].to_str().unwrap().to_owned()
}

pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// The value of a hidden field.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let start = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
    let rest = page
        .split(&start)
        .nth(1)
        .unwrap_or_else(|| panic!("no field {name}: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

fn parse_env(text: &str) -> HashMap<String, String> {
    text.lines()
        .map(|line| line.split_once('=').unwrap())
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .collect()
}
