//! What is sent to a provider.

use crate::support::{
    Received, Server, confidential, provider_at, provider_with, public, redirect,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokenkeep_keeper::http::HttpClient;
use tokenkeep_oauth::{
    AccessToken, Assertion, AuthorizationCode, AuthorizationRequest, Client, ClientAuthentication,
    Problem, ProblemKind, Provider, RefreshToken, Reply, Revocable, RevocationRequest,
    TokenRequest,
};

const TOKENS: &str = r#"{"access_token":"new","token_type":"bearer","expires_in":3600}"#;

fn is_form(request: &Received) -> bool {
    request.headers["content-type"] == "application/x-www-form-urlencoded"
        && request.headers["accept"] == "application/json"
}

/// Id and secret out of an `Authorization: Basic` header, as RFC 6749 section 2.3.1 packs them.
fn basic(request: &Received) -> (String, String) {
    let encoded = request.headers["authorization"]
        .strip_prefix("Basic ")
        .unwrap();
    let text = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
    let (id, secret) = text.split_once(':').unwrap();
    let decoded = |text: &str| {
        url::form_urlencoded::parse(format!("x={text}").as_bytes())
            .next()
            .unwrap()
            .1
            .into_owned()
    };
    (decoded(id), decoded(secret))
}

/// A client that is registered at a provider, and what they speak through.
struct Registration {
    http: HttpClient,
    provider: Provider,
    client: Client,
}

impl Registration {
    fn new(provider: Provider, client: Client) -> Self {
        Self {
            http: HttpClient::new().unwrap(),
            provider,
            client,
        }
    }

    fn authorization(&self) -> AuthorizationRequest {
        AuthorizationRequest::new(&self.provider, &self.client).unwrap()
    }

    async fn exchange(&self, code: &AuthorizationCode, request: &AuthorizationRequest) -> Reply {
        let request = TokenRequest::exchange(&self.provider, &self.client, code, request);
        self.http.request_tokens(request).await
    }

    async fn refresh(&self, token: &RefreshToken) -> Reply {
        let request = TokenRequest::refresh(&self.provider, &self.client, token);
        self.http.request_tokens(request).await
    }

    async fn present(&self, assertion: &Assertion) -> Reply {
        let request = TokenRequest::present(&self.provider, &self.client, assertion);
        self.http.request_tokens(request).await
    }

    async fn revoke(&self, token: &Revocable) -> Result<(), Problem> {
        let request = RevocationRequest::new(&self.provider, &self.client, token);
        self.http.revoke(request).await
    }
}

#[tokio::test]
async fn a_refresh_names_a_public_client_in_the_body() {
    let mut server = Server::json(200, TOKENS).await;
    let registration = Registration::new(provider_at(&server.url), public());
    let reply = registration.refresh(&RefreshToken::new("r t+/=")).await;
    assert!(
        matches!(reply, Reply::Tokens(tokens) if tokens.access_token == AccessToken::new("new"))
    );

    let request = server.received().await;
    assert_eq!(request.line, "POST /restapi/oauth/token HTTP/1.1");
    assert!(is_form(&request) && !request.headers.contains_key("authorization"));
    assert!(request.headers["user-agent"].starts_with("tokenkeep/"));
    let form = request.form();
    assert_eq!(form["grant_type"], "refresh_token");
    assert_eq!(form["refresh_token"], "r t+/=");
    assert_eq!(form["client_id"], "public id");
    assert!(!form.contains_key("client_secret"));
}

#[tokio::test]
async fn basic_credentials_are_form_encoded_before_they_are_packed() {
    let mut server = Server::json(200, TOKENS).await;
    let registration = Registration::new(provider_at(&server.url), confidential());
    let expected = ("id:with+odd chars".to_owned(), "s/e=c r&t%".to_owned());

    registration.refresh(&RefreshToken::new("r")).await;
    let refresh = server.received().await;
    registration.present(&Assertion::new("a.b.c")).await;
    let present = server.received().await;
    registration
        .revoke(&Revocable::Refresh(RefreshToken::new("r")))
        .await
        .unwrap();
    let revoke = server.received().await;
    for request in [refresh, present, revoke] {
        assert_eq!(basic(&request), expected);
        assert!(!request.body.contains("client"), "{}", request.body);
    }
}

#[tokio::test]
async fn credentials_go_into_the_body_where_the_provider_wants_them_there() {
    let mut server = Server::json(200, TOKENS).await;
    let provider = provider_with(&server.url, ClientAuthentication::Body);
    let registration = Registration::new(provider, confidential());
    registration.refresh(&RefreshToken::new("r")).await;
    let refresh = server.received().await;
    registration.present(&Assertion::new("a.b.c")).await;
    let present = server.received().await;
    for request in [refresh, present] {
        assert!(!request.headers.contains_key("authorization"));
        assert_eq!(request.form()["client_id"], "id:with+odd chars");
        assert_eq!(request.form()["client_secret"], "s/e=c r&t%");
    }
}

#[tokio::test]
async fn a_code_is_exchanged_with_its_verifier_and_redirect_uri() {
    let mut server = Server::json(200, TOKENS).await;
    let registration = Registration::new(provider_at(&server.url), public());
    let request = registration.authorization();
    let code = request.read_redirect(&redirect(&request, "c+d e")).unwrap();
    let reply = registration.exchange(&code, &request).await;
    assert!(matches!(reply, Reply::Tokens(_)), "{reply:?}");

    let form = server.received().await.form();
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["code"], "c+d e");
    assert_eq!(form["redirect_uri"], "http://localhost:5000/oauth2callback");
    assert_eq!(form["code_verifier"], request.verifier().expose());
    assert_eq!(form["client_id"], "public id");
}

