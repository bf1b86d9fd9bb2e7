use serde_json::json;

use crate::support::{Provider, VERIFIER};

/// Sends everything that is secret through every endpoint, in the right places and in wrong ones.
#[tokio::test]
async fn no_secret_reaches_the_log() {
    let provider = Provider::start().await;
    let planted = "planted-secret-8642";
    let code = provider.code().await;
    let first = provider.public_token(&provider.exchange(&code)).await;
    let signed_in = provider.jwt_sign_in(&[("endpoint_id", planted)]).await;
    let refreshed = provider.refresh(&signed_in.refresh_token()).await;
    provider.refresh(&signed_in.refresh_token()).await;
    provider.verdict(&refreshed.access_token()).await;
    provider.verdict(planted).await;
    provider.refresh(planted).await;
    provider.token(&[("grant_type", planted)]).await;
    provider.revoke(planted).await;
    provider
        .order_fault(
            json!({ "times": 1, "action": { "answer": { "status": 500, "body": planted } } }),
        )
        .await;
    provider.jwt_sign_in(&[]).await;
    for path in [
        format!("/{planted}"),
        format!("/?access_token={planted}"),
        format!("/restapi/{planted}"),
    ] {
        provider
            .http
            .get(provider.url(&path))
            .bearer_auth(planted)
            .send()
            .await
            .unwrap();
    }
    let method = reqwest::Method::from_bytes(b"PLANTED").unwrap();
    provider
        .http
        .request(method, provider.url("/"))
        .send()
        .await
        .unwrap();

    let log = provider.log().join("\n");
    let secrets = [
        planted.to_owned(),
        "PLANTED".to_owned(),
        code,
        VERIFIER.to_owned(),
        provider.var("RC_USER_JWT").to_owned(),
        provider.var("RC_APP_CLIENT_SECRET").to_owned(),
        first.access_token(),
        first.refresh_token(),
        signed_in.access_token(),
        signed_in.refresh_token(),
        refreshed.access_token(),
        refreshed.refresh_token(),
    ];
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} in\n{log}");
    }
    assert!(
        log.contains("POST /restapi/oauth/token 200 refresh_token replayed for practice in "),
        "{log}"
    );
    assert!(
        log.contains("GET /restapi/v1.0/account/~/extension/~ 401 OAU-213 in "),
        "{log}"
    );
    assert!(log.contains("GET (unknown path) 404 in "), "{log}");
    assert!(log.contains("(other method) / 405 in "), "{log}");
}

#[tokio::test]
async fn every_request_gets_a_line() {
    let provider = Provider::start().await;
    let before = provider.log().len();
    provider.jwt_sign_in(&[]).await;
    provider
        .order_fault(json!({ "times": 1, "action": "drop_response" }))
        .await;
    provider.token_request(&[]).send().await.unwrap_err();
    let log = provider.log();
    assert_eq!(log.len() - before, 3, "{log:?}");
    assert!(
        log[before + 2].starts_with("POST /restapi/oauth/token (no answer) "),
        "{log:?}"
    );
}
