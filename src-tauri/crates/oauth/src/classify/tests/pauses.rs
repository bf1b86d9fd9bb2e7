//! Being asked to pause.

use super::*;

#[test]
fn too_many_requests_wait_for_as_long_as_they_are_told() {
    for body in [
        &error("invalid_grant", "CMN-301"),
        r#"{"message":"Request rate exceeded"}"#,
        "",
    ] {
        comes_to(throttled(60), 429, body);
    }
    for (told, seconds, body) in [
        ("17", 17, ""),
        ("Thu, 01 Jan 1970 00:01:30 GMT", 90, "{}"),
        ("999999", 3600, "{}"),
    ] {
        comes_to_with(throttled(seconds), 429, &[("retry-after", told)], body);
    }
}

#[test]
fn ringcentrals_codes_of_too_many_requests_count_under_any_status() {
    for code in ["CMN-301", "CMN-302", "CMN-303", "CMN-310"] {
        for status in [400, 401, 403, 429, 500, 503] {
            let code_alone = format!(r#"{{"errors":[{{"errorCode":"{code}"}}]}}"#);
            for body in [error("invalid_request", code), code_alone] {
                comes_to(throttled(60), status, &body);
            }
        }
    }
}

#[test]
fn a_duplicate_request_is_doubt() {
    for status in [400, 409, 429] {
        let doubt = Verdict::Doubt(ProblemKind::DuplicateRequest);
        comes_to(doubt, status, &error("invalid_grant", "CMN-304"));
    }
}

#[test]
fn a_provider_that_says_it_is_away_is_left_alone() {
    comes_to(throttled(30), 503, r#"{"errorCode":"CMN-201"}"#);
    let after = [("retry-after", "120")];
    comes_to_with(throttled(120), 503, &after, r#"{"errorCode":"CMN-201"}"#);
}

#[test]
fn a_503_that_a_gateway_may_have_sent_is_doubt_and_says_when_to_ask_again() {
    for body in [
        "",
        "{}",
        r#"{"message":"Service Unavailable"}"#,
        r#"{"error":"temporarily_unavailable"}"#,
        PAGE,
    ] {
        for (told, seconds) in [
            (None, None),
            (Some("120"), Some(120)),
            (Some("999999"), Some(3600)),
        ] {
            let headers: Vec<_> = told.map(|told| ("retry-after", told)).into_iter().collect();
            let reply = read_with(503, &headers, body);
            let Reply::OutcomeUnknown {
                problem,
                retry_after,
            } = &reply
            else {
                panic!("{body} {told:?}: {reply:?}");
            };
            assert_eq!(problem.kind, ProblemKind::Unavailable, "{body}");
            assert_eq!(*retry_after, seconds.map(Duration::from_secs), "{body}");
        }
    }
}
