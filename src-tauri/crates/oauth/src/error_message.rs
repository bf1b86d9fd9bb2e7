//! Messages for the token endpoint's error responses: what happened, and what to do about it.

use crate::error_response::{Consequence, ErrorResponse, consequence};
use crate::problem::{Problem, ProblemKind};
use crate::request_context::{Purpose, RequestContext};

/// The problem that an error response reports.
pub(crate) fn problem(error: &ErrorResponse, context: &RequestContext<'_>) -> Problem {
    let kind = error.kind();
    let message = match consequence(kind) {
        Consequence::Rejected if kind == ProblemKind::InvalidGrant => dead_grant(error, context),
        Consequence::Rejected => account_refused(error, context),
        Consequence::Misconfigured => misconfigured(kind, error, context),
        Consequence::Throttled | Consequence::Doubt => not_conclusive(kind, error, context),
    };
    Problem::new(kind, message)
}

fn dead_grant(error: &ErrorResponse, context: &RequestContext<'_>) -> String {
    let (title, names) = (&context.provider.title, error.names());
    match context.purpose {
        Purpose::Exchange => format!(
            "{title} does not take the code of this sign-in ({names}): a code works once, and for about a minute. Sign in again."
        ),
        Purpose::Present => format!(
            "{title} does not take this JWT ({names}): it was deleted or has expired, or is for another app or server. Create another one{} and give it to the account.",
            console(context)
        ),
        Purpose::Refresh | Purpose::Revoke => format!(
            "{title} has ended this sign-in ({names}), so its token cannot be renewed any more. Sign in again."
        ),
    }
}

fn account_refused(error: &ErrorResponse, context: &RequestContext<'_>) -> String {
    let (title, names) = (&context.provider.title, error.names());
    let state = if error.has_code("OAU-147") || error.has_code("OAU-148") {
        "the account is locked after too many wrong passwords"
    } else if error.has_code("OAU-168") {
        "a second factor is required"
    } else if error.has_code("OAU-136") {
        "the user is not there any more"
    } else if error.has_code("OAU-140") {
        "the credentials are not right"
    } else {
        "user or account are not allowed to log in in their present state"
    };
    format!(
        "{title} does not let this user in ({names}): {state}. Settle that there or with your administrator, then sign in again."
    )
}

fn misconfigured(kind: ProblemKind, error: &ErrorResponse, context: &RequestContext<'_>) -> String {
    let (title, names) = (&context.provider.title, error.names());
    let (grant, console) = (grant(context.purpose), console(context));
    match kind {
        ProblemKind::InvalidClient if error.has_code("OAU-165") => format!(
            "{title} knows this client in its sandbox only ({names}). Give the account a production client, or the sandbox's server."
        ),
        ProblemKind::InvalidClient => format!(
            "{title} does not accept this client ({names}). Compare the account's client id, secret and server with the app's settings{console}."
        ),
        ProblemKind::UnauthorizedClient => format!(
            "{title} does not let this app sign in in this way ({names}). Allow {grant} in the app's settings{console}."
        ),
        ProblemKind::UnsupportedGrantType => format!(
            "{title} does not offer {grant} ({names}). Choose another way to sign in for the account."
        ),
        ProblemKind::InvalidScope => format!(
            "{title} does not grant the requested scope ({names}). Change the account's scope, or the app's permissions{console}."
        ),
        ProblemKind::RedirectMismatch => format!(
            "{title} does not know this redirect URI ({names}). Register exactly {} in the app's settings{console}, or give the account one that is registered there; every character counts.",
            redirect_uri(context)
        ),
        ProblemKind::AssertionRefused => format!(
            "{title} does not take this kind of JWT ({names}). Create one in the developer console{console} and give it to the account; a JWT that you signed yourself will not do."
        ),
        _ => format!(
            "{title} could not make sense of the request ({names}). Check the account's grant, server and redirect URI."
        ),
    }
}

fn not_conclusive(
    kind: ProblemKind,
    error: &ErrorResponse,
    context: &RequestContext<'_>,
) -> String {
    let (title, names) = (&context.provider.title, error.names());
    match kind {
        ProblemKind::Throttled => format!(
            "{title} was asked for tokens too often ({names}). Nothing is sent for a while. {}",
            context.next_step()
        ),
        ProblemKind::DuplicateRequest => format!(
            "{title} is at work on the same request already ({names}). {}",
            context.next_step_in_doubt()
        ),
        _ => format!(
            "{title} refused with {names}, which Tokenkeep cannot interpret. {} If this lasts, check the app's settings.",
            context.next_step_in_doubt()
        ),
    }
}

fn grant(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Exchange => "the authorization code flow",
        Purpose::Refresh => "refresh tokens",
        Purpose::Present => "JWT sign-in",
        Purpose::Revoke => "revocation",
    }
}

fn redirect_uri<'a>(context: &RequestContext<'a>) -> &'a str {
    let uri = context.client.redirect_uri.as_ref();
    uri.map_or("the account's redirect URI", |uri| uri.as_str())
}

/// The developer console's address in brackets, where the provider has one.
fn console(context: &RequestContext<'_>) -> String {
    let url = context.provider.console_url.as_ref();
    url.map(|url| format!(" ({url})")).unwrap_or_default()
}
