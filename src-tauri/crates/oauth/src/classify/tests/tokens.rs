//! Success, and what only looks like it.

use super::*;

fn tokens_of(body: &str) -> TokenResponse {
    match read(200, body) {
        Reply::Tokens(tokens) => *tokens,
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn ringcentrals_whole_response_is_read() {
    let tokens = read_with(
        200,
        &[
            ("x-rate-limit-limit", "5"),
            ("x-rate-limit-remaining", "4"),
            ("x-rate-limit-window", "60"),
        ],
        r#"{"access_token":"U0pD","token_type":"bearer","expires_in":3600,"refresh_token":"U0pR",
            "refresh_token_expires_in":604800,"session_expires_in":86400,"scope":"ReadAccounts SMS",
            "owner_id":"256440016","endpoint_id":"6UxWrxNpRUCBaWJ6X1e2Fw","session_id":"4711"}"#,
    );
    let expected = TokenResponse {
        access_token: AccessToken::new("U0pD"),
        refresh_token: Some(RefreshToken::new("U0pR")),
        expires_in: Some(Duration::from_secs(3600)),
        refresh_token_expires_in: Some(Duration::from_secs(604_800)),
        session_expires_in: Some(Duration::from_secs(86_400)),
        scope: Some("ReadAccounts SMS".to_owned()),
        owner_id: Some("256440016".to_owned()),
        endpoint_id: Some("6UxWrxNpRUCBaWJ6X1e2Fw".to_owned()),
        rate_limit: Some(RateLimit {
            limit: 5,
            remaining: 4,
            window: Duration::from_secs(60),
        }),
    };
    assert_eq!(tokens, Reply::Tokens(Box::new(expected)));
}

#[test]
fn an_access_token_alone_is_enough() {
    let tokens = tokens_of(r#"{"access_token":"a"}"#);
    assert_eq!(
        (tokens.refresh_token, tokens.expires_in, tokens.rate_limit),
        (None, None, None)
    );
}

#[test]
fn an_empty_or_null_refresh_token_is_none() {
    assert_eq!(
        tokens_of(r#"{"access_token":"a","refresh_token":""}"#).refresh_token,
        None
    );
    assert_eq!(
        tokens_of(r#"{"access_token":"a","refresh_token":null,"error":null}"#).refresh_token,
        None
    );
}

#[test]
fn token_type_is_compared_without_case() {
    for kind in ["bearer", "Bearer", "BEARER"] {
        tokens_of(&format!(r#"{{"access_token":"a","token_type":"{kind}"}}"#));
    }
}

#[test]
fn a_token_of_an_unknown_type_is_not_used_and_nothing_is_concluded() {
    for kind in [r#""mac""#, r#""DPoP""#, r#""""#, "[]"] {
        let body = format!(r#"{{"access_token":"a","token_type":{kind}}}"#);
        comes_to(Verdict::Doubt(ProblemKind::UnknownTokenType), 200, &body);
    }
}

#[test]
fn success_with_an_error_is_doubt_even_where_it_says_invalid_grant() {
    let errors = [
        &error("invalid_grant", "OAU-213"),
        r#"{"access_token":"a","error":"oops"}"#,
    ];
    for body in errors {
        comes_to(Verdict::Doubt(ProblemKind::Malformed), 200, body);
    }
}

#[test]
fn an_empty_error_beside_tokens_loses_no_tokens() {
    let tokens = tokens_of(r#"{"access_token":"a","refresh_token":"r","error":""}"#);
    assert_eq!(tokens.refresh_token, Some(RefreshToken::new("r")));
}

#[test]
fn success_without_a_usable_token_is_doubt() {
    for (body, kind) in [
        ("{}", ProblemKind::Malformed),
        (r#"{"access_token":""}"#, ProblemKind::Malformed),
        (r#"{"access_token":7}"#, ProblemKind::Malformed),
        (r#"{"access_token":"a\nb"}"#, ProblemKind::Malformed),
        ("[]", ProblemKind::Malformed),
        ("null", ProblemKind::Malformed),
        ("", ProblemKind::EmptyBody),
        (" \r\n", ProblemKind::EmptyBody),
        (PAGE, ProblemKind::NotJson),
        (r#"{"access_token":"a""#, ProblemKind::NotJson),
        ("OK", ProblemKind::NotJson),
    ] {
        comes_to(Verdict::Doubt(kind), 200, body);
    }
    let not_utf8 = raw(200, &[], b"{\"access_token\":\"\xff\xfe\"}");
    assert_eq!(
        verdict(&read_for(Purpose::Refresh, &not_utf8)),
        Verdict::Doubt(ProblemKind::NotJson)
    );
}
