//! From a raw reply to its meaning.
//!
//! The rule behind every line: a sign-in is given up only on a well-formed OAuth error, the
//! current token is called alive only where the provider certainly did nothing, and all else is
//! doubt, which costs some retries and no credential (DESIGN.md, invariant 6).
//!
//! | status | body | reply |
//! |---|---|---|
//! | 2xx | JSON with a bearer `access_token` and no `error` | `Tokens` |
//! | 2xx | JSON with an `error`, even `invalid_grant`: an error must not come with 200 (RFC 6749 5.2), so who knows what answered | `OutcomeUnknown` |
//! | 2xx | JSON without a usable `access_token` | `OutcomeUnknown` |
//! | 2xx | an unknown `token_type`: must not be used (RFC 6749 7.1), yet the old one may be gone. Left out, it means bearer | `OutcomeUnknown` |
//! | 2xx | HTML, empty, not JSON, not UTF-8, over-long, cut off | `OutcomeUnknown` |
//! | 3xx | any: the request is not sent elsewhere | `OutcomeUnknown` |
//! | 400, 401 | `error` is `invalid_grant` | `Rejected` |
//! | 400, 401, 403 | `error`, and RingCentral says that the user may not log in | `Rejected` |
//! | 400, 401, 403 | another `error` of RFC 6749, or RingCentral's code for one | `Misconfigured` |
//! | 403 | `invalid_grant` with nothing more: not the status it comes with | `OutcomeUnknown` |
//! | 400, 401, 403 | an unknown `error`; JSON without one; HTML, empty, not JSON | `OutcomeUnknown` |
//! | 4xx, 5xx | RingCentral's codes of too many requests (CMN-301, 302, 303, 310) | `Throttled` |
//! | 4xx, 5xx | CMN-304: a request like this is being worked on, perhaps the one that timed out | `OutcomeUnknown` |
//! | 429 | any JSON, or empty | `Throttled`, 60 s unless `Retry-After` |
//! | 503 | any JSON, or empty with `Retry-After` | `Throttled`, 30 s unless `Retry-After` |
//! | 429, 503 | HTML or other text: a proxy or a network's sign-in page | `OutcomeUnknown` |
//! | 408, other 5xx | any | `OutcomeUnknown` |
//! | other 4xx | any | `OutcomeUnknown` |
//!
//! Where no whole reply comes, see `transport_error`: never connected (name, connection, TLS) is
//! `NotSent`; time-out, reset and an over-long body are `OutcomeUnknown`.
//!
//! A throttled request was not acted on. That it *was* throttled is believed of JSON and of an
//! empty 429 only; doubting an empty 429 would send replays into a penalty that each of them
//! begins anew.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::fields::{Fields, is_json};
use crate::problem::{Problem, ProblemKind};
use crate::raw_reply::RawReply;
use crate::refusal::{Consequence, Refusal, consequence};
use crate::reply::{RateLimit, Reply, TokenResponse};
use crate::request_context::RequestContext;
use crate::retry_after;
use crate::secrets::{AccessToken, RefreshToken};
use crate::wording;

/// The wait after a 429 that names none: RingCentral's penalty.
const THROTTLED_FOR: Duration = Duration::from_secs(60);

/// The wait after a 503 that names none (RingCentral, docs/basics/errors.md: "30 s or more").
const UNAVAILABLE_FOR: Duration = Duration::from_secs(30);

/// What the reply means.
pub(crate) fn classify(raw: &RawReply, context: &RequestContext<'_>) -> Reply {
    match raw.status {
        status if status.is_success() => tokens(raw, context),
        status if status.is_client_error() || status.is_server_error() => refusal(raw, context),
        _ => doubt(ProblemKind::Redirected, raw, context),
    }
}

fn tokens(raw: &RawReply, context: &RequestContext<'_>) -> Reply {
    let Some(fields) = Fields::read(&raw.body) else {
        return doubt(unreadable(&raw.body), raw, context);
    };
    if fields.has("error") {
        return doubt(ProblemKind::Malformed, raw, context);
    }
    let Some(access_token) = fields.token("access_token") else {
        return doubt(ProblemKind::Malformed, raw, context);
    };
    // RFC 6749 section 5.1: compared without case.
    let is_bearer = |kind: String| kind.trim().eq_ignore_ascii_case("bearer");
    if fields.has("token_type") && !fields.text("token_type").is_some_and(is_bearer) {
        return doubt(ProblemKind::UnknownTokenType, raw, context);
    }
    Reply::Tokens(Box::new(TokenResponse {
        access_token: AccessToken::new(access_token),
        refresh_token: fields.token("refresh_token").map(RefreshToken::new),
        expires_in: fields.life("expires_in"),
        refresh_token_expires_in: fields.life("refresh_token_expires_in"),
        session_expires_in: fields.life("session_expires_in"),
        scope: fields.text("scope"),
        owner_id: fields.text("owner_id"),
        endpoint_id: fields.text("endpoint_id"),
        rate_limit: rate_limit(&raw.headers),
    }))
}

