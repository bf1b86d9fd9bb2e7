use std::collections::BTreeSet;
use std::time::Duration;

use chrono::DateTime;
use secrecy::ExposeSecret as _;
use strum::VariantNames as _;
use tokenkeep_keeper::config::Grant;
use tokenkeep_keeper::keeper::{AccountField, NewAccount, RefusedToken, Visit};
use tokenkeep_oauth::{AccessToken, Fingerprint};
use tokenkeep_protocol::account::Holder;

use super::*;

fn holder() -> Holder {
    Holder {
        pid: Some(7),
        program: Some("curl".to_owned()),
        ..Holder::default()
    }
}

#[test]
fn an_empty_object_asks_for_a_living_token() {
    let asked: TokenBody = serde_json::from_str("{}").unwrap();
    let request = asked.request(holder()).unwrap();
    assert_eq!(request.min_validity, Duration::ZERO);
    assert_eq!(request.wait, None);
    assert!(request.lease.is_none() && request.refused.is_none());
}

#[test]
fn a_lease_knows_its_holder_and_what_it_calls_itself() {
    let asked: TokenBody =
        serde_json::from_str(r#"{"lease": {"length": 60, "label": "nightly"}}"#).unwrap();
    let lease = asked.request(holder()).unwrap().lease.unwrap();
    assert_eq!(lease.length, Some(Duration::from_secs(60)));
    assert_eq!(
        lease.holder,
        Holder {
            label: Some("nightly".to_owned()),
            ..holder()
        }
    );
}

#[test]
fn a_lease_for_another_program_goes_by_its_name() {
    let json = r#"{"lease": {"hold": true, "program": "nightly.sh"}}"#;
    let asked: TokenBody = serde_json::from_str(json).unwrap();
    let lease = asked.request(holder()).unwrap().lease.unwrap();
    assert_eq!(lease.holder.program.as_deref(), Some("nightly.sh"));
    assert_eq!(lease.holder.pid, holder().pid);
}

#[test]
fn what_a_holder_is_called_fits_into_a_line() {
    let long = "a".repeat(LONGEST_NAME + 1);
    for wrong in ["", "  ", "two\nlines", "\u{1b}[31m", &long] {
        for (field, lease) in [
            (
                "lease.label",
                serde_json::json!({ "hold": true, "label": wrong }),
            ),
            (
                "lease.program",
                serde_json::json!({ "hold": true, "program": wrong }),
            ),
        ] {
            let asked = serde_json::json!({ "lease": lease });
            let asked: TokenBody = serde_json::from_value(asked).unwrap();
            let error = asked.request(holder()).unwrap_err();
            assert_eq!(error.field.as_deref(), Some(field), "{wrong:?}");
        }
    }
}

#[test]
fn a_lease_that_is_taken_up_again_asks_for_no_validity() {
    let fingerprint = Fingerprint::of("held");
    let lease = serde_json::json!({ "hold": true, "fingerprint": fingerprint });
    let asked = |asked| serde_json::from_value::<TokenBody>(asked).unwrap();
    let taken_up = asked(serde_json::json!({ "lease": lease }));
    let lease_asked = taken_up.request(holder()).unwrap().lease.unwrap();
    assert_eq!(lease_asked.fingerprint, Some(fingerprint));
    let both = asked(serde_json::json!({ "lease": lease, "min_validity": 60 }));
    let error = both.request(holder()).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("min_validity"));
}