#[tokio::test]
async fn an_assertion_is_presented_as_jwt_bearer() {
    let mut server = Server::json(200, TOKENS).await;
    let registration = Registration::new(provider_at(&server.url), confidential());
    let assertion = Assertion::new("head.pay_load-.sig\n");
    let reply = registration.present(&assertion).await;
    assert!(matches!(reply, Reply::Tokens(_)), "{reply:?}");

    let request = server.received().await;
    assert_eq!(request.line, "POST /restapi/oauth/token HTTP/1.1");
    assert!(is_form(&request));
    assert_eq!(
        request.form()["grant_type"],
        "urn:ietf:params:oauth:grant-type:jwt-bearer"
    );
    assert_eq!(request.form()["assertion"], "head.pay_load-.sig");
}

#[tokio::test]
async fn a_token_is_revoked_with_a_hint_of_its_kind() {
    let mut server = Server::json(200, "").await;
    let registration = Registration::new(provider_at(&server.url), public());
    registration
        .revoke(&Revocable::Access(AccessToken::new("a t")))
        .await
        .unwrap();
    let request = server.received().await;
    assert_eq!(request.line, "POST /restapi/oauth/revoke HTTP/1.1");
    assert_eq!(request.form()["token"], "a t");
    assert_eq!(request.form()["token_type_hint"], "access_token");
    assert_eq!(request.form()["client_id"], "public id");
    registration
        .revoke(&Revocable::Refresh(RefreshToken::new("r")))
        .await
        .unwrap();
    assert_eq!(
        server.received().await.form()["token_type_hint"],
        "refresh_token"
    );
}

#[tokio::test]
async fn a_revocation_that_is_not_confirmed_is_told() {
    let revoke = async |provider: Provider| {
        let registration = Registration::new(provider, public());
        let token = Revocable::Access(AccessToken::new("secret"));
        registration.revoke(&token).await.unwrap_err()
    };
    let server = Server::json(503, "{}").await;
    assert_eq!(
        revoke(provider_at(&server.url)).await.kind,
        ProblemKind::Unavailable
    );
    let server = Server::json(200, "<html>sign in here</html>").await;
    assert_eq!(
        revoke(provider_at(&server.url)).await.kind,
        ProblemKind::NotJson
    );
    let nowhere = Provider {
        revocation_endpoint: None,
        ..provider_at(&server.url)
    };
    assert_eq!(revoke(nowhere).await.kind, ProblemKind::NoSuchEndpoint);
}

#[tokio::test]
async fn requests_can_be_sent_from_any_thread() {
    let server = Server::json(200, TOKENS).await;
    let registration = Registration::new(provider_at(&server.url), public());
    let task = tokio::spawn(async move {
        let request = registration.authorization();
        let code = request.read_redirect(&redirect(&request, "c")).unwrap();
        let (token, assertion) = (RefreshToken::new("r"), Assertion::new("a.b.c"));
        let replies = [
            registration.exchange(&code, &request).await,
            registration.refresh(&token).await,
            registration.present(&assertion).await,
        ];
        let session = Revocable::Refresh(token);
        registration.revoke(&session).await.unwrap();
        replies
    });
    for reply in task.await.unwrap() {
        assert!(matches!(reply, Reply::Tokens(_)), "{reply:?}");
    }
}
