//! Decides what a raw reply means.
//!
//! Three rules are behind every line. Only a well-formed OAuth error ends a sign-in: a captive
//! portal's page, a proxy's 403 or a 500 never does. The current token counts as alive only where
//! the provider certainly did nothing. All else is doubt, which costs retries but no credential.
//!
//! | status | body | reply |
//! |---|---|---|
//! | 2xx | JSON with a bearer `access_token` and no `error`, or an empty one | `Tokens` |
//! | 2xx | JSON with an `error`, even `invalid_grant`: an error must not come with 200 (RFC 6749 section 5.2), so it is unknown what answered | `OutcomeUnknown` |
//! | 2xx | JSON without a usable `access_token` | `OutcomeUnknown` |
//! | 2xx | an unknown `token_type`: must not be used (RFC 6749 section 7.1), yet the old token may be gone. A missing one means bearer | `OutcomeUnknown` |
//! | 2xx | a form with an `error`, as GitHub sends it | `OutcomeUnknown` |
//! | 2xx | HTML, empty, not JSON, not UTF-8, too long, cut off | `OutcomeUnknown` |
//! | 3xx | any: redirects are not followed | `OutcomeUnknown` |
//! | 400, 401 | `error` is `invalid_grant` | `Rejected` |
//! | 400, 401, 403 | `error`, and RingCentral says that the user may not log in | `Rejected` |
//! | 400, 401, 403 | another `error` of RFC 6749, or RingCentral's code for one | `Misconfigured` |
//! | 403 | `invalid_grant` with nothing more: it does not come with this status | `OutcomeUnknown` |
//! | 400, 401, 403 | an unknown `error`; JSON without one; HTML, empty, not JSON | `OutcomeUnknown` |
//! | 4xx, 5xx | RingCentral's codes of too many requests (CMN-301, 302, 303, 310) | `Throttled` |
//! | 4xx, 5xx | CMN-304: the same request is in progress, perhaps the one that timed out | `OutcomeUnknown` |
//! | 429 | any JSON, or empty | `Throttled`, 60 s unless `Retry-After` |
//! | 503 | JSON with a code of the provider's own | `Throttled`, 30 s unless `Retry-After` |
//! | 503 | anything else: a gateway says so too, after the provider has acted | `OutcomeUnknown`, with the `Retry-After` |
//! | 429 | HTML or other text: a proxy or a network's sign-in page | `OutcomeUnknown` |
//! | 408, other 5xx | any | `OutcomeUnknown` |
//! | other 4xx | any | `OutcomeUnknown` |
//!
//! For requests without a whole reply, see `transport_error`.
//!
//! The provider did not act on a throttled request. A reply counts as throttling only if it has the
//! provider's own code for that, or is a 429 with JSON or nothing. An empty 429 is not doubted, because each replay would restart the
//! provider's penalty.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::error_message;
use crate::error_response::{Consequence, ErrorResponse, consequence};
use crate::json::{JsonObject, is_json};
use crate::problem::{Problem, ProblemKind};
use crate::raw_reply::RawReply;
use crate::reply::{RateLimit, Reply, TokenResponse};
use crate::request_context::RequestContext;
use crate::retry_after;
use crate::secrets::{AccessToken, RefreshToken};

/// The wait after a 429 without `Retry-After`: RingCentral's penalty.
const THROTTLED_FOR: Duration = Duration::from_secs(60);

/// The wait after a 503 without `Retry-After` (RingCentral, docs/basics/errors.md: "30 s or more").
const UNAVAILABLE_FOR: Duration = Duration::from_secs(30);

/// What a reply means.
pub(crate) fn classify(raw: &RawReply, context: &RequestContext<'_>) -> Reply {
    match raw.status {
        status if status.is_success() => tokens(raw, context),
        status if status.is_client_error() || status.is_server_error() => error(raw, context),
        _ => doubt(ProblemKind::Redirected, raw, context),
    }
}

fn tokens(raw: &RawReply, context: &RequestContext<'_>) -> Reply {
    let Some(fields) = JsonObject::read(&raw.body) else {
        return match form_error(&raw.body) {
            Some(error) => error_with_success(&error, raw, context),
            None => doubt(unreadable(&raw.body), raw, context),
        };
    };
    // An empty one beside tokens says nothing, and a rotated set must not be lost for it.
    if fields.text("error").is_some() {
        let error = ErrorResponse::new(fields.name("error"), fields.error_codes());
        let description = fields.name("error_description");
        let error = error.described(description.as_deref());
        return error_with_success(&error, raw, context);
    }
    if fields.has("error") && !fields.is_empty_text("error") {
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
        expires_in: fields.lifetime("expires_in"),
        refresh_token_expires_in: fields.lifetime("refresh_token_expires_in"),
        session_expires_in: fields.lifetime("session_expires_in"),
        scope: fields.text("scope"),
        owner_id: fields.text("owner_id"),
        endpoint_id: fields.text("endpoint_id"),
        rate_limit: rate_limit(&raw.headers),
    }))
}

