use serde_json::{Value, json};

use crate::support::{Answer, Provider, refused};

#[tokio::test]
async fn revoking_either_token_ends_the_whole_session() {
    let provider = Provider::start().await;
    for which in ["access_token", "refresh_token"] {
        let first = provider.jwt_sign_in(&[]).await;
        let second = provider.refresh(&first.refresh_token()).await;
        assert_eq!(provider.revoke(&second.field(which)).await, 200);
        assert_eq!(provider.verdict(&second.access_token()).await, "OAU-213");
        for refresh_token in [first.refresh_token(), second.refresh_token()] {
            let refusal = provider.refresh(&refresh_token).await.refusal();
            assert_eq!(refusal, refused(400, "invalid_grant", "OAU-213"));
        }
    }
}

#[tokio::test]
async fn other_sessions_go_on() {
    let provider = Provider::start().await;
    let (one, other) = (
        provider.jwt_sign_in(&[]).await,
        provider.jwt_sign_in(&[]).await,
    );
    provider.revoke(&one.access_token()).await;
    assert_eq!(provider.verdict(&other.access_token()).await, "200");
}

#[tokio::test]
async fn revoking_what_is_no_token_is_as_good_as_done() {
    let provider = Provider::start().await;
    assert_eq!(provider.revoke("made-up").await, 200);
}

#[tokio::test]
async fn another_clients_token_is_left_alone() {
    let provider = Provider::start().await;
    let token = provider.jwt_sign_in(&[]).await.access_token();
    let form = [
        ("token", token.as_str()),
        ("client_id", provider.var("TOKENKEEP_PUBLIC_CLIENT_ID")),
    ];
    let answer = provider
        .http
        .post(provider.url("/restapi/oauth/revoke"))
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(provider.verdict(&token).await, "200");
}

#[tokio::test]
async fn the_client_has_to_prove_itself_to_revoke() {
    let provider = Provider::start().await;
    let token = provider.jwt_sign_in(&[]).await.access_token();
    let request = provider
        .http
        .post(provider.url("/restapi/oauth/revoke"))
        .form(&[("token", &token)]);
    let answer = Answer::of(request.send().await.unwrap()).await;
    assert_eq!(answer.refusal(), refused(401, "invalid_client", "OAU-123"));
    assert_eq!(provider.verdict(&token).await, "200");
}

#[tokio::test]
async fn a_test_can_end_all_sessions_of_a_user() {
    let provider = Provider::start().await;
    let (one, other) = (
        provider.jwt_sign_in(&[]).await,
        provider.jwt_sign_in(&[]).await,
    );
    let request = provider
        .http
        .post(provider.url("/practice/end-session"))
        .json(&json!({ "user": 0 }));
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, json!({ "ended": 2 }));
    for session in [one, other] {
        assert_eq!(provider.verdict(&session.access_token()).await, "OAU-213");
        let refusal = provider.refresh(&session.refresh_token()).await.refusal();
        assert_eq!(refusal, refused(400, "invalid_grant", "OAU-213"));
    }
}
