use chrono::DateTime;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, StatusCode};
use url::Url;
use zeroize::Zeroizing;

use super::*;
use crate::presets::preset;
use crate::problem::ProblemKind;
use crate::secrets::ClientSecret;

const SECRET: &str = "PlantedS3cret";

fn provider() -> Provider {
    preset("ringcentral", None).unwrap()
}

fn client() -> Client {
    Client {
        id: "client".to_owned(),
        secret: Some(ClientSecret::new(SECRET)),
        redirect_uri: Url::parse("http://localhost:5000/oauth2callback").ok(),
    }
}

fn refresh_at(token_endpoint: &str) -> Result<(), ProblemKind> {
    let provider = Provider {
        token_endpoint: Url::parse(token_endpoint).unwrap(),
        ..provider()
    };
    let client = client();
    let request = TokenRequest::refresh(&provider, &client, &RefreshToken::new("r"));
    request.map(|_| ()).map_err(|problem| problem.kind)
}

#[test]
fn a_request_is_a_form_posted_to_the_token_endpoint() {
    let (provider, client) = (provider(), client());
    let request = TokenRequest::refresh(&provider, &client, &RefreshToken::new("r t")).unwrap();
    let http = request.http();
    assert_eq!(http.method(), Method::POST);
    assert_eq!(http.uri().to_string(), provider.token_endpoint.as_str());
    assert_eq!(
        http.body().as_ref(),
        b"grant_type=refresh_token&refresh_token=r+t"
    );
}

#[test]
fn debug_shows_neither_tokens_nor_credentials() {
    let client = client();
    for authentication in [ClientAuthentication::Basic, ClientAuthentication::Body] {
        let provider = Provider {
            client_authentication: authentication,
            ..provider()
        };
        let authorization = AuthorizationRequest::new(&provider, &client).unwrap();
        let code = AuthorizationCode::new(SECRET);
        for request in [
            TokenRequest::exchange(&provider, &client, &code, &authorization),
            TokenRequest::refresh(&provider, &client, &RefreshToken::new(SECRET)),
            TokenRequest::present(&provider, &client, &Assertion::new(SECRET)),
        ] {
            let request = request.unwrap();
            let printed = format!("{request:?} {:?}", request.http());
            assert!(!printed.contains(SECRET), "{printed}");
            if let Some(credentials) = request.http().headers().get(AUTHORIZATION) {
                assert!(
                    !printed.contains(credentials.to_str().unwrap()),
                    "{printed}"
                );
            }
        }
    }
}

#[test]
fn no_request_is_made_that_would_go_in_the_clear() {
    assert_eq!(
        refresh_at("http://provider.invalid/token"),
        Err(ProblemKind::InsecureEndpoint)
    );
    assert_eq!(refresh_at("http://localhost/token"), Ok(()));
}

#[test]
fn an_address_that_no_request_can_have_is_told() {
    let endless = format!("https://provider.invalid/{}", "x".repeat(100_000));
    assert_eq!(refresh_at(&endless), Err(ProblemKind::NoSuchEndpoint));
}

#[test]
fn a_reply_is_read_as_one_to_the_request_that_was_made() {
    let (provider, client) = (provider(), client());
    let refusal = || RawReply {
        status: StatusCode::BAD_REQUEST,
        headers: HeaderMap::new(),
        body: Zeroizing::new(br#"{"error":"invalid_grant"}"#.to_vec()),
        received_at: DateTime::UNIX_EPOCH,
    };
    let refresh = TokenRequest::refresh(&provider, &client, &RefreshToken::new("r")).unwrap();
    let present = TokenRequest::present(&provider, &client, &Assertion::new("a.b.c")).unwrap();
    let said = |reply: &Reply| reply.problem().unwrap().message.clone();
    assert!(said(&refresh.read(Ok(refusal()))).contains("sign-in"));
    assert!(said(&present.read(Ok(refusal()))).contains("JWT"));
}

#[test]
fn only_what_certainly_did_not_arrive_counts_as_not_sent() {
    let (provider, client) = (provider(), client());
    let request = TokenRequest::refresh(&provider, &client, &RefreshToken::new("r")).unwrap();
    for error in [
        TransportError::Dns,
        TransportError::Connect,
        TransportError::ConnectTimeout,
        TransportError::TooManyOpenFiles,
        TransportError::Tls,
    ] {
        assert!(
            matches!(request.read(Err(error)), Reply::NotSent(_)),
            "{error}"
        );
    }
    for error in [
        TransportError::Timeout,
        TransportError::ConnectionLost,
        TransportError::TooLong,
    ] {
        let reply = request.read(Err(error));
        assert!(matches!(reply, Reply::OutcomeUnknown { .. }), "{error}");
    }
}