fn error(raw: &RawReply, context: &RequestContext<'_>) -> Reply {
    let fields = JsonObject::read(&raw.body);
    let name = fields.as_ref().and_then(|fields| fields.name("error"));
    let is_oauth_error = name.is_some();
    let codes = fields.as_ref().map(JsonObject::error_codes);
    let description = fields.as_ref().and_then(|f| f.name("error_description"));
    let error = ErrorResponse::new(name, codes.unwrap_or_default());
    let error = error.described(description.as_deref());

    if error.is_throttling() {
        return throttled(raw, error_message::problem(&error, context), THROTTLED_FOR);
    }
    if error.kind() == ProblemKind::DuplicateRequest {
        return Reply::outcome_unknown(error_message::problem(&error, context));
    }
    match raw.status {
        StatusCode::TOO_MANY_REQUESTS if raw.body.is_empty() || is_json(&raw.body) => {
            throttled(raw, too_many(context), THROTTLED_FOR)
        }
        StatusCode::SERVICE_UNAVAILABLE if error.has_own_code() => {
            throttled(raw, unavailable(context), UNAVAILABLE_FOR)
        }
        StatusCode::SERVICE_UNAVAILABLE => Reply::OutcomeUnknown {
            problem: doubtful(ProblemKind::Unavailable, raw, context),
            retry_after: announced_pause(raw),
        },
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
            if is_oauth_error =>
        {
            oauth_error(raw.status, &error, context)
        }
        StatusCode::REQUEST_TIMEOUT => doubt(ProblemKind::ServerError, raw, context),
        status if status.is_server_error() => doubt(ProblemKind::ServerError, raw, context),
        _ => doubt(unreadable(&raw.body), raw, context),
    }
}

/// The error of a body that is form-encoded.
fn form_error(body: &[u8]) -> Option<ErrorResponse> {
    let fields: Vec<_> = url::form_urlencoded::parse(body).collect();
    let field = |name: &str| {
        let found = fields.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_ref())
    };
    let error = ErrorResponse::new(Some(field("error")?.to_owned()), Vec::new());
    Some(error.described(field("error_description")))
}

/// An error must not come with a success (RFC 6749 section 5.2): what answered, and whether it acted, is unknown.
fn error_with_success(
    error: &ErrorResponse,
    raw: &RawReply,
    context: &RequestContext<'_>,
) -> Reply {
    let (title, status) = (&context.provider.title, raw.status.as_u16());
    let message = format!(
        "{title} answered with status {status}, and yet with an error ({}). {}",
        error.names(),
        context.next_step_in_doubt()
    );
    Reply::outcome_unknown(Problem::new(ProblemKind::Malformed, message))
}

/// What a well-formed OAuth error with a fitting status means.
fn oauth_error(status: StatusCode, error: &ErrorResponse, context: &RequestContext<'_>) -> Reply {
    let problem = error_message::problem(error, context);
    match consequence(problem.kind) {
        Consequence::Rejected
            if problem.kind == ProblemKind::InvalidGrant && status == StatusCode::FORBIDDEN =>
        {
            Reply::outcome_unknown(misplaced(context))
        }
        Consequence::Rejected => Reply::Rejected(problem),
        Consequence::Misconfigured => Reply::Misconfigured(problem),
        Consequence::Throttled | Consequence::Doubt => Reply::outcome_unknown(problem),
    }
}

fn throttled(raw: &RawReply, problem: Problem, default: Duration) -> Reply {
    Reply::Throttled {
        retry_after: retry_after::retry_after(&raw.headers, raw.received_at, default),
        problem,
    }
}

/// The pause that a reply asks for, if it does.
fn announced_pause(raw: &RawReply) -> Option<Duration> {
    retry_after::is_present(&raw.headers)
        .then(|| retry_after::retry_after(&raw.headers, raw.received_at, UNAVAILABLE_FOR))
}

/// What is wrong with a body that is no token or error response.
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
    Reply::outcome_unknown(doubtful(kind, raw, context))
}

fn doubtful(kind: ProblemKind, raw: &RawReply, context: &RequestContext<'_>) -> Problem {
    let title = &context.provider.title;
    let status = raw.status.as_u16();
    let what = match kind {
        ProblemKind::Redirected => format!(
            "{title} sent the request elsewhere (status {status}), which is not followed. If it has moved, change the account's server."
        ),
        ProblemKind::ServerError => format!("{title} failed with status {status}."),
        ProblemKind::Unavailable => format!(
            "{title}, or a server in front of it, is out of service for a while (status {status})."
        ),
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
    Problem::new(kind, format!("{what} {}", context.next_step_in_doubt()))
}

fn misplaced(context: &RequestContext<'_>) -> Problem {
    let title = &context.provider.title;
    Problem::new(
        ProblemKind::UnknownError,
        format!(
            "{title} refused with invalid_grant under status 403, which does not belong together. {} If this lasts, sign in again.",
            context.next_step_in_doubt()
        ),
    )
}

fn too_many(context: &RequestContext<'_>) -> Problem {
    let title = &context.provider.title;
    Problem::new(
        ProblemKind::Throttled,
        format!(
            "{title} was asked for tokens too often (status 429). Nothing is sent for a while. {}",
            context.next_step()
        ),
    )
}

fn unavailable(context: &RequestContext<'_>) -> Problem {
    let title = &context.provider.title;
    Problem::new(
        ProblemKind::Unavailable,
        format!(
            "{title} is out of service for a while (status 503). {}",
            context.next_step()
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
