//! The token endpoint (RFC 6749, section 3.2; RFC 7523 for assertions).

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::client_authentication::authenticate;
use super::context::Context;
use super::error_response::error_response;
use super::form::Form;
use super::injection::NoRefreshToken;
use super::observation::RequestOutcome;
use crate::clients::RegisteredClient;
use crate::jwt;
use crate::oauth_error::OAuthError;
use crate::state::rate_limiter::{PENALTY, RateLimitVerdict, WINDOW};
use crate::state::sessions::Refreshed;
use crate::state::terms::Terms;
use crate::users::UserId;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// A successful answer: its body, and for the log its kind and its user.
struct Granted {
    answer: String,
    word: &'static str,
    user: Option<UserId>,
}

/// `POST /restapi/oauth/token`
pub(crate) async fn handle(
    State(context): State<Arc<Context>>,
    no_refresh_token: Option<Extension<NoRefreshToken>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match Form::parse(&headers, &body) {
        Ok(form) => form,
        Err(error) => return error_response(None, &error),
    };
    let grant = Some(loggable_grant(form.get("grant_type")));
    let client = match authenticate(&headers, &form) {
        Ok(client) => client,
        Err(error) => return error_response(grant, &error),
    };
    let verdict = context
        .state()
        .rate_limiter
        .count(client, context.clock.now());
    let mut response = match &verdict {
        RateLimitVerdict::Over { .. } => error_response(grant, &OAuthError::Throttled),
        _ => match grant_tokens(&context, client, &form, no_refresh_token.is_some()) {
            Ok(granted) => succeeded(grant, granted),
            Err(error) => error_response(grant, &error),
        },
    };
    tell_quota(response.headers_mut(), &verdict);
    response
}

fn grant_tokens(
    context: &Context,
    client: RegisteredClient,
    form: &Form,
    no_refresh_token: bool,
) -> Result<Granted, OAuthError> {
    let refresh_ttl = if no_refresh_token {
        Some(0)
    } else {
        form.seconds("refresh_token_ttl")?
    };
    let terms = Terms::new(
        &context.options,
        form.seconds("access_token_ttl")?,
        refresh_ttl,
    );
    match form.require("grant_type")? {
        "authorization_code" => exchange_code(context, client, form, terms),
        "refresh_token" => refresh(context, client, form, terms),
        JWT_BEARER => present_assertion(context, client, form, terms),
        _ => Err(OAuthError::GrantUnsupported),
    }
}

fn exchange_code(
    context: &Context,
    client: RegisteredClient,
    form: &Form,
    terms: Terms,
) -> Result<Granted, OAuthError> {
    let code = form.require("code")?;
    let redirect_uri = form.require("redirect_uri")?;
    let verifier = form.get("code_verifier");
    let user = context.state().authorizations.redeem(
        code,
        client,
        redirect_uri,
        verifier,
        context.clock.now(),
    )?;
    Ok(open_session(context, user, client, form, terms))
}

/// Only confidential clients may present an assertion (docs/authentication/jwt-flow.md).
fn present_assertion(
    context: &Context,
    client: RegisteredClient,
    form: &Form,
    terms: Terms,
) -> Result<Granted, OAuthError> {
    if client != RegisteredClient::Confidential {
        return Err(OAuthError::GrantUnauthorized);
    }
    let assertion = form.require("assertion")?;
    let user = jwt::verify(assertion, context.options.users, context.clock.wall())
        .map_err(OAuthError::Assertion)?;
    Ok(open_session(context, user, client, form, terms))
}

fn open_session(
    context: &Context,
    user: UserId,
    client: RegisteredClient,
    form: &Form,
    terms: Terms,
) -> Granted {
    let endpoint_id = form.get("endpoint_id").map(str::to_owned);
    let answer =
        context
            .state()
            .sessions
            .open(user, client, endpoint_id, terms, context.clock.now());
    Granted {
        answer,
        word: "issued",
        user: Some(user),
    }
}

fn refresh(
    context: &Context,
    client: RegisteredClient,
    form: &Form,
    terms: Terms,
) -> Result<Granted, OAuthError> {
    let refresh_token = form.require("refresh_token")?;
    let sessions = &mut context.state().sessions;
    let user = sessions.of_token(refresh_token).map(|session| session.user);
    let (answer, word) =
        match sessions.refresh(client, refresh_token, terms, context.clock.now())? {
            Refreshed::Renewed(answer) => (answer, "issued"),
            Refreshed::Replayed(answer) => (answer, "replayed"),
        };
    Ok(Granted { answer, word, user })
}

fn succeeded(grant: Option<&'static str>, granted: Granted) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json;charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (PRAGMA, "no-cache"),
    ];
    let mut response = (headers, granted.answer).into_response();
    response.extensions_mut().insert(RequestOutcome {
        grant,
        word: granted.word,
        user: granted.user,
    });
    response
}

/// `X-Rate-Limit-*`, and `Retry-After` (docs/basics/rate-limits.md).
fn tell_quota(headers: &mut HeaderMap, verdict: &RateLimitVerdict) {
    let (limit, remaining) = match *verdict {
        RateLimitVerdict::Unlimited => return,
        RateLimitVerdict::Within { limit, remaining } => (limit, remaining),
        RateLimitVerdict::Over { limit } => {
            headers.insert(RETRY_AFTER, HeaderValue::from(PENALTY.as_secs()));
            (limit, 0)
        }
    };
    headers.insert(
        HeaderName::from_static("x-rate-limit-group"),
        HeaderValue::from_static("auth"),
    );
    headers.insert(
        HeaderName::from_static("x-rate-limit-limit"),
        HeaderValue::from(limit),
    );
    headers.insert(
        HeaderName::from_static("x-rate-limit-remaining"),
        HeaderValue::from(remaining),
    );
    headers.insert(
        HeaderName::from_static("x-rate-limit-window"),
        HeaderValue::from(WINDOW.as_secs()),
    );
}

/// The grant type in our own word, because the client may have written anything.
fn loggable_grant(grant_type: Option<&str>) -> &'static str {
    match grant_type {
        Some("authorization_code") => "authorization_code",
        Some("refresh_token") => "refresh_token",
        Some(JWT_BEARER) => "jwt_bearer",
        _ => "unknown_grant",
    }
}
