//! A peer: `oidc-agent`, which has an account at the practice provider and that account's token.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokenkeep_tests::{Child, Home, Provider, eventually};

use crate::http::{Connection, request};

/// The account's name.
const ACCOUNT: &str = "bench";
/// Where Debian's package `oidc-agent-cli` puts what is timed. A program that is looked for in `PATH` takes longer to
/// start than one that is not, as the others.
const OIDC_TOKEN: &str = "/usr/bin/oidc-token";
/// How long it may take to come up.
const START_LIMIT: Duration = Duration::from_secs(20);

/// Whether that package is there.
pub(crate) fn is_installed() -> bool {
    Path::new(OIDC_TOKEN).exists()
}

/// A running agent, ended on drop.
pub(crate) struct OidcAgent {
    _agent: Child,
    socket: PathBuf,
    // Last, so that it is removed after the agent has ended.
    _home: Home,
}

impl OidcAgent {
    /// Starts it, and has it sign in to the practice provider as its first user.
    pub(crate) fn start(provider: &Provider) -> Self {
        let mut home = Home::without_bus();
        std::fs::create_dir(home.folder().join(".oidc-agent")).expect("the home is ours");
        let socket = home.folder().join("oidc.sock");
        let path = socket.display().to_string();
        // In the foreground, so that it ends with us.
        let agent = home.start_program("oidc-agent", &["--console", "-a", &path]);
        eventually("oidc-agent listens", START_LIMIT, || {
            socket.exists().then_some(())
        });
        home.set("OIDC_SOCK", &path);
        home.set("OIDC_REFRESH_TOKEN", &refresh_token(provider));
        home.set("OIDC_ENCRYPTION_PW", "everybody may know it");
        let issuer = format!("--iss={}", issuer(provider));
        let client_id = format!("--client-id={}", provider.env("RC_APP_CLIENT_ID"));
        let secret = format!("--client-secret={}", provider.env("RC_APP_CLIENT_SECRET"));
        let account = [ACCOUNT, &issuer, &client_id, &secret];
        let rest = [
            "--manual",
            "--flow=refresh",
            "--rt-env",
            "--pw-env",
            "--scope=openid offline_access",
            "--redirect-uri=http://localhost:8643",
            "--prompt=none",
            "--confirm-default",
        ];
        home.run("oidc-gen", &[&account[..], &rest].concat(), "")
            .succeeded();
        Self {
            _agent: agent,
            socket,
            _home: home,
        }
    }

    /// What prints the token that the agent has.
    pub(crate) fn token_command(&self) -> Command {
        let mut command = Command::new(OIDC_TOKEN);
        command.arg(ACCOUNT).env_clear();
        command.env("OIDC_SOCK", &self.socket);
        command
    }
}

/// A refresh token of the first user, for the JWT that the provider printed.
fn refresh_token(provider: &Provider) -> String {
    let (id, secret) = ("RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET");
    let client = STANDARD.encode(format!("{}:{}", provider.env(id), provider.env(secret)));
    let headers = format!(
        "Authorization: Basic {client}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    );
    // Of characters alone that need no encoding.
    let body = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={}",
        provider.env("RC_USER_JWT")
    );
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, provider.port()));
    let mut connection = Connection::new(stream.expect("the provider listens"));
    let request = request("POST", "/restapi/oauth/token", &headers, &body);
    let answer = connection.ask(&request).expect("the provider answers");
    let token = &answer.json()["refresh_token"];
    token.as_str().expect("JWTs get refresh tokens").to_owned()
}

/// An issuer as oidc-agent wants one, which says that the provider's endpoints are its own: the practice provider does
/// OAuth only and has no discovery document, as RingCentral documents none. It is there as long as this process.
fn issuer(provider: &Provider) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let address = listener.local_addr().expect("it listens");
    let issuer = format!("http://{address}/");
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": provider.url("/restapi/oauth/authorize"),
        "token_endpoint": provider.url("/restapi/oauth/token"),
        "revocation_endpoint": provider.url("/restapi/oauth/revoke"),
        "scopes_supported": ["openid", "offline_access"],
        "grant_types_supported": ["refresh_token"],
        "response_types_supported": ["code"],
    })
    .to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that hangs up wants no answer.
            let _ = answer(stream, &document);
        }
    });
    issuer
}

fn answer(mut stream: TcpStream, document: &str) -> std::io::Result<()> {
    let mut head = BufReader::new(stream.try_clone()?).lines();
    while head
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let length = document.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{document}"
    )
}
