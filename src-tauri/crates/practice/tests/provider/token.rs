use reqwest::StatusCode;
use serde_json::json;
use tokenkeep_practice::{DrivenClock, Options};

use crate::support::{Answer, JWT_BEARER, Provider, options, refused};

#[tokio::test]
async fn a_jwt_sign_in_answers_with_the_whole_response() {
    let provider = Provider::start().await;
    let answer = provider.jwt_sign_in(&[("endpoint_id", "my-laptop")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("content-type"),
        Some("application/json;charset=utf-8")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let expected = json!({
        "access_token": answer.access_token(),
        "token_type": "bearer",
        "expires_in": 3600,
        "refresh_token": answer.refresh_token(),
        "refresh_token_expires_in": 604_800,
        "scope": answer.field("scope"),
        "owner_id": "62264425000",
        "endpoint_id": "my-laptop",
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn an_endpoint_id_is_made_up_where_none_is_sent_and_stays_the_same_for_the_session() {
    let provider = Provider::start().await;
    let signed_in = provider.jwt_sign_in(&[]).await;
    assert!(!signed_in.field("endpoint_id").is_empty());
    let refreshed = provider.refresh(&signed_in.refresh_token()).await;
    assert_eq!(
        refreshed.field("endpoint_id"),
        signed_in.field("endpoint_id")
    );
    assert_ne!(
        provider.jwt_sign_in(&[]).await.field("endpoint_id"),
        signed_in.field("endpoint_id")
    );
}

#[tokio::test]
async fn a_requested_life_is_clamped_and_a_short_option_wins() {
    let provider = Provider::start().await;
    for (asked, issued) in [("1", 600), ("1200", 1200), ("86400", 3600)] {
        assert_eq!(
            provider
                .jwt_sign_in(&[("access_token_ttl", asked)])
                .await
                .json()["expires_in"],
            issued
        );
    }
    let short = Provider::start_with(Options {
        access_token_ttl: 1,
        ..options()
    })
    .await;
    assert_eq!(short.jwt_sign_in(&[]).await.json()["expires_in"], 1);
    assert_eq!(
        short
            .jwt_sign_in(&[("access_token_ttl", "3600")])
            .await
            .json()["expires_in"],
        1
    );
}

#[tokio::test]
async fn a_refresh_token_ttl_of_nought_asks_for_no_refresh_token() {
    let provider = Provider::start().await;
    let answer = provider
        .jwt_sign_in(&[("refresh_token_ttl", "0")])
        .await
        .json();
    assert!(answer["access_token"].is_string());
    assert!(
        answer.get("refresh_token").is_none() && answer.get("refresh_token_expires_in").is_none(),
        "{answer}"
    );
    assert_eq!(
        provider
            .jwt_sign_in(&[("refresh_token_ttl", "600")])
            .await
            .json()["refresh_token_expires_in"],
        600
    );
    let none = Provider::start_with(Options {
        refresh_token_ttl: 0,
        ..options()
    })
    .await;
    assert!(
        none.jwt_sign_in(&[])
            .await
            .json()
            .get("refresh_token")
            .is_none()
    );
}

#[tokio::test]
async fn presenting_the_assertion_again_opens_another_session_and_kills_nothing() {
    let provider = Provider::start().await;
    let first = provider.jwt_sign_in(&[]).await;
    let second = provider.jwt_sign_in(&[]).await;
    assert_eq!(provider.verdict(&first.access_token()).await, "200");
    assert_eq!(provider.verdict(&second.access_token()).await, "200");
}

#[tokio::test]
async fn a_sixth_session_of_a_user_and_client_ends_the_oldest() {
    let provider = Provider::start_with(Options {
        users: 2,
        ..options()
    })
    .await;
    let other = provider.jwt_sign_in_as(1, &[]).await.access_token();
    let mut tokens = Vec::new();
    for _ in 0..6 {
        tokens.push(provider.jwt_sign_in(&[]).await.access_token());
    }
    assert_eq!(provider.verdict(&tokens[0]).await, "OAU-213");
    for token in tokens[1..].iter().chain([&other]) {
        assert_eq!(provider.verdict(token).await, "200");
    }
}

#[tokio::test]
async fn a_wrong_assertion_is_an_invalid_grant() {
    let provider = Provider::start().await;
    let ours = provider.var("RC_USER_JWT").to_owned();
    let tampered = format!("{}AAAA", &ours[..ours.len() - 4]);
    let symmetric = "eyJraWQiOiIiLCJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.e30";
    for (assertion, code) in [
        (tampered.as_str(), "OAU-213"),
        ("no jwt", "OAU-149"),
        (symmetric, "OAU-347"),
    ] {
        let answer = provider
            .token(&[("grant_type", JWT_BEARER), ("assertion", assertion)])
            .await;
        assert_eq!(answer.refusal(), refused(400, "invalid_grant", code));
    }
}

#[tokio::test]
async fn an_assertion_with_an_end_is_refused_from_then_on() {
    let provider = Provider::start().await;
    let exp = DrivenClock::BEGAN + 100;
    let minted = provider
        .http
        .post(provider.url("/practice/jwt"))
        .json(&json!({ "user": 0, "exp": exp }));
    let jwt = Answer::of(minted.send().await.unwrap()).await.field("jwt");
    let form = [("grant_type", JWT_BEARER), ("assertion", jwt.as_str())];
    assert_eq!(provider.token(&form).await.status, StatusCode::OK);
    provider.advance(100);
    assert_eq!(
        provider.token(&form).await.refusal(),
        refused(400, "invalid_grant", "OAU-210")
    );
}

#[tokio::test]
async fn the_public_client_may_not_use_jwt() {
    let provider = Provider::start().await;
    let form = [
        ("grant_type", JWT_BEARER),
        ("assertion", provider.var("RC_USER_JWT")),
    ];
    assert_eq!(
        provider.public_token(&form).await.refusal(),
        refused(400, "unauthorized_client", "OAU-251")
    );
}

#[tokio::test]
async fn a_client_that_cannot_prove_itself_is_refused() {
    let provider = Provider::start().await;
    let url = provider.url("/restapi/oauth/token");
    let id = provider.var("RC_APP_CLIENT_ID");
    let public_id = provider.var("TOKENKEEP_PUBLIC_CLIENT_ID");
    let post = |form: &[(&str, &str)]| provider.http.post(&url).form(form);
    let form = [
        ("grant_type", JWT_BEARER),
        ("assertion", provider.var("RC_USER_JWT")),
    ];
    let with_id = |id| [form[0], form[1], ("client_id", id)];
    let cases = [
        (post(&form), "OAU-123"),
        (post(&with_id(id)), "OAU-123"),
        (post(&with_id("somebody")), "OAU-153"),
        (post(&form).basic_auth(id, Some("wrong")), "OAU-153"),
        (
            post(&form).basic_auth("somebody", Some(provider.var("RC_APP_CLIENT_SECRET"))),
            "OAU-153",
        ),
        (post(&form).basic_auth(public_id, Some("")), "OAU-153"),
        (post(&form).header("authorization", "Basic %%%"), "OAU-134"),
        (post(&form).bearer_auth("token"), "OAU-134"),
    ];
    for (request, code) in cases {
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.refusal(), refused(401, "invalid_client", code));
        assert!(
            answer
                .header("www-authenticate")
                .unwrap()
                .starts_with("Basic")
        );
    }
}

#[tokio::test]
async fn a_request_that_is_not_in_order_is_refused() {
    let provider = Provider::start().await;
    let jwt = provider.var("RC_USER_JWT");
    let invalid = refused(400, "invalid_request", "CMN-101");
    assert_eq!(provider.token(&[]).await.refusal(), invalid);
    assert_eq!(
        provider
            .token(&[("grant_type", JWT_BEARER)])
            .await
            .refusal(),
        invalid
    );
    assert_eq!(
        provider
            .token(&[("grant_type", "refresh_token")])
            .await
            .refusal(),
        invalid
    );
    assert_eq!(
        provider
            .token(&[("grant_type", "authorization_code")])
            .await
            .refusal(),
        invalid
    );
    assert_eq!(
        provider
            .jwt_sign_in(&[("access_token_ttl", "soon")])
            .await
            .refusal(),
        invalid
    );
    assert_eq!(
        provider.jwt_sign_in(&[("assertion", jwt)]).await.refusal(),
        invalid
    );
    let unsupported = refused(400, "unsupported_grant_type", "OAU-250");
    assert_eq!(
        provider
            .token(&[("grant_type", "password")])
            .await
            .refusal(),
        unsupported
    );
    let json = provider
        .http
        .post(provider.url("/restapi/oauth/token"))
        .json(&json!({ "grant_type": JWT_BEARER }));
    let answer = Answer::of(json.send().await.unwrap()).await;
    assert_eq!(answer.refusal(), refused(415, "invalid_request", "CMN-415"));
}
