use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::presets::preset;
use crate::problem::ProblemKind;

const REDIRECT_URI: &str = "http://localhost:5000/oauth2callback";

fn client(redirect_uri: &str) -> Client {
    Client {
        id: "an id".to_owned(),
        secret: None,
        redirect_uri: Url::parse(redirect_uri).ok(),
    }
}

fn request() -> AuthorizationRequest {
    AuthorizationRequest::new(&preset("ringcentral", None).unwrap(), &client(REDIRECT_URI)).unwrap()
}

fn query(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// The redirect URI with the request's own state and these parameters.
fn answer(request: &AuthorizationRequest, parameters: &str) -> Url {
    let state = request.expected.state.expose_secret();
    Url::parse(&format!("{REDIRECT_URI}?state={state}&{parameters}")).unwrap()
}

#[test]
fn the_page_is_asked_for_a_code_with_state_and_an_s256_challenge() {
    let request = request();
    assert!(
        request
            .url
            .as_str()
            .starts_with("https://platform.ringcentral.com/restapi/oauth/authorize?")
    );
    let query = query(&request.url);
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["client_id"], "an id");
    assert_eq!(query["redirect_uri"], REDIRECT_URI);
    assert_eq!(query["state"], request.expected.state.expose_secret());
    assert_eq!(query["code_challenge_method"], "S256");
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(request.verifier().expose()));
    assert_eq!(query["code_challenge"], challenge);
}

#[test]
fn no_two_sign_ins_share_state_or_verifier() {
    let (one, other) = (request(), request());
    assert_ne!(
        one.expected.state.expose_secret(),
        other.expected.state.expose_secret()
    );
    assert_ne!(one.verifier(), other.verifier());
    assert!(one.expected.state.expose_secret().len() >= 43 && one.verifier().expose().len() >= 43);
}

#[test]
fn the_code_comes_out_of_the_redirect() {
    let request = request();
    let code = request.read_redirect(&answer(&request, "code=U0pDMTE%2BPQ&expires_in=60"));
    assert_eq!(code, Ok(AuthorizationCode::new("U0pDMTE+PQ")));
}

#[test]
fn nothing_but_the_redirect_uri_is_read() {
    let request = request();
    let state = request.expected.state.expose_secret();
    for beginning in [
        "https://localhost:5000/oauth2callback",
        "http://localhost:5001/oauth2callback",
        "http://localhost/oauth2callback",
        "http://127.0.0.1:5000/oauth2callback",
        "http://localhost.example.com:5000/oauth2callback",
        "http://localhost:5000/oauth2callback/",
        "http://localhost:5000/",
    ] {
        let url = Url::parse(&format!("{beginning}?code=c&state={state}")).unwrap();
        assert!(!request.is_redirect(&url), "{beginning}");
        let error = request.read_redirect(&url).unwrap_err();
        assert_eq!(
            error,
            RedirectError::NotTheRedirect {
                expected: REDIRECT_URI.to_owned()
            },
            "{beginning}"
        );
    }
}

#[test]
fn a_default_port_is_the_same_written_or_not() {
    let provider = preset("ringcentral", None).unwrap();
    let request = AuthorizationRequest::new(&provider, &client("https://example.com/cb")).unwrap();
    assert!(request.is_redirect(&Url::parse("https://example.com:443/cb?x=1").unwrap()));
}

#[test]
fn a_wrong_or_missing_state_ends_the_sign_in() {
    let request = request();
    for query in [
        "code=c",
        "code=c&state=",
        "code=c&state=another",
        "error=access_denied&state=another",
    ] {
        let url = Url::parse(&format!("{REDIRECT_URI}?{query}")).unwrap();
        assert_eq!(
            request.read_redirect(&url),
            Err(RedirectError::StateMismatch),
            "{query}"
        );
    }
}

#[test]
fn the_issuer_is_checked_when_it_is_named() {
    let request = request();
    let with = |iss: &str| request.read_redirect(&answer(&request, &format!("code=c&iss={iss}")));
    assert!(with("https%3A%2F%2Fplatform.ringcentral.com").is_ok());
    assert_eq!(
        with("https%3A%2F%2Fevil.example"),
        Err(RedirectError::IssuerMismatch)
    );
    assert_eq!(with(""), Err(RedirectError::IssuerMismatch));

    let mut provider = preset("ringcentral", None).unwrap();
    provider.issuer = Some("https://issuer.example/tenant".to_owned());
    let request = AuthorizationRequest::new(&provider, &client(REDIRECT_URI)).unwrap();
    let with = |iss: &str| request.read_redirect(&answer(&request, &format!("code=c&iss={iss}")));
    assert!(with("https://issuer.example/tenant").is_ok());
    assert_eq!(
        with("https://issuer.example/tenant/"),
        Err(RedirectError::IssuerMismatch)
    );
    assert_eq!(
        with("https://platform.ringcentral.com"),
        Err(RedirectError::IssuerMismatch)
    );
}

#[test]
fn a_refusal_is_told_in_words() {
    let request = request();
    let refused = |error: &str| match request.read_redirect(&answer(
        &request,
        &format!("error={error}&error_description=hunter2"),
    )) {
        Err(RedirectError::ErrorResponse(problem)) => problem,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused("access_denied").kind, ProblemKind::AccessDenied);
    assert!(refused("access_denied").message.contains("you said no"));
    assert_eq!(
        refused("unauthorized_client").kind,
        ProblemKind::UnauthorizedClient
    );
    assert_eq!(refused("S3cr3t").kind, ProblemKind::UnknownError);
    assert!(!refused("S3cr3t").message.contains("S3cr3t"));
    assert!(!refused("access_denied").message.contains("hunter2"));
}

#[test]
fn an_answer_without_a_code_is_told() {
    let request = request();
    for parameters in ["", "code="] {
        assert_eq!(
            request.read_redirect(&answer(&request, parameters)),
            Err(RedirectError::NoCode)
        );
    }
}

#[test]
fn a_parameter_that_stands_there_twice_is_refused() {
    let request = request();
    for (parameters, parameter) in [
        ("code=a&code=b", "code"),
        ("code=a&state=x", "state"),
        ("error=a&error=b", "error"),
        ("iss=a&iss=b", "iss"),
    ] {
        let error = request
            .read_redirect(&answer(&request, parameters))
            .unwrap_err();
        assert_eq!(error, RedirectError::Duplicate { parameter });
    }
}

#[test]
fn nobody_signs_in_in_the_clear_or_without_a_redirect_uri() {
    let provider = preset("ringcentral", None).unwrap();
    let new = |client: &Client| AuthorizationRequest::new(&provider, client).unwrap_err();
    assert_eq!(new(&client("")), AuthorizationError::NoRedirectUri);
    let error = new(&client("http://example.com/cb?secret=hunter2"));
    assert_eq!(
        error,
        AuthorizationError::Insecure {
            url: "http://example.com".to_owned()
        }
    );
}

#[test]
fn debug_shows_neither_state_nor_verifier() {
    let request = request();
    let printed = format!("{request:?}");
    assert!(!printed.contains(request.expected.state.expose_secret()));
    assert!(!printed.contains(request.verifier().expose()));
}
