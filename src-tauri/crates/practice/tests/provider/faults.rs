use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use tokenkeep_practice::Options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Provider, options};

/// What comes over a bare connection in answer to a token request: bytes, or nothing and why.
async fn raw_token_request(provider: &Provider) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(provider.address).await?;
    let head = "POST /restapi/oauth/token HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.map(|_| answer)
}

fn nothing_came(answer: &std::io::Result<Vec<u8>>) -> bool {
    answer.as_ref().map_or(true, Vec::is_empty)
}

#[tokio::test]
async fn a_refused_connection_ends_without_a_byte_and_nothing_is_processed() {
    let provider = Provider::start().await;
    let first = provider.jwt_sign_in(&[]).await;
    provider
        .order_fault(json!({ "times": 2, "action": "refuse" }))
        .await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &first.refresh_token()),
    ];
    assert!(provider.token_request(&form).send().await.is_err());
    assert!(nothing_came(&raw_token_request(&provider).await));
    assert_eq!(provider.verdict(&first.access_token()).await, "200");
    assert_eq!(
        provider.refresh(&first.refresh_token()).await.status,
        StatusCode::OK
    );
    assert_eq!(provider.counts().await["token/fault/refused"], 2);
}

#[tokio::test]
async fn refusing_lasts_until_it_is_cleared_and_leaves_the_admin_path_alone() {
    let provider = Provider::start().await;
    provider.order_fault(json!({ "action": "refuse" })).await;
    for _ in 0..5 {
        assert!(nothing_came(&raw_token_request(&provider).await));
    }
    let cleared = provider
        .http
        .delete(provider.url("/practice/faults"))
        .send()
        .await
        .unwrap();
    assert_eq!(cleared.status(), StatusCode::NO_CONTENT);
    assert_eq!(provider.jwt_sign_in(&[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_dropped_response_was_processed_and_can_be_replayed() {
    let provider = Provider::start().await;
    let first = provider.jwt_sign_in(&[]).await;
    provider
        .order_fault(json!({ "times": 1, "action": "drop_response" }))
        .await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &first.refresh_token()),
    ];
    assert!(provider.token_request(&form).send().await.is_err());
    assert_eq!(provider.verdict(&first.access_token()).await, "OAU-129");
    let replay = provider.refresh(&first.refresh_token()).await;
    assert_eq!(provider.verdict(&replay.access_token()).await, "200");
    let counts = provider.counts().await;
    assert_eq!(counts["token/refresh_token/issued"], 1);
    assert_eq!(counts["token/refresh_token/replayed"], 1);
}

#[tokio::test]
async fn an_ordered_answer_comes_so_many_times() {
    let provider = Provider::start().await;
    let answer = json!({
        "status": 503, "content_type": "text/plain", "headers": { "retry-after": "7", "x-own": "yes" }, "body": "later",
    });
    provider
        .order_fault(json!({ "times": 2, "action": { "answer": answer } }))
        .await;
    for _ in 0..2 {
        let answer = provider.jwt_sign_in(&[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (503, "later")
        );
        assert_eq!(answer.header("content-type"), Some("text/plain"));
        assert_eq!(
            (answer.header("retry-after"), answer.header("x-own")),
            (Some("7"), Some("yes"))
        );
    }
    assert_eq!(provider.jwt_sign_in(&[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_html_page_comes_with_status_200() {
    let provider = Provider::start().await;
    provider
        .order_fault(json!({ "times": 1, "action": "html" }))
        .await;
    let answer = provider.jwt_sign_in(&[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(answer.text.starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn no_refresh_token_is_issued() {
    let provider = Provider::start().await;
    provider
        .order_fault(json!({ "times": 1, "action": "no_refresh_token" }))
        .await;
    let answer = provider.jwt_sign_in(&[]).await.json();
    assert!(answer["access_token"].is_string() && answer.get("refresh_token").is_none());
    assert!(provider.jwt_sign_in(&[]).await.json()["refresh_token"].is_string());
}

#[tokio::test]
async fn a_delayed_request_changes_nothing_when_the_client_gives_up() {
    let provider = Provider::start().await;
    let first = provider.jwt_sign_in(&[]).await;
    provider
        .order_fault(json!({ "times": 1, "delay_ms": 600_000 }))
        .await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &first.refresh_token()),
    ];
    let given_up = provider
        .token_request(&form)
        .timeout(Duration::from_millis(100))
        .send()
        .await;
    assert!(given_up.unwrap_err().is_timeout());
    assert_eq!(provider.verdict(&first.access_token()).await, "200");
    assert_eq!(
        provider.refresh(&first.refresh_token()).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_held_answer_has_rotated_the_tokens_when_the_client_gives_up() {
    let provider = Provider::start().await;
    let first = provider.jwt_sign_in(&[]).await;
    provider
        .order_fault(json!({ "times": 1, "hold_ms": 600_000 }))
        .await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &first.refresh_token()),
    ];
    let given_up = provider
        .token_request(&form)
        .timeout(Duration::from_millis(300))
        .send()
        .await;
    assert!(given_up.unwrap_err().is_timeout());
    assert_eq!(provider.verdict(&first.access_token()).await, "OAU-129");
}

#[tokio::test]
async fn clearing_ends_a_delay() {
    let provider = Provider::start().await;
    let fault = json!({ "times": 1, "delay_ms": 600_000, "hold_ms": 600_000 });
    provider.order_fault(fault).await;
    let (answer, ()) = tokio::join!(provider.jwt_sign_in(&[]), async {
        // The fault is used up once the request has come.
        let faults = provider.url("/practice/faults");
        let left = async || {
            provider
                .http
                .get(&faults)
                .send()
                .await
                .unwrap()
                .json::<serde_json::Value>()
                .await
                .unwrap()
        };
        while left().await != json!([]) {
            tokio::task::yield_now().await;
        }
        provider.http.delete(&faults).send().await.unwrap();
    });
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_fault_for_one_user_is_no_fault_for_another() {
    let provider = Provider::start_with(Options {
        users: 2,
        ..options()
    })
    .await;
    let first = [
        provider.jwt_sign_in_as(0, &[]).await,
        provider.jwt_sign_in_as(1, &[]).await,
    ];
    let answer = json!({ "answer": { "status": 500 } });
    for endpoint in ["token", "resource", "revoke"] {
        provider
            .order_fault(json!({ "endpoint": endpoint, "user": 1, "action": answer }))
            .await;
    }
    assert_eq!(
        provider.resource(&first[0].access_token()).await.status,
        200
    );
    assert_eq!(
        provider.resource(&first[1].access_token()).await.status,
        500
    );
    assert_eq!(
        provider.refresh(&first[0].refresh_token()).await.status,
        200
    );
    assert_eq!(
        provider.refresh(&first[1].refresh_token()).await.status,
        500
    );
    assert_eq!(provider.jwt_sign_in_as(0, &[]).await.status, 200);
    assert_eq!(provider.jwt_sign_in_as(1, &[]).await.status, 500);
    assert_eq!(provider.revoke(&first[0].access_token()).await, 200);
    assert_eq!(provider.revoke(&first[1].access_token()).await, 500);
    let code = provider.code().await;
    assert_eq!(
        provider
            .public_token(&provider.exchange(&code))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_request_that_hangs_for_one_user_holds_up_nobody_else() {
    let provider = Provider::start_with(Options {
        users: 2,
        ..options()
    })
    .await;
    provider
        .order_fault(json!({ "user": 1, "delay_ms": 600_000 }))
        .await;
    tokio::select! {
        _ = provider.jwt_sign_in_as(1, &[]) => panic!("it was to hang"),
        answer = provider.jwt_sign_in_as(0, &[]) => assert_eq!(answer.status, 200),
        () = tokio::time::sleep(Duration::from_secs(60)) => panic!("the other user is held up"),
    }
}

#[tokio::test]
async fn the_authorization_endpoint_can_fail_too() {
    let provider = Provider::start().await;
    provider
        .order_fault(json!({ "endpoint": "authorize", "times": 1, "action": "html" }))
        .await;
    let page = provider
        .http
        .get(provider.url("/restapi/oauth/authorize"))
        .send()
        .await
        .unwrap();
    assert!(
        page.text()
            .await
            .unwrap()
            .contains("Welcome to our network")
    );
}

#[tokio::test]
async fn a_fault_that_is_not_understood_is_refused_with_words() {
    let provider = Provider::start().await;
    let answer = provider
        .http
        .post(provider.url("/practice/faults"))
        .json(&json!({ "tims": 1 }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().await.unwrap().contains("tims"));
    let fault = json!({ "action": { "answer": { "status": 99 } } });
    let answer = provider
        .http
        .post(provider.url("/practice/faults"))
        .json(&fault)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        answer.text().await.unwrap(),
        "status must be from 200 to 599"
    );
}
