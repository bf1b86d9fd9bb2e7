//! The system's proxy: used for the world, never for this machine.
//!
//! The proxy is set by environment variables, so each test runs itself once more, as a child.

use crate::support::{Answer, Server, refresh_at, rerun, response};
use tokenkeep_keeper::http::HttpClient;
use tokenkeep_oauth::{ProblemKind, Reply};
use url::Url;

/// The variables that set a proxy for everything.
fn proxy_at(url: &Url) -> [(&'static str, String); 3] {
    ["http_proxy", "https_proxy", "all_proxy"].map(|name| (name, url.to_string()))
}

async fn ask(server: &str) -> Reply {
    refresh_at(&Url::parse(server).unwrap(), &HttpClient::new().unwrap()).await
}

#[tokio::test]
async fn no_proxy_stands_before_this_machines_own_addresses() {
    if let Some(server) = rerun::asked() {
        assert!(matches!(ask(&server).await, Reply::Tokens(_)));
        return;
    }
    let mut proxy = Server::json(502, "").await;
    let mut server = Server::json(200, r#"{"access_token":"a"}"#).await;
    let port = server.url.port().unwrap();
    for url in [
        format!("http://127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
    ] {
        rerun::run(
            "proxy::no_proxy_stands_before_this_machines_own_addresses",
            &url,
            &proxy_at(&proxy.url),
        )
        .await;
        server.received().await;
    }
    assert!(proxy.has_received_nothing());
}

#[tokio::test]
async fn the_systems_proxy_is_asked_for_the_world_and_its_refusal_means_that_nothing_was_sent() {
    if let Some(server) = rerun::asked() {
        let reply = ask(&server).await;
        assert!(
            matches!(&reply, Reply::NotSent(problem) if problem.kind == ProblemKind::Connect),
            "{reply:?}"
        );
        return;
    }
    let mut proxy = Server::start(Answer::Bytes(response(403, "", "<html>no</html>"))).await;
    rerun::run(
        "proxy::the_systems_proxy_is_asked_for_the_world_and_its_refusal_means_that_nothing_was_sent",
        "https://provider.invalid",
        &proxy_at(&proxy.url),
    )
    .await;
    assert_eq!(
        proxy.received().await.line,
        "CONNECT provider.invalid:443 HTTP/1.1"
    );
}
