use chrono::DateTime;
use http::header::{HeaderName, HeaderValue};
use url::Url;
use zeroize::Zeroizing;

use super::*;
use crate::presets::preset;
use crate::provider::{Client, Provider};
use crate::request_context::{Purpose, RequestContext};

const PAGE: &str = "<!DOCTYPE html><html><body>Sign in to this network</body></html>";

fn provider() -> Provider {
    preset("ringcentral", None).unwrap()
}

fn client() -> Client {
    let redirect_uri = Url::parse("http://localhost:5000/oauth2callback").ok();
    Client {
        id: "client".to_owned(),
        secret: None,
        redirect_uri,
    }
}

pub(super) fn raw(status: u16, headers: &[(&str, &str)], body: &[u8]) -> RawReply {
    let header = |(name, value): &(&str, &str)| {
        (
            name.parse::<HeaderName>().unwrap(),
            HeaderValue::from_str(value).unwrap(),
        )
    };
    RawReply {
        status: StatusCode::from_u16(status).unwrap(),
        headers: headers.iter().map(header).collect(),
        body: Zeroizing::new(body.to_vec()),
        received_at: DateTime::UNIX_EPOCH,
    }
}

pub(super) fn read_for(purpose: Purpose, raw: &RawReply) -> Reply {
    classify(
        raw,
        &RequestContext {
            purpose,
            provider: &provider(),
            client: &client(),
        },
    )
}

fn read(status: u16, body: &str) -> Reply {
    read_for(Purpose::Refresh, &raw(status, &[], body.as_bytes()))
}

fn read_with(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    read_for(Purpose::Refresh, &raw(status, headers, body.as_bytes()))
}

fn error(error: &str, code: &str) -> String {
    format!(
        r#"{{"error":"{error}","error_description":"words","errors":[{{"errorCode":"{code}","message":"words"}}]}}"#
    )
}

fn tokens_of(body: &str) -> TokenResponse {
    match read(200, body) {
        Reply::Tokens(tokens) => *tokens,
        other => panic!("{body}: {other:?}"),
    }
}

#[track_caller]
fn assert_doubt(kind: ProblemKind, reply: &Reply) {
    assert!(
        matches!(reply, Reply::OutcomeUnknown(problem) if problem.kind == kind),
        "{reply:?}"
    );
}

#[track_caller]
fn assert_rejected(kind: ProblemKind, reply: &Reply) {
    assert!(
        matches!(reply, Reply::Rejected(problem) if problem.kind == kind),
        "{reply:?}"
    );
}

#[track_caller]
fn assert_misconfigured(kind: ProblemKind, reply: &Reply) {
    assert!(
        matches!(reply, Reply::Misconfigured(problem) if problem.kind == kind),
        "{reply:?}"
    );
}

#[track_caller]
fn assert_throttled(seconds: u64, reply: &Reply) {
    let wait = Duration::from_secs(seconds);
    assert!(
        matches!(reply, Reply::Throttled { retry_after, .. } if *retry_after == wait),
        "{reply:?}"
    );
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
        assert_doubt(ProblemKind::UnknownTokenType, &read(200, &body));
    }
}

