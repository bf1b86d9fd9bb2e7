//! A provider and a home for many accounts, and the accounts themselves.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokenkeep_tests::{Home, Keeper, Process, Provider};

use crate::http::{Connection, request};

/// What is measured is the keeper, and not how patient it is with its provider.
const UNPACED: &str = "[providers.practice]\nrequests_per_minute = 0\n";
/// How long an account may take to get its first token, in seconds.
const FIRST_TOKEN_LIMIT: u64 = 120;

/// A provider with so many users and no quota, whose access tokens live for so many seconds.
pub(crate) fn provider(users: usize, token_life: u32) -> Provider {
    let (users, life) = (users.to_string(), token_life.to_string());
    Provider::start(&[
        "--users",
        &users,
        "--access-token-ttl",
        &life,
        "--rate-limit",
        "0",
    ])
}

/// Prepares a home for accounts of such a provider.
pub(crate) fn unpaced(home: Home) -> Home {
    home.file("config.toml", UNPACED);
    home
}

/// The keeper's process.
pub(crate) fn process(keeper: &mut Keeper<'_>) -> Process {
    Process::with_id(keeper.process().id())
}

/// Where the keeper of a home listens.
pub(crate) fn socket(home: &Home) -> PathBuf {
    home.folder().join("agent.sock")
}

/// A connection to the keeper of a home.
pub(crate) fn connect(home: &Home) -> Connection<UnixStream> {
    Connection::new(UnixStream::connect(socket(home)).expect("the keeper listens"))
}

/// The name of the account of a user, counted from 0.
pub(crate) fn name(user: usize) -> String {
    format!("user{user:05}")
}

/// What asks for the token of a user's account.
pub(crate) fn token_request(user: usize) -> Vec<u8> {
    token_request_with(user, &json!({}))
}

/// The same with a body that says more.
pub(crate) fn token_request_with(user: usize, body: &Value) -> Vec<u8> {
    let path = format!("/v1/accounts/{}/token", name(user));
    request("POST", &path, "", &body.to_string())
}

/// Adds an account for each of the provider's first users, and waits until each has a token. They sign in by JWT.
/// Returns how long that took.
pub(crate) fn add(home: &Home, provider: &Provider, count: usize) -> Duration {
    let mut connection = connect(home);
    let mut ask = |request: &[u8]| {
        let answer = connection.ask(request).expect("the keeper answers");
        let said = String::from_utf8_lossy(answer.body);
        assert!(matches!(answer.status, 200 | 201), "{said}");
    };
    let began = Instant::now();
    for user in 0..count {
        let account = account(provider, user).to_string();
        ask(&request("POST", "/v1/accounts", "", &account));
    }
    for user in 0..count {
        let patient = json!({ "wait": FIRST_TOKEN_LIMIT });
        ask(&token_request_with(user, &patient));
    }
    began.elapsed()
}

fn account(provider: &Provider, user: usize) -> Value {
    let assertion = match user {
        0 => "RC_USER_JWT".to_owned(),
        further => format!("RC_USER_JWT_{}", further + 1),
    };
    json!({
        "name": name(user),
        "provider": "practice",
        "server": provider.env("RC_SERVER_URL"),
        "client_id": provider.env("RC_APP_CLIENT_ID"),
        "grant": "jwt",
        "client_secret": provider.env("RC_APP_CLIENT_SECRET"),
        "assertion": provider.env(&assertion),
    })
}
