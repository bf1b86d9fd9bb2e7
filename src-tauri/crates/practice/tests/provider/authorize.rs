use reqwest::StatusCode;
use url::Url;

use crate::support::{CHALLENGE, Provider, VERIFIER, hidden, parameter, refused};

/// The parameters of a request in order, without `client_id`.
const fn in_order(redirect_uri: &str) -> [(&str, &str); 5] {
    [
        ("response_type", "code"),
        ("redirect_uri", redirect_uri),
        ("state", "a b&c=ü"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

fn public_url(provider: &Provider, parameters: &[(&str, &str)]) -> Url {
    provider.authorization_url(provider.var("TOKENKEEP_PUBLIC_CLIENT_ID"), parameters)
}

#[tokio::test]
async fn a_person_signs_in_and_allows_and_the_code_buys_tokens() {
    let provider = Provider::start().await;
    let url = public_url(&provider, &in_order(provider.var("RC_REDIRECT_URL")));
    let back = provider.go_through(url, "practice", "allow").await;
    assert!(back.as_str().starts_with("http://localhost:8643/callback?"));
    assert_eq!(parameter(&back, "state").as_deref(), Some("a b&c=ü"));
    assert_eq!(parameter(&back, "expires_in").as_deref(), Some("60"));
    assert_eq!(parameter(&back, "error"), None);
    let code = parameter(&back, "code").unwrap();
    let answer = provider.public_token(&provider.exchange(&code)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(provider.verdict(&answer.access_token()).await, "200");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &answer.refresh_token()),
    ];
    assert_eq!(provider.public_token(&form).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_confidential_client_may_leave_pkce_out() {
    let provider = Provider::start().await;
    let redirect_uri = provider.var("RC_REDIRECT_URL");
    let parameters = [("response_type", "code"), ("redirect_uri", redirect_uri)];
    let url = provider.authorization_url(provider.var("RC_APP_CLIENT_ID"), &parameters);
    let back = provider.go_through(url, "practice", "allow").await;
    assert_eq!(parameter(&back, "state"), None);
    let code = parameter(&back, "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", redirect_uri),
    ];
    assert_eq!(provider.token(&form).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_method_left_out_means_plain() {
    let provider = Provider::start().await;
    let redirect_uri = provider.var("RC_REDIRECT_URL");
    for method in [&[][..], &[("code_challenge_method", "plain")]] {
        let mut parameters = vec![
            ("response_type", "code"),
            ("redirect_uri", redirect_uri),
            ("code_challenge", VERIFIER),
        ];
        parameters.extend(method);
        let back = provider
            .go_through(public_url(&provider, &parameters), "practice", "allow")
            .await;
        let code = parameter(&back, "code").unwrap();
        assert_eq!(
            provider
                .public_token(&provider.exchange(&code))
                .await
                .status,
            StatusCode::OK
        );
    }
}

#[tokio::test]
async fn a_code_is_for_one_use() {
    let provider = Provider::start().await;
    let code = provider.code().await;
    assert_eq!(
        provider
            .public_token(&provider.exchange(&code))
            .await
            .status,
        StatusCode::OK
    );
    let again = provider.public_token(&provider.exchange(&code)).await;
    assert_eq!(again.refusal(), refused(400, "invalid_grant", "OAU-106"));
}

#[tokio::test]
async fn a_code_is_good_for_sixty_seconds() {
    let provider = Provider::start().await;
    let code = provider.code().await;
    provider.advance(59);
    assert_eq!(
        provider
            .public_token(&provider.exchange(&code))
            .await
            .status,
        StatusCode::OK
    );
    let code = provider.code().await;
    provider.advance(60);
    let late = provider.public_token(&provider.exchange(&code)).await;
    assert_eq!(late.refusal(), refused(400, "invalid_grant", "OAU-108"));
}

#[tokio::test]
async fn a_code_needs_its_redirect_uri_its_verifier_and_its_client() {
    let provider = Provider::start().await;
    let code = provider.code().await;
    let mut form = provider.exchange(&code);
    form[2].1 = "http://127.0.0.1:8643/callback";
    let answer = provider.public_token(&form).await;
    assert_eq!(answer.refusal(), refused(400, "invalid_grant", "OAU-109"));
    let code = provider.code().await;
    let mut form = provider.exchange(&code);
    form[3].1 = CHALLENGE;
    let answer = provider.public_token(&form).await;
    assert_eq!(answer.refusal(), refused(400, "invalid_grant", "OAU-106"));
    let code = provider.code().await;
    let answer = provider.token(&provider.exchange(&code)).await;
    assert_eq!(answer.refusal(), refused(400, "invalid_grant", "OAU-106"));
}

#[tokio::test]
async fn every_registered_redirect_uri_is_taken_and_nothing_near_it() {
    let provider = Provider::start().await;
    let status = async |uri: &str| {
        let response = provider
            .http
            .get(public_url(&provider, &in_order(uri)))
            .send()
            .await
            .unwrap();
        assert!(!response.headers().contains_key("location"), "{uri}");
        response.status()
    };
    let registered = [
        "http://localhost:8643/callback",
        "http://127.0.0.1:8643/callback",
        "https://practice.example/callback",
    ];
    for uri in registered {
        assert_eq!(status(uri).await, StatusCode::OK, "{uri}");
    }
    for uri in [
        "http://localhost:8643/callback/",
        "http://localhost:8643/callback?a=b",
        "http://localhost:8644/callback",
        "http://LOCALHOST:8643/callback",
        "https://localhost:8643/callback",
        "http://localhost:8643/Callback",
        "",
    ] {
        assert_eq!(status(uri).await, StatusCode::BAD_REQUEST, "{uri}");
    }
}

#[tokio::test]
async fn a_client_that_is_not_registered_is_told_on_a_page() {
    let provider = Provider::start().await;
    let url = provider.authorization_url("somebody", &in_order(provider.var("RC_REDIRECT_URL")));
    let answer = provider.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(answer.text().await.unwrap().contains("client_id"));
}

#[tokio::test]
async fn other_faults_of_the_request_go_back_to_the_app_with_its_state() {
    let provider = Provider::start().await;
    let usual = in_order(provider.var("RC_REDIRECT_URL"));
    let with = |index: usize, value| {
        let mut parameters = usual;
        parameters[index].1 = value;
        parameters
    };
    let cases = [
        (with(0, "token"), "unsupported_response_type"),
        (with(3, ""), "invalid_request"),
        (with(3, "short"), "invalid_request"),
        (with(4, "S512"), "invalid_request"),
    ];
    for (parameters, error) in cases {
        let answer = provider
            .http
            .get(public_url(&provider, &parameters))
            .send()
            .await
            .unwrap();
        let back = Url::parse(&crate::support::location(&answer)).unwrap();
        assert_eq!(parameter(&back, "error").as_deref(), Some(error));
        assert_eq!(parameter(&back, "state").as_deref(), Some("a b&c=ü"));
        assert_eq!(parameter(&back, "code"), None);
    }
}

#[tokio::test]
async fn denying_goes_back_with_access_denied() {
    let provider = Provider::start().await;
    let url = public_url(&provider, &in_order(provider.var("RC_REDIRECT_URL")));
    let back = provider.go_through(url, "practice", "deny").await;
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&back, "state").as_deref(), Some("a b&c=ü"));
    assert_eq!(parameter(&back, "code"), None);
}

#[tokio::test]
async fn a_wrong_name_or_password_gets_no_further() {
    let provider = Provider::start().await;
    let url = public_url(&provider, &in_order(provider.var("RC_REDIRECT_URL")));
    let page = provider
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let request = hidden(&page, "request");
    for (name, password) in [("practice", "wrong"), ("practice2", "practice"), ("", "")] {
        let form = [
            ("request", request.as_str()),
            ("name", name),
            ("password", password),
        ];
        let answer = provider
            .http
            .post(provider.url("/practice/sign-in"))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().await.unwrap().contains("role=\"alert\""));
        let form = [("request", request.as_str()), ("decision", "allow")];
        let answer = provider
            .http
            .post(provider.url("/practice/consent"))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_consent_is_given_once() {
    let provider = Provider::start().await;
    let url = public_url(&provider, &in_order(provider.var("RC_REDIRECT_URL")));
    let page = provider
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let request = hidden(&page, "request");
    let sign_in = [
        ("request", request.as_str()),
        ("name", "practice"),
        ("password", "practice"),
    ];
    provider
        .http
        .post(provider.url("/practice/sign-in"))
        .form(&sign_in)
        .send()
        .await
        .unwrap();
    let allow = [("request", request.as_str()), ("decision", "allow")];
    let mut statuses = Vec::new();
    for _ in 0..2 {
        let answer = provider
            .http
            .post(provider.url("/practice/consent"))
            .form(&allow)
            .send()
            .await
            .unwrap();
        statuses.push(answer.status());
    }
    assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::BAD_REQUEST]);
}
