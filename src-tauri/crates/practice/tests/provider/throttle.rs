use tokenkeep_practice::Options;

use crate::support::{Answer, Provider, options, refused};

async fn limited() -> Provider {
    Provider::start_with(Options {
        rate_limit: 5,
        ..options()
    })
    .await
}

fn quota(answer: &Answer) -> [Option<&str>; 4] {
    ["group", "limit", "remaining", "window"]
        .map(|name| answer.header(&format!("x-rate-limit-{name}")))
}

/// A provider whose quota for the confidential client has just been used up.
async fn used_up() -> Provider {
    let provider = limited().await;
    for remaining in ["4", "3", "2", "1", "0"] {
        let answer = provider.jwt_sign_in(&[]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            quota(&answer),
            [Some("auth"), Some("5"), Some(remaining), Some("60")]
        );
        assert_eq!(answer.header("retry-after"), None);
    }
    provider
}

#[tokio::test]
async fn the_sixth_request_in_a_minute_is_throttled() {
    let provider = used_up().await;
    let answer = provider.jwt_sign_in(&[]).await;
    assert_eq!(
        answer.refusal(),
        refused(429, "temporarily_unavailable", "CMN-301")
    );
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(
        quota(&answer),
        [Some("auth"), Some("5"), Some("0"), Some("60")]
    );
}

#[tokio::test]
async fn every_request_restarts_the_penalty() {
    let provider = used_up().await;
    for _ in 0..3 {
        assert_eq!(provider.jwt_sign_in(&[]).await.status, 429);
        provider.advance(59);
    }
    assert_eq!(provider.jwt_sign_in(&[]).await.status, 429);
    provider.advance(60);
    assert_eq!(provider.jwt_sign_in(&[]).await.status, 200);
}

#[tokio::test]
async fn refusals_count_too_and_a_throttled_refresh_rotates_nothing() {
    let provider = limited().await;
    let first = provider.jwt_sign_in(&[]).await;
    for _ in 0..4 {
        assert_eq!(provider.refresh("made-up").await.status, 400);
    }
    assert_eq!(provider.refresh(&first.refresh_token()).await.status, 429);
    assert_eq!(provider.verdict(&first.access_token()).await, "200");
}

#[tokio::test]
async fn another_client_has_its_own_quota() {
    let provider = used_up().await;
    assert_eq!(provider.jwt_sign_in(&[]).await.status, 429);
    assert_eq!(
        provider
            .public_token(&[("grant_type", "refresh_token"), ("refresh_token", "x")])
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn calls_of_the_resource_and_revocations_are_not_counted() {
    let provider = limited().await;
    let token = provider.jwt_sign_in(&[]).await.access_token();
    for _ in 0..10 {
        assert_eq!(provider.verdict(&token).await, "200");
        assert_eq!(provider.revoke("made-up").await, 200);
    }
    assert_eq!(provider.jwt_sign_in(&[]).await.status, 200);
}

#[tokio::test]
async fn nought_is_no_limit() {
    let provider = Provider::start().await;
    for _ in 0..20 {
        let answer = provider.jwt_sign_in(&[]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(quota(&answer), [None; 4]);
    }
}
