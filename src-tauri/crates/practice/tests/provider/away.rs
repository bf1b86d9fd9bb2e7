use std::io::ErrorKind;

use reqwest::StatusCode;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::support::Provider;

async fn send_away(provider: &Provider, ms: u64) {
    let answer = provider
        .http
        .post(provider.url("/practice/away"))
        .json(&json!({ "ms": ms }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn while_it_is_away_the_operating_system_refuses_connections() {
    let provider = Provider::start().await;
    send_away(&provider, 600_000).await;
    for _ in 0..3 {
        let error = TcpStream::connect(provider.address).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    }
    assert!(
        provider
            .token_request(&[])
            .send()
            .await
            .unwrap_err()
            .is_connect()
    );
}

#[tokio::test]
async fn going_away_cuts_the_connections_that_are_open() {
    let provider = Provider::start().await;
    let mut idle = TcpStream::connect(provider.address).await.unwrap();
    send_away(&provider, 600_000).await;
    let mut byte = [0];
    assert!(matches!(idle.read(&mut byte).await, Ok(0) | Err(_)));
}

#[tokio::test]
async fn it_comes_back_at_the_same_address_with_its_sessions() {
    let provider = Provider::start().await;
    let first = provider.jwt_sign_in(&[]).await;
    send_away(&provider, 50).await;
    while TcpStream::connect(provider.address).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(provider.verdict(&first.access_token()).await, "200");
    assert_eq!(
        provider.refresh(&first.refresh_token()).await.status,
        StatusCode::OK
    );
}