#[test]
fn success_with_an_error_is_doubt_even_where_it_says_invalid_grant() {
    assert_doubt(
        ProblemKind::Malformed,
        &read(200, &error("invalid_grant", "OAU-213")),
    );
    assert_doubt(
        ProblemKind::Malformed,
        &read(200, r#"{"access_token":"a","error":"oops"}"#),
    );
}

#[test]
fn success_without_a_usable_token_is_doubt() {
    for body in [
        "{}",
        r#"{"access_token":""}"#,
        r#"{"access_token":7}"#,
        r#"{"access_token":"a\nb"}"#,
        "[]",
        "null",
    ] {
        assert_doubt(ProblemKind::Malformed, &read(200, body));
    }
    for body in ["", " \r\n"] {
        assert_doubt(ProblemKind::EmptyBody, &read(200, body));
    }
    for body in [PAGE, "{\"access_token\":\"a\"", "OK"] {
        assert_doubt(ProblemKind::NotJson, &read(200, body));
    }
    let not_utf8 = raw(200, &[], b"{\"access_token\":\"\xff\xfe\"}");
    assert_doubt(ProblemKind::NotJson, &read_for(Purpose::Refresh, &not_utf8));
}

#[test]
fn a_page_of_html_is_doubt_whatever_its_status() {
    for status in [200, 400, 401, 403, 404, 407, 429, 500, 502, 503, 511] {
        let reply = read_with(status, &[("retry-after", "5")], PAGE);
        assert!(
            matches!(reply, Reply::OutcomeUnknown(_)),
            "{status}: {reply:?}"
        );
    }
}

#[test]
fn a_redirect_is_doubt() {
    for status in [301, 302, 303, 307, 308] {
        let reply = read_with(status, &[("location", "https://elsewhere.example/")], "");
        assert_doubt(ProblemKind::Redirected, &reply);
    }
}

#[test]
fn a_well_formed_invalid_grant_is_a_rejection() {
    for status in [400, 401] {
        assert_rejected(
            ProblemKind::InvalidGrant,
            &read(status, r#"{"error":"invalid_grant"}"#),
        );
        assert_rejected(
            ProblemKind::InvalidGrant,
            &read(status, &error("invalid_grant", "OAU-210")),
        );
    }
}

#[test]
fn an_invalid_grant_that_is_not_well_formed_is_doubt() {
    for status in [200, 302, 402, 403, 404, 408, 410, 418, 422, 500, 502, 504] {
        let reply = read(status, &error("invalid_grant", "OAU-213"));
        assert!(
            matches!(reply, Reply::OutcomeUnknown(_)),
            "{status}: {reply:?}"
        );
    }
    for body in [
        r#"["error","invalid_grant"]"#,
        r#"{"error":["invalid_grant"]}"#,
        r#"{"error":{"code":"invalid_grant"}}"#,
        r#"{"error":"INVALID_GRANT"}"#,
        r#"{"error":"invalid_grant"#,
        r#"{"errors":[{"errorCode":"OAU-213"}]}"#,
        r#"{"errorCode":"OAU-210"}"#,
        "invalid_grant",
        "error=invalid_grant",
    ] {
        let reply = read(400, body);
        assert!(
            matches!(reply, Reply::OutcomeUnknown(_)),
            "{body}: {reply:?}"
        );
    }
}

#[test]
fn errors_of_the_client_mean_that_the_account_must_be_edited() {
    for (name, kind) in [
        ("invalid_client", ProblemKind::InvalidClient),
        ("unauthorized_client", ProblemKind::UnauthorizedClient),
        ("unsupported_grant_type", ProblemKind::UnsupportedGrantType),
        ("invalid_scope", ProblemKind::InvalidScope),
        ("invalid_request", ProblemKind::InvalidRequest),
    ] {
        for status in [400, 401, 403] {
            assert_misconfigured(kind, &read(status, &format!(r#"{{"error":"{name}"}}"#)));
        }
    }
}

#[test]
fn ringcentrals_codes_of_client_and_app_mean_that_the_account_must_be_edited() {
    for (name, code, kind) in [
        ("invalid_grant", "OAU-109", ProblemKind::RedirectMismatch),
        ("invalid_client", "OAU-113", ProblemKind::RedirectMismatch),
        (
            "unauthorized_client",
            "OAU-112",
            ProblemKind::UnauthorizedClient,
        ),
        ("invalid_grant", "OAU-125", ProblemKind::UnauthorizedClient),
        (
            "unauthorized_client",
            "OAU-251",
            ProblemKind::UnauthorizedClient,
        ),
        (
            "invalid_request",
            "OAU-250",
            ProblemKind::UnsupportedGrantType,
        ),
        ("invalid_client", "OAU-153", ProblemKind::InvalidClient),
        ("invalid_client", "OAU-120", ProblemKind::InvalidClient),
        ("invalid_client", "OAU-121", ProblemKind::InvalidClient),
        ("invalid_client", "OAU-123", ProblemKind::InvalidClient),
        ("invalid_client", "OAU-127", ProblemKind::InvalidClient),
        ("invalid_client", "OAU-134", ProblemKind::InvalidClient),
        ("invalid_client", "OAU-146", ProblemKind::InvalidClient),
        ("invalid_grant", "OAU-165", ProblemKind::InvalidClient),
        ("invalid_grant", "OAU-347", ProblemKind::AssertionRefused),
    ] {
        assert_misconfigured(kind, &read(400, &error(name, code)));
        assert_misconfigured(kind, &read(403, &error(name, code)));
    }
}

#[test]
fn a_user_who_may_not_log_in_must_act() {
    for code in [
        "OAU-136", "OAU-140", "OAU-141", "OAU-142", "OAU-147", "OAU-148", "OAU-168",
    ] {
        for status in [400, 401, 403] {
            assert_rejected(
                ProblemKind::AccountRefused,
                &read(status, &error("invalid_grant", code)),
            );
        }
    }
}

#[test]
fn codes_without_an_oauth_error_end_nothing() {
    for code in ["OAU-147", "OAU-146", "OAU-109"] {
        let reply = read(
            401,
            &format!(r#"{{"errorCode":"{code}","errors":[{{"errorCode":"{code}"}}]}}"#),
        );
        assert_doubt(ProblemKind::Malformed, &reply);
    }
}

#[test]
fn an_unknown_error_is_doubt() {
    assert_doubt(
        ProblemKind::UnknownError,
        &read(400, r#"{"error":"interaction_required"}"#),
    );
    assert_doubt(
        ProblemKind::UnknownError,
        &read(401, &error("server_error", "OAU-213")),
    );
}

#[test]
fn too_many_requests_wait_for_as_long_as_they_are_told() {
    assert_throttled(60, &read(429, &error("invalid_grant", "CMN-301")));
    assert_throttled(60, &read(429, r#"{"message":"Request rate exceeded"}"#));
    assert_throttled(60, &read(429, ""));
    assert_throttled(17, &read_with(429, &[("retry-after", "17")], ""));
    assert_throttled(
        90,
        &read_with(
            429,
            &[("retry-after", "Thu, 01 Jan 1970 00:01:30 GMT")],
            "{}",
        ),
    );
    assert_throttled(3600, &read_with(429, &[("retry-after", "999999")], "{}"));
}

#[test]
fn ringcentrals_codes_of_too_many_requests_count_under_any_status() {
    for code in ["CMN-301", "CMN-302", "CMN-303", "CMN-310"] {
        for status in [400, 401, 403, 429, 500, 503] {
            assert_throttled(60, &read(status, &error("invalid_request", code)));
            assert_throttled(
                60,
                &read(
                    status,
                    &format!(r#"{{"errors":[{{"errorCode":"{code}"}}]}}"#),
                ),
            );
        }
    }
}

#[test]
fn a_duplicate_request_is_doubt() {
    for status in [400, 409, 429] {
        assert_doubt(
            ProblemKind::DuplicateRequest,
            &read(status, &error("invalid_grant", "CMN-304")),
        );
    }
}

#[test]
fn a_provider_that_says_it_is_away_is_left_alone() {
    assert_throttled(30, &read(503, r#"{"errorCode":"CMN-201"}"#));
    assert_throttled(120, &read_with(503, &[("retry-after", "120")], ""));
    assert_doubt(ProblemKind::ServerError, &read(503, ""));
}

#[test]
fn a_failure_inside_is_doubt() {
    for status in [408, 500, 501, 502, 504, 520] {
        for body in ["", "{}", &error("invalid_grant", "OAU-213")] {
            assert_doubt(
                ProblemKind::ServerError,
                &read_with(status, &[("retry-after", "5")], body),
            );
        }
    }
}

#[test]
fn an_error_without_words_is_doubt() {
    for status in [400, 401, 403, 404] {
        assert_doubt(ProblemKind::EmptyBody, &read(status, ""));
        assert_doubt(ProblemKind::Malformed, &read(status, "{}"));
    }
}

#[test]
fn a_refusal_says_what_to_do_in_terms_of_what_was_asked() {
    let said = |purpose, code: &str| {
        let raw = raw(400, &[], error("invalid_grant", code).as_bytes());
        read_for(purpose, &raw).problem().unwrap().message.clone()
    };
    assert!(said(Purpose::Refresh, "OAU-213").contains("Sign in again"));
    assert!(
        said(Purpose::Refresh, "OAU-213")
            .contains("RingCentral has ended this sign-in (invalid_grant, OAU-213)")
    );
    assert!(said(Purpose::Exchange, "OAU-108").contains("code"));
    assert!(said(Purpose::Present, "OAU-213").contains("JWT"));
    assert!(said(Purpose::Exchange, "OAU-109").contains("http://localhost:5000/oauth2callback"));
    assert!(said(Purpose::Refresh, "OAU-147").contains("locked"));
}

#[test]
fn a_sign_in_that_failed_half_way_is_not_said_to_go_on_by_itself() {
    for (status, body) in [
        (200, PAGE),
        (500, ""),
        (429, ""),
        (503, "{}"),
        (400, r#"{"error":"what"}"#),
    ] {
        let reply = read_for(Purpose::Exchange, &raw(status, &[], body.as_bytes()));
        let message = &reply.problem().unwrap().message;
        assert!(
            message.contains("Sign in again") && !message.contains("by itself"),
            "{message}"
        );
    }
}
