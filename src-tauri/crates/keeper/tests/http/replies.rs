//! What becomes of replies, whole ones and others.

use std::time::{Duration, Instant};

use crate::support::{Answer, Server, provider_at, public, refresh_at, response};
use tokenkeep_keeper::http::HttpClient;
use tokenkeep_oauth::{Problem, ProblemKind, Provider, RefreshToken, Reply, TokenRequest};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

/// Short, for servers that never answer; a loaded machine still connects in half of it.
const IMPATIENT: Duration = Duration::from_secs(2);

#[track_caller]
fn doubt(reply: Reply) -> Problem {
    match reply {
        Reply::OutcomeUnknown { problem, .. } => problem,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn not_sent(reply: Reply) -> Problem {
    match reply {
        Reply::NotSent(problem) => problem,
        other => panic!("{other:?}"),
    }
}

async fn refused_port() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap()
}

#[tokio::test]
async fn a_refused_connection_means_that_nothing_was_sent() {
    let reply = refresh_at(&refused_port().await, &HttpClient::new().unwrap()).await;
    assert_eq!(not_sent(reply).kind, ProblemKind::Connect);
}

#[tokio::test]
async fn a_server_without_tls_means_that_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{}", listener.local_addr().unwrap())).unwrap();
    let answering = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(&response(400, "", "plain HTTP here"))
            .await
            .unwrap();
        let mut received = Vec::new();
        let _ = stream.read_to_end(&mut received).await;
        received
    });
    let reply = refresh_at(&url, &HttpClient::new().unwrap()).await;
    assert_eq!(not_sent(reply).kind, ProblemKind::Tls);
    let received = String::from_utf8_lossy(&answering.await.unwrap()).into_owned();
    assert!(!received.contains("refresh"), "{received}");
}

#[tokio::test]
async fn a_connection_that_is_never_made_means_that_nothing_was_sent() {
    // It takes the connection, but TLS never begins.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{}", listener.local_addr().unwrap())).unwrap();
    let reply = refresh_at(&url, &HttpClient::with_time_limit(IMPATIENT).unwrap()).await;
    assert_eq!(not_sent(reply).kind, ProblemKind::ConnectTimeout);
}

#[tokio::test]
async fn secrets_are_not_sent_in_the_clear() {
    let provider = Provider {
        token_endpoint: Url::parse("http://provider.invalid/token").unwrap(),
        ..provider_at(&Url::parse("http://localhost").unwrap())
    };
    let (http, client) = (HttpClient::new().unwrap(), public());
    let request = TokenRequest::refresh(&provider, &client, &RefreshToken::new("r"));
    let reply = http.request_tokens(request).await;
    assert!(
        matches!(reply, Reply::Misconfigured(problem) if problem.kind == ProblemKind::InsecureEndpoint)
    );
}

#[tokio::test]
async fn silence_after_the_request_leaves_the_outcome_unknown() {
    let mut server = Server::start(Answer::Hang).await;
    let begun = Instant::now();
    let reply = refresh_at(
        &server.url,
        &HttpClient::with_time_limit(IMPATIENT).unwrap(),
    )
    .await;
    assert_eq!(doubt(reply).kind, ProblemKind::Timeout);
    assert!(begun.elapsed() >= IMPATIENT);
    server.received().await;
}

