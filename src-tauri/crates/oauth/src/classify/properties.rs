//! What holds of every reply whatsoever.

use proptest::prelude::*;

use super::tests::{raw, read_for};
use crate::problem::ProblemKind;
use crate::reply::Reply;
use crate::request_context::Purpose;

/// Text as a token has it: never of the shape of an error's name or code.
const SECRET: &str = "S3cr3t-[A-Za-z0-9]{12,40}";

fn any_status() -> impl Strategy<Value = u16> {
    prop_oneof![
        Just(200),
        Just(400),
        Just(401),
        Just(403),
        Just(429),
        Just(503),
        200..600_u16
    ]
}

/// Bodies that are nearly right, which plain noise never is.
fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec![
        "error",
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "errorCode",
        "errors",
        "scope",
    ]);
    let value = prop_oneof![
        Just("\"invalid_grant\"".to_owned()),
        Just("\"bearer\"".to_owned()),
        Just("\"OAU-213\"".to_owned()),
        Just("[{\"errorCode\":\"CMN-304\"}]".to_owned()),
        Just("-1e999".to_owned()),
        any::<f64>().prop_map(|n| n.to_string()),
        "\\PC{0,8}",
        "\"[a-z0-9]{0,8}\"",
    ];
    let fields = prop::collection::vec((name, value), 0..5);
    fields.prop_map(|fields| {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", fields.join(",")).into_bytes()
    })
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![prop::collection::vec(any::<u8>(), 0..200), nearly_json()]
}

proptest! {
    #[test]
    fn no_reply_whatsoever_panics_and_only_a_well_formed_invalid_grant_is_rejected_as_one(
        status in any_status(),
        body in any_body(),
        wait in prop::option::of("[ -~]{0,30}"),
    ) {
        let headers: Vec<_> = wait.iter().map(|wait| ("retry-after", wait.as_str())).collect();
        let reply = read_for(Purpose::Refresh, &raw(status, &headers, &body));
        if matches!(&reply, Reply::Rejected(problem) if problem.kind == ProblemKind::InvalidGrant) {
            prop_assert!(status == 400 || status == 401);
            // Numbers beyond any range are JSON too, but serde_json's `Value` cannot hold them.
            let body = String::from_utf8(body).unwrap().replace("1e999", "1");
            let json: serde_json::Value = serde_json::from_str(&body).unwrap();
            prop_assert_eq!(json.as_object().unwrap().get("error").unwrap(), "invalid_grant");
        }
        if let Reply::Throttled { retry_after, .. } = reply {
            prop_assert!((1..=3600).contains(&retry_after.as_secs()));
        }
    }

    #[test]
    fn no_secret_in_a_reply_is_ever_printed(
        status in any_status(),
        secret in SECRET,
        shape in 0..7_usize,
    ) {
        let body = match shape {
            0 => format!(r#"{{"access_token":"{secret}","refresh_token":"{secret}","token_type":"bearer"}}"#),
            1 => format!(r#"{{"access_token":"{secret}","token_type":"{secret}"}}"#),
            2 => format!(r#"{{"error":"{secret}","error_description":"{secret}"}}"#),
            3 => format!(r#"{{"error":"invalid_grant","error_description":"{secret}","errorCode":"{secret}","errors":[{{"errorCode":"{secret}","message":"{secret}"}}]}}"#),
            4 => format!(r#"{{"error":"invalid_client","access_token":"{secret}"}}"#),
            5 => format!(r#"{{"access_token":"{secret}"#),
            _ => format!("<html>{secret}</html>"),
        };
        let raw = raw(status, &[("x-token", &secret)], body.as_bytes());
        for purpose in [Purpose::Exchange, Purpose::Refresh, Purpose::Present, Purpose::Revoke] {
            let reply = read_for(purpose, &raw);
            let printed = format!("{reply:?} {raw:?} {}", reply.problem().map_or("", |p| &p.message));
            prop_assert!(!printed.contains("S3cr3t"), "{}", printed);
        }
    }
}
