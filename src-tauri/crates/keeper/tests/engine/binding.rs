//! Secrets go only where they were meant to go when the account was added.

use std::net::TcpListener;
use std::time::Duration;

use tokenkeep_keeper::config::Grant;
use tokenkeep_keeper::keeper::{ErrorKind, ReadRequest};
use tokenkeep_protocol::account::State;

use super::TEST;
use super::support::{Bench, eventually};

/// A server that nobody should come to.
struct Elsewhere(TcpListener);

impl Elsewhere {
    fn listen() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    fn was_visited(&self) -> bool {
        self.0.accept().is_ok()
    }
}

async fn read_at_once(bench: &Bench) -> Result<(), tokenkeep_keeper::keeper::KeeperError> {
    let request = ReadRequest {
        wait: Some(Duration::from_secs(20)),
        ..ReadRequest::default()
    };
    bench
        .keeper()
        .token(&bench.name(TEST), request)
        .await
        .map(drop)
}

#[tokio::test]
async fn after_a_change_of_the_server_nothing_is_sent_before_a_person_agrees() {
    for grant in [Grant::Jwt, Grant::Code] {
        let mut bench = Bench::start().await;
        bench.add(TEST, grant).await;
        if grant == Grant::Jwt {
            bench.token(TEST).await.unwrap();
        }
        let elsewhere = Elsewhere::listen();
        let text = bench.config_text();
        let provider = bench.provider().clone();
        bench
            .restart_with(&text.replace(provider.as_str(), &elsewhere.url()))
            .await;
        let name = bench.name(TEST);
        eventually("the account says what is wrong", || async {
            let problem = bench.keeper().account(&name).await.unwrap().problem;
            problem.is_some_and(|problem| problem.contains("tokenkeep confirm demo"))
        })
        .await;
        let view = bench.keeper().account(&name).await.unwrap();
        assert_eq!(view.state, State::Misconfigured);
        let problem = view.problem.unwrap();
        assert!(problem.contains(&elsewhere.url()), "{problem}");
        let begun = std::time::Instant::now();
        let refusals = [
            read_at_once(&bench).await.unwrap_err(),
            bench.keeper().sign_in(&name, None).await.unwrap_err(),
            bench.keeper().refresh(&name, None).await.unwrap_err(),
        ];
        assert!(begun.elapsed() < Duration::from_secs(10), "nobody waits");
        for refusal in refusals {
            assert_eq!(refusal.kind, ErrorKind::Misconfigured);
            assert_eq!(refusal.message, problem);
        }
        // Undone, everything is as it was.
        bench.restart_with(&text).await;
        if grant == Grant::Jwt {
            let token = bench.token(TEST).await.unwrap();
            assert!(bench.accepts(&token).await);
            assert_eq!(bench.count("token/jwt_bearer/issued").await, 1);
        }
        // Nothing is sent in order to remove it, either.
        bench
            .restart_with(&text.replace(provider.as_str(), &elsewhere.url()))
            .await;
        assert!(!bench.keeper().remove(&name).await.unwrap().revoking);
        assert!(!elsewhere.was_visited());
    }
}

#[tokio::test]
async fn once_a_person_has_agreed_the_account_goes_on_with_what_is_configured() {
    let mut bench = Bench::start().await;
    bench.add(TEST, Grant::Jwt).await;
    let before = bench.token(TEST).await.unwrap();
    let text = bench.config_text();
    // The same server by another name.
    let provider = bench.provider().as_str();
    let renamed = provider.replace("127.0.0.1", "localhost");
    let renamed = text.replace(provider, &renamed);
    bench.restart_with(&renamed).await;
    let name = bench.name(TEST);
    eventually("the change is shown", || async {
        let view = bench.keeper().account(&name).await.unwrap();
        view.unconfirmed.is_some()
    })
    .await;
    let view = bench.keeper().account(&name).await.unwrap();
    let change = view.unconfirmed.unwrap();
    assert_eq!(change.before.client_id, change.now.client_id);
    assert!(change.before.origins[0].starts_with("http://127.0.0.1:"));
    assert!(change.now.origins[0].starts_with("http://localhost:"));
    let wrong = bench.keeper().confirm(&name, change.before).await;
    assert_eq!(wrong.unwrap_err().kind, ErrorKind::InvalidInput);
    let view = bench.keeper().confirm(&name, change.now.clone()).await;
    let view = view.unwrap();
    assert_eq!(view.unconfirmed, None);
    let token = bench.token(TEST).await.unwrap();
    assert_eq!(token.fingerprint, before.fingerprint);
    // It holds after a restart, and is no change any more.
    bench.restart().await;
    bench.token(TEST).await.unwrap();
    bench.keeper().confirm(&name, change.now).await.unwrap();
    let view = bench.keeper().refresh(&name, None).await.unwrap();
    assert_eq!(view.generation, 2);
}

#[tokio::test]
async fn an_item_that_was_bound_to_nobody_is_bound_when_it_is_first_loaded() {
    let mut bench = Bench::start().await;
    bench.add(TEST, Grant::Jwt).await;
    bench.token(TEST).await.unwrap();
    bench.quit().await;
    // As an earlier version left it.
    let mut item = bench.vault().load(TEST).await.unwrap().unwrap();
    let bound = item.bound_to.take();
    assert!(bound.is_some());
    bench.vault().save(TEST, item).await.unwrap();
    bench.restart().await;
    bench.token(TEST).await.unwrap();
    eventually("it is bound", || async {
        let item = bench.vault().load(TEST).await.unwrap().unwrap();
        item.bound_to == bound
    })
    .await;
    // A change that comes right after is seen.
    let elsewhere = Elsewhere::listen();
    let text = bench.config_text();
    let text = text.replace(bench.provider().as_str(), &elsewhere.url());
    bench.restart_with(&text).await;
    assert_eq!(
        read_at_once(&bench).await.unwrap_err().kind,
        ErrorKind::Misconfigured
    );
    assert!(!elsewhere.was_visited());
}
