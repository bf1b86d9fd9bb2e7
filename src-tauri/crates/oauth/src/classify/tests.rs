mod errors;
mod messages;
mod pauses;
mod tokens;

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

/// What a reply comes to.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Tokens,
    Rejected(ProblemKind),
    Misconfigured(ProblemKind),
    Throttled(Duration),
    NotSent(ProblemKind),
    Doubt(ProblemKind),
}

fn verdict(reply: &Reply) -> Verdict {
    match reply {
        Reply::Tokens(_) => Verdict::Tokens,
        Reply::Rejected(problem) => Verdict::Rejected(problem.kind),
        Reply::Misconfigured(problem) => Verdict::Misconfigured(problem.kind),
        Reply::Throttled { retry_after, .. } => Verdict::Throttled(*retry_after),
        Reply::NotSent(problem) => Verdict::NotSent(problem.kind),
        Reply::OutcomeUnknown { problem, .. } => Verdict::Doubt(problem.kind),
    }
}

/// Such a reply to a refresh has to come to this.
#[track_caller]
fn comes_to(expected: Verdict, status: u16, body: &str) {
    comes_to_with(expected, status, &[], body);
}

#[track_caller]
fn comes_to_with(expected: Verdict, status: u16, headers: &[(&str, &str)], body: &str) {
    let reply = read_with(status, headers, body);
    assert_eq!(
        verdict(&reply),
        expected,
        "{status} {headers:?} {body}: {reply:?}"
    );
}

/// Such a reply to a refresh has to be doubt, of whatever kind.
#[track_caller]
fn is_doubt(status: u16, headers: &[(&str, &str)], body: &str) {
    let reply = read_with(status, headers, body);
    assert!(
        matches!(reply, Reply::OutcomeUnknown { .. }),
        "{status} {headers:?} {body}: {reply:?}"
    );
}

const fn throttled(seconds: u64) -> Verdict {
    Verdict::Throttled(Duration::from_secs(seconds))
}
