use tokenkeep_practice::Options;

use crate::support::{CHALLENGE, Provider, options, parameter};

async fn status_page(provider: &Provider) -> String {
    provider
        .http
        .get(provider.url("/"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

#[tokio::test]
async fn the_sign_in_page_shows_name_and_password_and_takes_the_focus() {
    let provider = Provider::start().await;
    let url = provider.authorization_url(
        provider.var("TOKENKEEP_PUBLIC_CLIENT_ID"),
        &[
            ("response_type", "code"),
            ("redirect_uri", provider.var("RC_REDIRECT_URL")),
            ("code_challenge", CHALLENGE),
        ],
    );
    let page = provider
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        page.contains("<dt>Name</dt><dd><code>practice</code></dd>"),
        "{page}"
    );
    assert!(
        page.contains("<dt>Password</dt><dd><code>practice</code></dd>"),
        "{page}"
    );
    let name = page
        .split("<input id=\"name\"")
        .nth(1)
        .unwrap()
        .split('>')
        .next()
        .unwrap();
    assert!(name.contains(" autofocus"), "{name}");
}

#[tokio::test]
async fn what_is_typed_comes_back_as_text() {
    let provider = Provider::start().await;
    let url = provider.authorization_url(
        provider.var("RC_APP_CLIENT_ID"),
        &[
            ("response_type", "code"),
            ("redirect_uri", provider.var("RC_REDIRECT_URL")),
        ],
    );
    let page = provider
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let request = crate::support::hidden(&page, "request");
    let form = [
        ("request", request.as_str()),
        ("name", "\"><script>"),
        ("password", "x"),
    ];
    let answer = provider
        .http
        .post(provider.url("/practice/sign-in"))
        .form(&form)
        .send()
        .await
        .unwrap();
    let page = answer.text().await.unwrap();
    assert!(
        page.contains("&quot;&gt;&lt;script&gt;") && !page.contains("\"><script>"),
        "{page}"
    );
}

#[tokio::test]
async fn pages_load_nothing_and_are_not_kept() {
    let provider = Provider::start().await;
    let answer = provider.http.get(provider.url("/")).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(
        policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert_eq!(answer.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn the_status_page_shows_sessions_and_the_life_left_but_never_a_token() {
    let provider = Provider::start_with(Options {
        users: 2,
        ..options()
    })
    .await;
    let first = provider.jwt_sign_in_as(1, &[]).await;
    let second = provider.refresh(&first.refresh_token()).await;
    provider.advance(600);
    let page = status_page(&provider).await;
    for text in [
        "1 session<",
        "practice2",
        "Practice App",
        "renewed once",
        "50 min 0 s left",
        "6 d 23 h left",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    for answer in [&first, &second] {
        assert!(!page.contains(&answer.access_token()) && !page.contains(&answer.refresh_token()));
    }
}

#[tokio::test]
async fn the_status_page_ends_a_session() {
    let provider = Provider::start().await;
    let kept = provider.jwt_sign_in(&[]).await;
    let ended = provider.jwt_sign_in(&[]).await;
    let page = status_page(&provider).await;
    // The newest comes first.
    let session = page
        .split("name=\"session\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let form = [("session", session)];
    let answer = provider
        .http
        .post(provider.url("/practice/end"))
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(crate::support::location(&answer), "/");
    assert_eq!(provider.verdict(&ended.access_token()).await, "OAU-213");
    assert_eq!(provider.verdict(&kept.access_token()).await, "200");
    assert!(status_page(&provider).await.contains("1 session<"));
}

#[tokio::test]
async fn a_session_that_is_over_is_not_shown() {
    let provider = Provider::start_with(Options {
        refresh_token_ttl: 0,
        ..options()
    })
    .await;
    provider.jwt_sign_in(&[]).await;
    assert!(status_page(&provider).await.contains("1 session<"));
    provider.advance(3600);
    assert!(status_page(&provider).await.contains("0 sessions<"));
}

#[tokio::test]
async fn the_status_page_names_what_is_registered() {
    let provider = Provider::start().await;
    let page = status_page(&provider).await;
    let names = [
        "RC_APP_CLIENT_ID",
        "RC_APP_CLIENT_SECRET",
        "TOKENKEEP_PUBLIC_CLIENT_ID",
        "RC_REDIRECT_URL",
    ];
    for name in names {
        assert!(page.contains(provider.var(name)), "{name}");
    }
}

#[tokio::test]
async fn someone_else_can_sign_in_from_the_consent_page() {
    let provider = Provider::start_with(Options {
        users: 2,
        ..options()
    })
    .await;
    let url = provider.authorization_url(
        provider.var("RC_APP_CLIENT_ID"),
        &[
            ("response_type", "code"),
            ("redirect_uri", provider.var("RC_REDIRECT_URL")),
        ],
    );
    let page = provider
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let request = crate::support::hidden(&page, "request");
    let sign_in = async |name: &str| {
        let form = [
            ("request", request.as_str()),
            ("name", name),
            ("password", "practice"),
        ];
        provider
            .http
            .post(provider.url("/practice/sign-in"))
            .form(&form)
            .send()
            .await
            .unwrap();
    };
    sign_in("practice").await;
    let again = provider
        .http
        .get(provider.url(&format!("/practice/sign-in?request={request}")))
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 200);
    sign_in("practice2").await;
    let allow = [("request", request.as_str()), ("decision", "allow")];
    let answer = provider
        .http
        .post(provider.url("/practice/consent"))
        .form(&allow)
        .send()
        .await
        .unwrap();
    let code = parameter(
        &url::Url::parse(&crate::support::location(&answer)).unwrap(),
        "code",
    )
    .unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", provider.var("RC_REDIRECT_URL")),
    ];
    assert_eq!(provider.token(&form).await.field("owner_id"), "62264425001");
}
