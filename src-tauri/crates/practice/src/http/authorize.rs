//! The authorization endpoint (RFC 6749, section 3.1) and the pages that a person goes through.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use url::Url;

use super::context::Context;
use super::form::Form;
use super::observation::RequestOutcome;
use crate::clients::{REDIRECT_URIS, RegisteredClient};
use crate::pages;
use crate::paths;
use crate::pkce::Challenge;
use crate::state::authorization::{Authorization, CODE_LIFE};
use crate::users::{PASSWORD, UserId};

/// Why an authorization request fails.
enum RejectedAuthorization {
    /// There is no redirect URI to trust: the person is told on a page (RFC 6749, section 4.1.2.1).
    Untrusted(&'static str),
    /// The app is told by a redirect.
    Refused {
        redirect_uri: String,
        state: Option<String>,
        error: &'static str,
        description: &'static str,
    },
}

/// `GET /restapi/oauth/authorize`: the sign-in page, for a request that is in order.
pub(crate) async fn begin(
    State(context): State<Arc<Context>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    match Form::of_query(&query)
        .map_err(|_| RejectedAuthorization::Untrusted("A parameter comes twice."))
        .and_then(read)
    {
        Ok(authorization) => {
            let client = authorization.client;
            let id = context
                .state()
                .authorizations
                .begin(authorization, context.clock.now());
            outcome(
                "begun",
                pages::sign_in(&id, client, context.options.users, None).into_response(),
            )
        }
        Err(RejectedAuthorization::Untrusted(why)) => outcome(
            "untrusted",
            (StatusCode::BAD_REQUEST, pages::failure(why)).into_response(),
        ),
        Err(RejectedAuthorization::Refused {
            redirect_uri,
            state,
            error,
            description,
        }) => {
            let parameters = [("error", error), ("error_description", description)];
            outcome(error, back_to(&redirect_uri, &parameters, state.as_deref()))
        }
    }
}

fn read(query: Form) -> Result<Authorization, RejectedAuthorization> {
    let client = query
        .get("client_id")
        .and_then(RegisteredClient::by_id)
        .ok_or(RejectedAuthorization::Untrusted(
            "No app with this client_id is registered here.",
        ))?;
    let redirect_uri = query
        .get("redirect_uri")
        .filter(|uri| REDIRECT_URIS.contains(uri))
        .ok_or(RejectedAuthorization::Untrusted(
            "This redirect_uri is not registered for the context. It is compared character by character.",
        ))?
        .to_owned();
    let state = query.get("state").map(str::to_owned);
    let refuse = |error, description| RejectedAuthorization::Refused {
        redirect_uri: redirect_uri.clone(),
        state: state.clone(),
        error,
        description,
    };
    if query.get("response_type") != Some("code") {
        return Err(refuse(
            "unsupported_response_type",
            "Only response_type=code is supported",
        ));
    }
    let challenge =
        challenge(&query, client).map_err(|description| refuse("invalid_request", description))?;
    Ok(Authorization {
        client,
        redirect_uri,
        state,
        challenge,
        user: None,
    })
}

/// The code challenge (RFC 7636, section 4.3), which a public client must send; or what is wrong with it.
fn challenge(query: &Form, client: RegisteredClient) -> Result<Option<Challenge>, &'static str> {
    match query.get("code_challenge") {
        Some(challenge) => Challenge::new(challenge, query.get("code_challenge_method"))
            .map(Some)
            .ok_or("The code challenge or its method is invalid"),
        None if client == RegisteredClient::Public => {
            Err("A public client must send a code_challenge")
        }
        None => Ok(None),
    }
}

/// `GET /practice/sign-in`: the sign-in page again, to sign in as another user.
pub(crate) async fn show_sign_in(
    State(context): State<Arc<Context>>,
    RawQuery(query): RawQuery,
) -> Response {
    let id = request_id(&query.unwrap_or_default());
    let client = context
        .state()
        .authorizations
        .get_mut(&id, context.clock.now())
        .map(|under_way| under_way.client);
    match client {
        Some(client) => pages::sign_in(&id, client, context.options.users, None).into_response(),
        None => over(),
    }
}

