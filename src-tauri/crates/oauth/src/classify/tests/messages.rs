//! The words for people.

use super::*;

#[test]
fn a_refusal_says_what_to_do_in_terms_of_what_was_asked() {
    let said = |purpose, code: &str| {
        let raw = raw(400, &[], error("invalid_grant", code).as_bytes());
        read_for(purpose, &raw).problem().unwrap().message.clone()
    };
    assert!(said(Purpose::Refresh, "OAU-213").contains("Sign in again"));
    assert!(
        said(Purpose::Refresh, "OAU-213")
            .contains("RingCentral has ended this sign-in (invalid_grant, OAU-213: “words”)")
    );
    assert!(said(Purpose::Exchange, "OAU-108").contains("code"));
    assert!(said(Purpose::Present, "OAU-213").contains("JWT"));
    assert!(said(Purpose::Exchange, "OAU-109").contains("http://localhost:5000/oauth2callback"));
    assert!(said(Purpose::Refresh, "OAU-147").contains("locked"));
}

#[test]
fn a_providers_own_error_is_named_even_with_a_success() {
    for body in [
        r#"{"error":"bad_verification_code","error_description":"The code is incorrect."}"#,
        "error=bad_verification_code&error_description=The+code+is+incorrect.&error_uri=x",
    ] {
        let message = read(200, body).problem().unwrap().message.clone();
        let named =
            "status 200, and yet with an error (bad_verification_code: “The code is incorrect”)";
        assert!(message.contains(named), "{message}");
    }
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
