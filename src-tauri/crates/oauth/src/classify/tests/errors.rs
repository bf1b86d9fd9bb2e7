//! Errors: those that mean something for certain, and all others.

use super::*;

#[test]
fn a_page_of_html_is_doubt_whatever_its_status() {
    for status in [200, 400, 401, 403, 404, 407, 429, 500, 502, 503, 511] {
        is_doubt(status, &[("retry-after", "5")], PAGE);
    }
}

#[test]
fn a_redirect_is_doubt() {
    let elsewhere = [("location", "https://elsewhere.example/")];
    for status in [301, 302, 303, 307, 308] {
        let doubt = Verdict::Doubt(ProblemKind::Redirected);
        comes_to_with(doubt, status, &elsewhere, "");
    }
}

#[test]
fn a_well_formed_invalid_grant_is_a_rejection() {
    for status in [400, 401] {
        for body in [
            r#"{"error":"invalid_grant"}"#,
            &error("invalid_grant", "OAU-210"),
        ] {
            comes_to(Verdict::Rejected(ProblemKind::InvalidGrant), status, body);
        }
    }
}

#[test]
fn an_invalid_grant_that_is_not_well_formed_is_doubt() {
    for status in [200, 302, 402, 403, 404, 408, 410, 418, 422, 500, 502, 504] {
        is_doubt(status, &[], &error("invalid_grant", "OAU-213"));
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
        is_doubt(400, &[], body);
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
            let body = format!(r#"{{"error":"{name}"}}"#);
            comes_to(Verdict::Misconfigured(kind), status, &body);
        }
    }
}

#[test]
fn ringcentrals_codes_of_client_and_app_mean_that_the_account_must_be_edited() {
    for (kind, codes) in [
        (
            ProblemKind::RedirectMismatch,
            &["invalid_grant OAU-109", "invalid_client OAU-113"][..],
        ),
        (
            ProblemKind::UnauthorizedClient,
            &[
                "unauthorized_client OAU-112",
                "invalid_grant OAU-125",
                "unauthorized_client OAU-251",
            ],
        ),
        (
            ProblemKind::UnsupportedGrantType,
            &["invalid_request OAU-250"],
        ),
        (
            ProblemKind::InvalidClient,
            &[
                "invalid_client OAU-153",
                "invalid_client OAU-120",
                "invalid_client OAU-121",
                "invalid_client OAU-123",
                "invalid_client OAU-127",
                "invalid_client OAU-134",
                "invalid_client OAU-146",
                "invalid_grant OAU-165",
            ],
        ),
        (ProblemKind::AssertionRefused, &["invalid_grant OAU-347"]),
    ] {
        for both in codes {
            let (name, code) = both.split_once(' ').unwrap();
            for status in [400, 403] {
                comes_to(Verdict::Misconfigured(kind), status, &error(name, code));
            }
        }
    }
}

#[test]
fn a_user_who_may_not_log_in_must_act() {
    for code in [
        "OAU-136", "OAU-140", "OAU-141", "OAU-142", "OAU-147", "OAU-148", "OAU-168",
    ] {
        for status in [400, 401, 403] {
            let refused = Verdict::Rejected(ProblemKind::AccountRefused);
            comes_to(refused, status, &error("invalid_grant", code));
        }
    }
}

#[test]
fn codes_without_an_oauth_error_end_nothing() {
    for code in ["OAU-147", "OAU-146", "OAU-109"] {
        let body = format!(r#"{{"errorCode":"{code}","errors":[{{"errorCode":"{code}"}}]}}"#);
        comes_to(Verdict::Doubt(ProblemKind::Malformed), 401, &body);
    }
}

#[test]
fn an_unknown_error_is_doubt() {
    for (status, body) in [
        (400, r#"{"error":"interaction_required"}"#),
        (401, &error("server_error", "OAU-213")),
    ] {
        comes_to(Verdict::Doubt(ProblemKind::UnknownError), status, body);
    }
}

#[test]
fn a_failure_inside_is_doubt() {
    for status in [408, 500, 501, 502, 504, 520] {
        for body in ["", "{}", &error("invalid_grant", "OAU-213")] {
            let doubt = Verdict::Doubt(ProblemKind::ServerError);
            comes_to_with(doubt, status, &[("retry-after", "5")], body);
        }
    }
}

#[test]
fn an_error_without_words_is_doubt() {
    for status in [400, 401, 403, 404] {
        comes_to(Verdict::Doubt(ProblemKind::EmptyBody), status, "");
        comes_to(Verdict::Doubt(ProblemKind::Malformed), status, "{}");
    }
}
