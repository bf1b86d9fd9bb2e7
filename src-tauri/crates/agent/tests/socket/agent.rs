//! A keeper behind its socket, with an account at a practice provider, all in this process.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokenkeep_agent::{AgentClient, Desktop, Server, Stopped};
use tokenkeep_keeper::config::{AccountName, Grant};
use tokenkeep_keeper::home::Home;
use tokenkeep_keeper::keeper::{Keeper, NewAccount};
use tokenkeep_keeper::vault::Vault;
use tokenkeep_practice::{Options, Practice};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) struct Agent {
    pub(crate) client: AgentClient,
    pub(crate) home: Home,
    pub(crate) serving: JoinHandle<Stopped>,
    pub(crate) stop: oneshot::Sender<()>,
    provider: Provider,
    _folder: TempDir,
}

struct Provider {
    address: std::net::SocketAddr,
    env: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Raw {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub(crate) fn work() -> AccountName {
    "work".parse().unwrap()
}

impl Agent {
    /// With no account yet.
    pub(crate) async fn start() -> Self {
        Self::with_tokens_that_live(Options::default().access_token_ttl).await
    }

    /// With no account yet; access tokens live for so many seconds.
    pub(crate) async fn with_tokens_that_live(seconds: u64) -> Self {
        Self::serving(seconds, |server| server).await
    }

    /// With no account yet, and a desktop.
    pub(crate) async fn with_desktop(desktop: Arc<dyn Desktop>) -> Self {
        let seconds = Options::default().access_token_ttl;
        Self::serving(seconds, |server| server.with_desktop(desktop)).await
    }

    async fn serving(seconds: u64, with: impl FnOnce(Server) -> Server) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("tka")
            .tempdir_in("/tmp")
            .unwrap();
        let home = Home::at(folder.path());
        let keeper = Keeper::open(&home, Vault::memory()).await.unwrap();
        let server = with(Server::bind(&home, keeper).await.unwrap());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let stop = async { stopped.await.unwrap_or(()) };
            server.run(stop).await
        });
        let options = Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            rate_limit: 0,
            access_token_ttl: seconds,
            ..Options::default()
        };
        let practice = Practice::bind(options).await.unwrap();
        let provider = Provider {
            address: practice.address(),
            env: practice.env_block(0),
        };
        tokio::spawn(practice.serve(|_| {}, std::future::pending()));
        Self {
            client: AgentClient::new(&home).unwrap(),
            home,
            serving,
            stop,
            provider,
            _folder: folder,
        }
    }

    /// With the account `work`, signed in.
    pub(crate) async fn signed_in() -> Self {
        let agent = Self::start().await;
        agent.add("work").await;
        agent.client.sign_in(&work(), None).await.unwrap();
        agent
    }

    pub(crate) async fn add(&self, name: &str) {
        let new = NewAccount {
            name: name.parse().unwrap(),
            provider: "practice".to_owned(),
            server: Some(format!("http://{}", self.provider.address).parse().unwrap()),
            client_id: self.env("RC_APP_CLIENT_ID"),
            grant: Grant::Jwt,
            redirect_uri: None,
            client_secret: Some(self.env("RC_APP_CLIENT_SECRET").into()),
            assertion: Some(self.env("RC_USER_JWT").into()),
        };
        self.client.add(new).await.unwrap();
    }

    fn env(&self, name: &str) -> String {
        let value = self
            .provider
            .env
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.unwrap().to_owned()
    }

    /// Makes the provider take so long over its next token.
    pub(crate) async fn delay_next_token(&self, delay: Duration) {
        let ms = u64::try_from(delay.as_millis()).unwrap();
        let body = json!({ "endpoint": "token", "times": 1, "delay_ms": ms }).to_string();
        let mut stream = TcpStream::connect(self.provider.address).await.unwrap();
        let request = format!(
            "POST /practice/faults HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.home.socket().unwrap()
    }

    /// Sends a request as it is, and leaves the connection open.
    pub(crate) async fn send(&self, line: &str, headers: &str, body: &str) -> UnixStream {
        let mut stream = UnixStream::connect(self.socket()).await.unwrap();
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// Sends a request as it is, and reads the answer to its end.
    pub(crate) async fn raw(&self, line: &str, headers: &str, body: &str) -> Raw {
        let mut stream = self
            .send(line, &format!("Connection: close\r\n{headers}"), body)
            .await;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Raw {
            status,
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    pub(crate) async fn leases(&self) -> usize {
        self.client.account(&work()).await.unwrap().leases.len()
    }

    pub(crate) async fn eventually_leases(&self, count: usize) {
        let reached = async {
            while self.leases().await != count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), reached)
            .await
            .expect("the leases do not become so many");
    }
}
