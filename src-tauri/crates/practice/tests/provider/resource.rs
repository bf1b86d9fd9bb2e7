use serde_json::json;
use tokenkeep_practice::Options;

use crate::support::{Answer, Provider, options};

const RESOURCE: &str = "/restapi/v1.0/account/~/extension/~";

#[tokio::test]
async fn a_live_token_gets_its_user() {
    let provider = Provider::start_with(Options {
        users: 2,
        ..options()
    })
    .await;
    let token = provider.jwt_sign_in_as(1, &[]).await.access_token();
    let answer = provider.resource(&token).await.json();
    assert_eq!(answer["id"], 62_264_425_001_u64);
    assert_eq!(answer["name"], "Practice User 2");
    assert_eq!(answer["extensionNumber"], "102");
}

#[tokio::test]
async fn the_scheme_is_compared_without_case() {
    let provider = Provider::start().await;
    let token = provider.jwt_sign_in(&[]).await.access_token();
    let request = provider
        .http
        .get(provider.url(RESOURCE))
        .header("authorization", format!("bearer {token}"));
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_token_ends_with_its_life() {
    let provider = Provider::start_with(Options {
        access_token_ttl: 60,
        ..options()
    })
    .await;
    let token = provider.jwt_sign_in(&[]).await.access_token();
    provider.advance(59);
    assert_eq!(provider.verdict(&token).await, "200");
    provider.advance(1);
    assert_eq!(provider.verdict(&token).await, "OAU-128");
}

#[tokio::test]
async fn a_request_without_a_token_that_could_be_one_is_refused_by_code() {
    let provider = Provider::start().await;
    let get = || provider.http.get(provider.url(RESOURCE));
    let cases = [
        (get(), "AGW-401"),
        (get().basic_auth("a", Some("b")), "OAU-151"),
        (get().bearer_auth("not,a,token"), "OAU-149"),
        (get().bearer_auth("never-issued"), "OAU-213"),
        (get().bearer_auth(provider.var("RC_USER_JWT")), "OAU-149"),
    ];
    for (request, code) in cases {
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.json()["errorCode"], code);
        assert_eq!(answer.code(), code);
        assert!(
            answer
                .header("www-authenticate")
                .unwrap()
                .starts_with("Bearer")
        );
    }
}

#[tokio::test]
async fn a_refresh_token_is_no_access_token() {
    let provider = Provider::start().await;
    let token = provider.jwt_sign_in(&[]).await.refresh_token();
    assert_eq!(provider.verdict(&token).await, "OAU-213");
}

#[tokio::test]
async fn calls_are_counted_by_their_outcome() {
    let provider = Provider::start().await;
    let first = provider.jwt_sign_in(&[]).await;
    provider.verdict(&first.access_token()).await;
    provider.refresh(&first.refresh_token()).await;
    provider.refresh(&first.refresh_token()).await;
    provider.verdict(&first.access_token()).await;
    provider.refresh("made-up").await;
    let expected = json!({
        "resource/OAU-129": 1,
        "resource/ok": 1,
        "token/jwt_bearer/issued": 1,
        "token/refresh_token/invalid_grant": 1,
        "token/refresh_token/issued": 1,
        "token/refresh_token/replayed": 1,
    });
    assert_eq!(provider.counts().await, expected);
}
