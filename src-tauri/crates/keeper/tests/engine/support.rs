//! A keeper, a practice provider, and a person who signs in.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use tokenkeep_keeper::config::{AccountName, Grant};
use tokenkeep_keeper::home::Home;
use tokenkeep_keeper::keeper::{
    GivenToken, Keeper, KeeperError, NewAccount, OpenError, ReadRequest,
};
use tokenkeep_keeper::vault::Vault;
use tokenkeep_practice::{Options, Practice};
use url::Url;

/// Everything that a test needs, gone when it is dropped.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
    vault: Vault,
    keeper: Option<Keeper>,
    provider: Url,
    env: String,
    http: reqwest::Client,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let options = Options {
            listen: ([127, 0, 0, 1], 0).into(),
            rate_limit: 0,
            ..Options::default()
        };
        let practice = Practice::bind(options).await.unwrap();
        let provider = Url::parse(&format!("http://{}", practice.address())).unwrap();
        let env = practice.env_block(0);
        tokio::spawn(practice.serve(|_| {}, std::future::pending()));
        // Every client wants a cryptography to be chosen, also one that speaks to loopback only.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let redirects = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder()
            .redirect(redirects)
            .no_proxy()
            .build()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut bench = Self {
            folder,
            vault: Vault::memory(),
            keeper: None,
            provider,
            env,
            http,
        };
        bench.keeper = Some(bench.open_another().await.unwrap());
        bench
    }

    pub(crate) async fn open_another(&self) -> Result<Keeper, OpenError> {
        Keeper::open(&Home::at(self.folder.path()), self.vault.clone()).await
    }

    pub(crate) fn keeper(&self) -> &Keeper {
        self.keeper.as_ref().unwrap()
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Ends the keeper in order and starts another one on the same home and vault.
    pub(crate) async fn restart(&mut self) {
        self.quit().await;
        self.keeper = Some(self.open_another().await.unwrap());
    }

    /// Ends the keeper in order.
    pub(crate) async fn quit(&mut self) {
        if let Some(keeper) = self.keeper.take() {
            keeper.quit().await;
        }
    }

    /// Restarts it with another configuration.
    pub(crate) async fn restart_with(&mut self, config: &str) {
        self.quit().await;
        std::fs::write(self.config_file(), config).unwrap();
        self.keeper = Some(self.open_another().await.unwrap());
    }

    pub(crate) fn provider(&self) -> &Url {
        &self.provider
    }

    pub(crate) fn name(&self, name: &str) -> AccountName {
        name.parse().unwrap()
    }

    pub(crate) fn config_text(&self) -> String {
        std::fs::read_to_string(self.config_file()).unwrap()
    }

    /// Adds lines to the configuration, as a person would; a restarted keeper heeds them.
    pub(crate) fn configure(&self, lines: &str) {
        let text = self.config_text();
        std::fs::write(self.config_file(), format!("{text}\n{lines}\n")).unwrap();
    }

    fn config_file(&self) -> PathBuf {
        Home::at(self.folder.path()).config_file()
    }

    fn env(&self, name: &str) -> String {
        let line = self
            .env
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}=")));
        line.unwrap().trim_matches('"').to_owned()
    }

    pub(crate) fn new_account(&self, name: &str, grant: Grant) -> NewAccount {
        NewAccount {
            name: self.name(name),
            provider: "practice".into(),
            server: Some(self.provider.clone()),
            client_id: self.env("RC_APP_CLIENT_ID"),
            grant,
            redirect_uri: Some(Url::parse(&self.env("RC_REDIRECT_URL")).unwrap()),
            client_secret: Some(SecretString::from(self.env("RC_APP_CLIENT_SECRET"))),
            assertion: (grant == Grant::Jwt).then(|| SecretString::from(self.env("RC_USER_JWT"))),
        }
    }

    pub(crate) async fn add(&self, name: &str, grant: Grant) {
        self.keeper()
            .add(self.new_account(name, grant))
            .await
            .unwrap();
    }

    pub(crate) async fn token(&self, name: &str) -> Result<GivenToken, KeeperError> {
        self.keeper()
            .token(&self.name(name), ReadRequest::default())
            .await
    }

    fn at(&self, path: &str) -> Url {
        self.provider.join(path).unwrap()
    }

    /// Whether the provider's API takes the token.
    pub(crate) async fn accepts(&self, token: &GivenToken) -> bool {
        let url = self.at("/restapi/v1.0/account/~/extension/~");
        let request = self.http.get(url).bearer_auth(token.access_token.expose());
        request.send().await.unwrap().status().is_success()
    }

    pub(crate) async fn fault(&self, json: &'static str) {
        let reply = self.post("/practice/faults", json).await;
        assert!(
            reply.status().is_success(),
            "{}",
            reply.text().await.unwrap()
        );
    }

    pub(crate) async fn end_sessions(&self) {
        let reply = self.post("/practice/end-session", r#"{"user":0}"#).await;
        assert!(reply.status().is_success());
    }

    async fn post(&self, path: &str, json: &'static str) -> reqwest::Response {
        let request = self
            .http
            .post(self.at(path))
            .header("Content-Type", "application/json");
        request.body(json).send().await.unwrap()
    }

    /// How often something happened at the provider.
    pub(crate) async fn count(&self, what: &str) -> u64 {
        let text = self
            .http
            .get(self.at("/practice/counts"))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let counts: serde_json::Value = serde_json::from_str(&text).unwrap();
        counts[what].as_u64().unwrap_or(0)
    }

    /// Signs in on the provider's pages as a person would, up to the redirect.
    pub(crate) async fn walk_through(&self, authorization_url: &Url) -> Url {
        let page = self
            .http
            .get(authorization_url.clone())
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let request = hidden_field(&page, "request");
        self.submit(
            "/practice/sign-in",
            &[
                ("request", &request),
                ("name", "practice"),
                ("password", "practice"),
            ],
        )
        .await;
        self.submit(
            "/practice/consent",
            &[("request", &request), ("decision", "allow")],
        )
        .await
    }

    async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Url {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = self
            .http
            .post(self.at(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form.finish());
        let reply = request.send().await.unwrap();
        assert_eq!(reply.status(), 303);
        self.provider
            .join(reply.headers()["location"].to_str().unwrap())
            .unwrap()
    }
}

fn hidden_field(page: &str, name: &str) -> String {
    let field = page
        .split("<input")
        .find(|field| field.contains(&format!("name=\"{name}\"")))
        .unwrap();
    field
        .split("value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

/// Waits for something to become true, and says what did not.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    for _ in 0..200 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come about that {what}");
}