/// `POST /practice/sign-in`: name and password.
pub(crate) async fn sign_in(
    State(context): State<Arc<Context>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let Ok(form) = Form::parse(&headers, body.as_bytes()) else {
        return over();
    };
    let id = form.get("request").unwrap_or_default();
    let name = form.get("name").unwrap_or_default().trim();
    let user = UserId::by_name(name, context.options.users)
        .filter(|_| form.get("password") == Some(PASSWORD));
    let mut state = context.state();
    let Some(under_way) = state.authorizations.get_mut(id, context.clock.now()) else {
        return over();
    };
    under_way.user = user;
    if user.is_none() {
        let page = pages::sign_in(id, under_way.client, context.options.users, Some(name));
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    }
    Redirect::to(&format!("{}?request={id}", paths::CONSENT)).into_response()
}

/// `GET /practice/consent`: the consent page.
pub(crate) async fn show_consent(
    State(context): State<Arc<Context>>,
    RawQuery(query): RawQuery,
) -> Response {
    let id = request_id(&query.unwrap_or_default());
    let mut state = context.state();
    match state.authorizations.get_mut(&id, context.clock.now()) {
        Some(Authorization {
            client,
            redirect_uri,
            user: Some(user),
            ..
        }) => pages::consent(&id, *client, *user, redirect_uri).into_response(),
        Some(Authorization { client, .. }) => {
            pages::sign_in(&id, *client, context.options.users, None).into_response()
        }
        None => over(),
    }
}

/// `POST /practice/consent`: back to the app, with a code or with `access_denied`.
pub(crate) async fn consent(
    State(context): State<Arc<Context>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let Ok(form) = Form::parse(&headers, body.as_bytes()) else {
        return over();
    };
    let id = form.get("request").unwrap_or_default();
    let now = context.clock.now();
    let mut state = context.state();
    let Some(user) = state
        .authorizations
        .get_mut(id, now)
        .and_then(|under_way| under_way.user)
    else {
        return over();
    };
    let Some(authorization) = state.authorizations.finish(id, now) else {
        return over();
    };
    let redirect_uri = authorization.redirect_uri.clone();
    let client_state = authorization.state.clone();
    if form.get("decision") != Some("allow") {
        let denied = [
            ("error", "access_denied"),
            ("error_description", "The user denied access"),
        ];
        return back_to(&redirect_uri, &denied, client_state.as_deref());
    }
    let code = state.authorizations.issue_code(authorization, user, now);
    let life = CODE_LIFE.as_secs().to_string();
    back_to(
        &redirect_uri,
        &[("code", &code), ("expires_in", &life)],
        client_state.as_deref(),
    )
}

fn request_id(query: &str) -> String {
    Form::of_query(query)
        .ok()
        .and_then(|query| query.get("request").map(str::to_owned))
        .unwrap_or_default()
}

/// A redirect to the app. Its `state` comes back as it was.
fn back_to(redirect_uri: &str, parameters: &[(&str, &str)], state: Option<&str>) -> Response {
    let Ok(mut url) = Url::parse(redirect_uri) else {
        return over();
    };
    url.query_pairs_mut()
        .extend_pairs(parameters)
        .extend_pairs(state.map(|state| ("state", state)));
    Redirect::to(url.as_str()).into_response()
}

/// The page for a sign-in that is not under way (any more).
fn over() -> Response {
    let why = "This sign-in is over: it was finished already, or it took more than ten minutes.";
    (StatusCode::BAD_REQUEST, pages::failure(why)).into_response()
}

fn outcome(word: &'static str, mut response: Response) -> Response {
    response.extensions_mut().insert(RequestOutcome {
        grant: None,
        word,
        user: None,
    });
    response
}