#[tokio::test]
async fn silence_in_the_middle_of_a_reply_leaves_the_outcome_unknown() {
    let begun = b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n{\"access_token\":".to_vec();
    let server = Server::start(Answer::HangAfter(begun)).await;
    let reply = refresh_at(
        &server.url,
        &HttpClient::with_time_limit(IMPATIENT).unwrap(),
    )
    .await;
    assert_eq!(doubt(reply).kind, ProblemKind::Timeout);
}

#[tokio::test]
async fn a_reset_after_the_request_leaves_the_outcome_unknown() {
    let mut server = Server::start(Answer::Reset).await;
    let reply = refresh_at(&server.url, &HttpClient::new().unwrap()).await;
    assert_eq!(doubt(reply).kind, ProblemKind::ConnectionLost);
    server.received().await;
    assert!(
        server.has_received_nothing(),
        "the request must not be repeated"
    );
}

#[tokio::test]
async fn a_reply_that_is_cut_off_leaves_the_outcome_unknown() {
    for cut in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n{\"access_token\":\"a\"}",
        "no HTTP at all\r\n\r\n",
    ] {
        let server = Server::start(Answer::Bytes(cut.into())).await;
        let reply = refresh_at(&server.url, &HttpClient::new().unwrap()).await;
        assert_eq!(doubt(reply).kind, ProblemKind::ConnectionLost, "{cut}");
    }
}

#[tokio::test]
async fn an_endless_reply_is_not_read_to_its_end() {
    let server = Server::start(Answer::Flood).await;
    let reply = refresh_at(&server.url, &HttpClient::new().unwrap()).await;
    assert_eq!(doubt(reply).kind, ProblemKind::TooLong);
}

#[tokio::test]
async fn a_long_reply_within_the_limit_is_read() {
    let scope = "x".repeat(200 * 1024);
    let server = Server::json(200, &format!(r#"{{"access_token":"a","scope":"{scope}"}}"#)).await;
    let reply = refresh_at(&server.url, &HttpClient::new().unwrap()).await;
    assert!(matches!(reply, Reply::Tokens(tokens) if tokens.scope.as_deref() == Some(&scope)));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let mut elsewhere = Server::json(200, r#"{"access_token":"stolen"}"#).await;
        let location = format!("Location: {}restapi/oauth/token\r\n", elsewhere.url);
        let server = Server::start(Answer::Bytes(response(status, &location, ""))).await;
        let reply = refresh_at(&server.url, &HttpClient::new().unwrap()).await;
        assert_eq!(doubt(reply).kind, ProblemKind::Redirected, "{status}");
        assert!(elsewhere.has_received_nothing(), "{status}");
    }
}

#[tokio::test]
async fn status_headers_and_body_reach_the_classification() {
    let http = HttpClient::new().unwrap();
    let throttled = response(
        429,
        "Retry-After: 17\r\n",
        r#"{"errors":[{"errorCode":"CMN-301"}]}"#,
    );
    let server = Server::start(Answer::Bytes(throttled)).await;
    let reply = refresh_at(&server.url, &http).await;
    assert!(
        matches!(reply, Reply::Throttled { retry_after, .. } if retry_after == Duration::from_secs(17))
    );

    let server = Server::json(
        400,
        r#"{"error":"invalid_grant","errors":[{"errorCode":"OAU-213"}]}"#,
    )
    .await;
    let reply = refresh_at(&server.url, &http).await;
    assert!(matches!(reply, Reply::Rejected(problem) if problem.kind == ProblemKind::InvalidGrant));

    let server = Server::json(401, r#"{"error":"invalid_client"}"#).await;
    let reply = refresh_at(&server.url, &http).await;
    assert!(
        matches!(reply, Reply::Misconfigured(problem) if problem.kind == ProblemKind::InvalidClient)
    );

    let server = Server::json(200, "").await;
    assert_eq!(
        doubt(refresh_at(&server.url, &http).await).kind,
        ProblemKind::EmptyBody
    );
}

#[tokio::test]
async fn tokens_come_whatever_the_content_type() {
    let answer = response(
        200,
        "Content-Type: text/plain\r\n",
        r#"{"access_token":"a"}"#,
    );
    let server = Server::start(Answer::Bytes(answer)).await;
    let reply = refresh_at(&server.url, &HttpClient::new().unwrap()).await;
    assert!(matches!(reply, Reply::Tokens(_)), "{reply:?}");
}

#[tokio::test]
async fn planted_secrets_are_in_no_printed_reply() {
    const PLANTED: &str = "PlantedS3cret";
    let body = format!(r#"{{"error":"{PLANTED}","access_token":"{PLANTED}"}}"#);
    for answer in [
        Answer::Bytes(response(
            200,
            "",
            &format!(r#"{{"access_token":"{PLANTED}"}}"#),
        )),
        Answer::Bytes(response(200, "", &body)),
        Answer::Bytes(response(400, "", &body)),
        Answer::Bytes(response(500, "", PLANTED)),
        Answer::Bytes(PLANTED.into()),
        Answer::Reset,
    ] {
        let server = Server::start(answer).await;
        let provider = provider_at(&server.url);
        let (http, client) = (HttpClient::new().unwrap(), public());
        let request = TokenRequest::refresh(&provider, &client, &RefreshToken::new(PLANTED));
        let printed_request = format!("{request:?}");
        let reply = http.request_tokens(request).await;
        let printed = format!(
            "{reply:?} {printed_request} {http:?} {}",
            reply.problem().map_or("", |p| &p.message)
        );
        assert!(!printed.contains("Planted"), "{printed}");
    }
}