#[test]
fn a_lease_that_nothing_would_ever_end_is_refused() {
    let asked: TokenBody = serde_json::from_str(r#"{"lease": {"label": "for ever"}}"#).unwrap();
    assert_eq!(
        asked.request(holder()).unwrap_err().field.as_deref(),
        Some("lease")
    );
}

#[test]
fn durations_that_make_no_sense_are_refused_by_name() {
    for (field, json) in [
        ("wait", r#"{"wait": 86401}"#),
        ("min_validity", r#"{"min_validity": 18446744073709551615}"#),
        (
            "lease.length",
            r#"{"lease": {"length": 18446744073709551615}}"#,
        ),
    ] {
        let asked: TokenBody = serde_json::from_str(json).unwrap();
        assert_eq!(
            asked.request(holder()).unwrap_err().field.as_deref(),
            Some(field)
        );
    }
}

#[test]
fn a_refused_token_is_known_by_itself_or_by_its_fingerprint() {
    let fingerprint = Fingerprint::of("dead");
    let by_token = RefusedBody {
        access_token: Some(AccessToken::new("dead")),
        ..RefusedBody::default()
    };
    assert_eq!(by_token.which().unwrap(), RefusedToken::Named(fingerprint));
    let by_fingerprint = RefusedBody {
        fingerprint: Some(fingerprint),
        ..RefusedBody::default()
    };
    assert_eq!(
        by_fingerprint.which().unwrap(),
        RefusedToken::Named(fingerprint)
    );
    assert_eq!(
        RefusedBody::default().which().unwrap(),
        RefusedToken::Current
    );
    let torn = RefusedBody {
        fingerprint: Some(Fingerprint::of("other")),
        ..by_token
    };
    assert_eq!(
        torn.which().unwrap_err().field.as_deref(),
        Some("fingerprint")
    );
}

#[test]
fn secrets_go_over_the_wire_and_nowhere_else() {
    let added = AccountAdded {
        name: "work".to_owned(),
        provider: "practice".to_owned(),
        server: None,
        client_id: "id".to_owned(),
        grant: Grant::Jwt,
        redirect_uri: None,
        client_secret: Some("planted-secret".into()),
        assertion: Some("planted-assertion".into()),
    };
    let refused = RefusedBody {
        access_token: Some(AccessToken::new("planted-token")),
        ..RefusedBody::default()
    };
    let redirected = Redirected {
        redirect: "https://a/?code=planted-code".into(),
    };
    let window = WindowBody {
        proof: "planted-proof".into(),
    };
    let window_redirected = WindowRedirected {
        proof: "planted-proof".into(),
        redirect: "https://a/?code=planted-window-code".into(),
    };
    let wire = [
        serde_json::to_string(&added).unwrap(),
        serde_json::to_string(&refused).unwrap(),
        serde_json::to_string(&redirected).unwrap(),
        serde_json::to_string(&window).unwrap(),
        serde_json::to_string(&window_redirected).unwrap(),
    ];
    let debug = format!("{added:?} {refused:?} {redirected:?} {window:?} {window_redirected:?}");
    for planted in [
        "planted-secret",
        "planted-assertion",
        "planted-token",
        "planted-code",
        "planted-proof",
        "planted-window-code",
    ] {
        assert!(
            wire.iter().any(|json| json.contains(planted)),
            "{planted} is not sent"
        );
        assert!(!debug.contains(planted), "{planted} is in {debug}");
    }
    let read: AccountAdded = serde_json::from_str(&wire[0]).unwrap();
    assert_eq!(
        read.new_account()
            .unwrap()
            .assertion
            .unwrap()
            .expose_secret(),
        "planted-assertion"
    );
}

#[test]
fn an_accounts_fields_are_called_in_the_body_as_in_errors() {
    let new = NewAccount {
        name: "work".parse().unwrap(),
        provider: "practice".to_owned(),
        server: Some("http://127.0.0.1:8642".parse().unwrap()),
        client_id: "id".to_owned(),
        grant: Grant::Jwt,
        redirect_uri: Some("http://localhost/back".parse().unwrap()),
        client_secret: Some("s".into()),
        assertion: Some("a".into()),
    };
    let body = serde_json::to_value(AccountAdded::from(new)).unwrap();
    let body: BTreeSet<&str> = body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(body, AccountField::VARIANTS.iter().copied().collect());
}

#[test]
fn a_bad_url_is_named_by_its_field_and_not_quoted() {
    let error = url("server", "ht!tp://planted").unwrap_err();
    assert_eq!(error.field.as_deref(), Some("server"));
    assert!(!error.message.contains("planted"), "{error}");
}

#[test]
fn a_sign_in_says_which_step_comes_next() {
    let visit = Visit {
        id: 3,
        authorization_url: "https://a/authorize".parse().unwrap(),
        redirect_uri: "http://localhost/cb".parse().unwrap(),
        until: DateTime::from_timestamp(1_900_000_000, 0).unwrap(),
    };
    let json = serde_json::to_value(SignInAnswer::Visit { visit }).unwrap();
    assert_eq!(json["step"], "visit");
    assert_eq!(json["visit"]["id"], 3);
}

#[test]
fn a_window_is_told_its_task_by_name() {
    let main = serde_json::to_value(WindowTask::Main).unwrap();
    assert_eq!(main, serde_json::json!({ "task": "main" }));
    let sign_in = WindowTask::SignIn {
        account: "work".parse().unwrap(),
        authorization_url: "https://a/authorize".parse().unwrap(),
        redirect_uri: "http://localhost/cb".parse().unwrap(),
    };
    let json = serde_json::to_value(&sign_in).unwrap();
    assert_eq!(
        (&json["task"], &json["account"]),
        (&"sign_in".into(), &"work".into())
    );
    assert_eq!(serde_json::from_value::<WindowTask>(json).unwrap(), sign_in);
}