fn refusal(raw: &RawReply, context: &RequestContext<'_>) -> Reply {
    let fields = Fields::read(&raw.body);
    let error = fields.as_ref().and_then(|fields| fields.name("error"));
    let is_oauth_error = error.is_some();
    let refusal = Refusal::new(error, fields.map(|f| f.error_codes()).unwrap_or_default());

    if refusal.is_throttling() {
        return throttled(raw, wording::refused(&refusal, context), THROTTLED_FOR);
    }
    if refusal.kind() == ProblemKind::DuplicateRequest {
        return Reply::OutcomeUnknown(wording::refused(&refusal, context));
    }
    match raw.status {
        StatusCode::TOO_MANY_REQUESTS if raw.body.is_empty() || is_json(&raw.body) => {
            throttled(raw, too_many(context), THROTTLED_FOR)
        }
        StatusCode::SERVICE_UNAVAILABLE if is_json(&raw.body) || is_announced(raw) => {
            throttled(raw, unavailable(context), UNAVAILABLE_FOR)
        }
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
            if is_oauth_error =>
        {
            refused(raw.status, &refusal, context)
        }
        StatusCode::REQUEST_TIMEOUT => doubt(ProblemKind::ServerError, raw, context),
        status if status.is_server_error() => doubt(ProblemKind::ServerError, raw, context),
        _ => doubt(unreadable(&raw.body), raw, context),
    }
}

/// What a well-formed OAuth error with a fitting status means.
fn refused(status: StatusCode, refusal: &Refusal, context: &RequestContext<'_>) -> Reply {
    let problem = wording::refused(refusal, context);
    match consequence(problem.kind) {
        Consequence::Rejected
            if problem.kind == ProblemKind::InvalidGrant && status == StatusCode::FORBIDDEN =>
        {
            Reply::OutcomeUnknown(misplaced(context))
        }
        Consequence::Rejected => Reply::Rejected(problem),
        Consequence::Misconfigured => Reply::Misconfigured(problem),
        Consequence::Throttled | Consequence::Doubt => Reply::OutcomeUnknown(problem),
    }
}

fn throttled(raw: &RawReply, problem: Problem, default: Duration) -> Reply {
    Reply::Throttled {
        retry_after: retry_after::retry_after(&raw.headers, raw.received_at, default),
        problem,
    }
}

/// Whether an empty reply at least says for how long to wait, as a provider in maintenance does.
fn is_announced(raw: &RawReply) -> bool {
    raw.body.is_empty() && retry_after::is_present(&raw.headers)
}

/// What is wrong with a body that does not say what it should.
fn unreadable(body: &[u8]) -> ProblemKind {
    if body.iter().all(u8::is_ascii_whitespace) {
        ProblemKind::EmptyBody
    } else if is_json(body) {
        ProblemKind::Malformed
    } else {
        ProblemKind::NotJson
    }
}

fn doubt(kind: ProblemKind, raw: &RawReply, context: &RequestContext<'_>) -> Reply {
    let title = &context.provider.title;
    let status = raw.status.as_u16();
    let what = match kind {
        ProblemKind::Redirected => format!(
            "{title} sent the request elsewhere (status {status}), which is not followed. If it has moved, change the account's server."
        ),
        ProblemKind::ServerError => format!("{title} failed with status {status}."),
        ProblemKind::EmptyBody => {
            format!("{title} answered with status {status} and nothing else.")
        }
        ProblemKind::NotJson => format!(
            "Something other than {title} seems to have answered (status {status}): a network's sign-in page or a proxy. Check the network, and the account's server."
        ),
        ProblemKind::UnknownTokenType => format!(
            "{title} sent a token of a type that Tokenkeep cannot use; only bearer tokens are supported."
        ),
        _ => format!(
            "{title} answered with status {status} and JSON that is no token response. Check the account's server."
        ),
    };
    let problem = Problem::new(kind, format!("{what} {}", context.next_in_doubt()));
    Reply::OutcomeUnknown(problem)
}

fn misplaced(context: &RequestContext<'_>) -> Problem {
    let title = &context.provider.title;
    Problem::new(
        ProblemKind::UnknownError,
        format!(
            "{title} refused with invalid_grant under status 403, which does not belong together. {} If this lasts, sign in again.",
            context.next_in_doubt()
        ),
    )
}

fn too_many(context: &RequestContext<'_>) -> Problem {
    let title = &context.provider.title;
    Problem::new(
        ProblemKind::Throttled,
        format!(
            "{title} was asked for tokens too often (status 429). Nothing is sent for a while. {}",
            context.next()
        ),
    )
}

fn unavailable(context: &RequestContext<'_>) -> Problem {
    let title = &context.provider.title;
    Problem::new(
        ProblemKind::Unavailable,
        format!(
            "{title} is out of service for a while (status 503). {}",
            context.next()
        ),
    )
}

fn rate_limit(headers: &HeaderMap) -> Option<RateLimit> {
    let number = |name| headers.get(name)?.to_str().ok()?.trim().parse::<u32>().ok();
    Some(RateLimit {
        limit: number("x-rate-limit-limit")?,
        remaining: number("x-rate-limit-remaining")?,
        window: Duration::from_secs(number("x-rate-limit-window")?.into()),
    })
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
