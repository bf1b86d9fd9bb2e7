use reqwest::StatusCode;
use tokenkeep_practice::Options;

use crate::support::{Answer, Provider, options, refused};

/// Signs in, uses the access token, refreshes: the first answer and the second.
async fn refreshed(provider: &Provider) -> (Answer, Answer) {
    let first = provider.jwt_sign_in(&[]).await;
    assert_eq!(provider.verdict(&first.access_token()).await, "200");
    let second = provider.refresh(&first.refresh_token()).await;
    assert_eq!(second.status, StatusCode::OK);
    (first, second)
}

fn not_found() -> (u16, String, String) {
    refused(400, "invalid_grant", "OAU-213")
}

#[tokio::test]
async fn a_refresh_brings_new_tokens() {
    let provider = Provider::start().await;
    let (first, second) = refreshed(&provider).await;
    assert_ne!(first.access_token(), second.access_token());
    assert_ne!(first.refresh_token(), second.refresh_token());
    assert_eq!(provider.verdict(&second.access_token()).await, "200");
    assert_eq!(
        provider.refresh(&second.refresh_token()).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_previous_access_token_dies_at_once() {
    let provider = Provider::start().await;
    let (first, _) = refreshed(&provider).await;
    assert_eq!(provider.verdict(&first.access_token()).await, "OAU-129");
    provider.advance(9);
    assert_eq!(provider.verdict(&first.access_token()).await, "OAU-129");
    provider.advance(1);
    assert_eq!(provider.verdict(&first.access_token()).await, "OAU-213");
}

#[tokio::test]
async fn while_the_new_access_token_is_unused_the_replay_returns_the_first_answer_verbatim_for_sixty_minutes()
 {
    let provider = Provider::start().await;
    let (first, second) = refreshed(&provider).await;
    for seconds in [0, 5, 60, 3534] {
        provider.advance(seconds);
        let replay = provider.refresh(&first.refresh_token()).await;
        assert_eq!(
            (replay.status, replay.text),
            (StatusCode::OK, second.text.clone())
        );
    }
    provider.advance(1);
    assert_eq!(
        provider.refresh(&first.refresh_token()).await.refusal(),
        not_found()
    );
}

#[tokio::test]
async fn after_first_use_of_the_new_access_token_the_replay_is_good_for_ten_seconds() {
    let provider = Provider::start().await;
    let (first, second) = refreshed(&provider).await;
    provider.advance(100);
    assert_eq!(provider.verdict(&second.access_token()).await, "200");
    provider.advance(9);
    assert_eq!(
        provider.refresh(&first.refresh_token()).await.text,
        second.text
    );
    assert_eq!(provider.verdict(&second.access_token()).await, "200");
    provider.advance(1);
    assert_eq!(
        provider.refresh(&first.refresh_token()).await.refusal(),
        not_found()
    );
    assert_eq!(provider.verdict(&second.access_token()).await, "200");
}

#[tokio::test]
async fn the_refresh_token_before_the_previous_one_is_refused() {
    let provider = Provider::start().await;
    let (first, second) = refreshed(&provider).await;
    provider.refresh(&second.refresh_token()).await;
    assert_eq!(
        provider.refresh(&first.refresh_token()).await.refusal(),
        not_found()
    );
}

#[tokio::test]
async fn a_refresh_token_ends_with_its_life() {
    let provider = Provider::start_with(Options {
        refresh_token_ttl: 700,
        ..options()
    })
    .await;
    let first = provider.jwt_sign_in(&[]).await;
    provider.advance(699);
    let second = provider.refresh(&first.refresh_token()).await;
    assert_eq!(second.status, StatusCode::OK);
    provider.advance(1);
    assert_eq!(
        provider.refresh(&first.refresh_token()).await.refusal(),
        refused(400, "invalid_grant", "OAU-210")
    );
    provider.advance(699);
    assert_eq!(
        provider.refresh(&second.refresh_token()).await.refusal(),
        refused(400, "invalid_grant", "OAU-210")
    );
}

#[tokio::test]
async fn a_refresh_token_that_never_was_is_refused() {
    let provider = Provider::start().await;
    assert_eq!(provider.refresh("made-up").await.refusal(), not_found());
}

#[tokio::test]
async fn a_refresh_token_of_another_client_is_refused() {
    let provider = Provider::start().await;
    let first = provider.jwt_sign_in(&[]).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &first.refresh_token()),
    ];
    assert_eq!(provider.public_token(&form).await.refusal(), not_found());
    assert_eq!(
        provider.refresh(&first.refresh_token()).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_refresh_asked_for_no_refresh_token_leaves_the_current_one_in_force() {
    let provider = Provider::start().await;
    let first = provider.jwt_sign_in(&[]).await;
    let refresh_token = first.refresh_token();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
        ("refresh_token_ttl", "0"),
    ];
    let second = provider.token(&form).await.json();
    assert!(second.get("refresh_token").is_none());
    assert_eq!(
        provider.refresh(&refresh_token).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_refresh_may_ask_for_another_life() {
    let provider = Provider::start().await;
    let first = provider.jwt_sign_in(&[]).await;
    let refresh_token = first.refresh_token();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
        ("access_token_ttl", "900"),
    ];
    assert_eq!(provider.token(&form).await.json()["expires_in"], 900);
}
