//! Refusals in words: what happened, what it means, and what to do.

use crate::problem::{Problem, ProblemKind};
use crate::refusal::Refusal;
use crate::request_context::{Purpose, RequestContext};

/// The problem that a refusal is, told to a person.
pub(crate) fn refused(refusal: &Refusal, context: &RequestContext<'_>) -> Problem {
    let kind = refusal.kind();
    let title = &context.provider.title;
    let named = refusal.named();
    let message = match kind {
        ProblemKind::InvalidGrant => dead_grant(&named, context),
        ProblemKind::AccountRefused => format!(
            "{title} does not let this user in ({named}): {}. Settle that there or with your administrator, then sign in again.",
            account_state(refusal)
        ),
        ProblemKind::InvalidClient if refusal.has_code("OAU-165") => format!(
            "{title} knows this client in its sandbox only ({named}). Give the account a production client, or the sandbox's server."
        ),
        ProblemKind::InvalidClient => format!(
            "{title} does not accept this client ({named}). Compare the account's client id, secret and server with the app's settings{}.",
            console(context)
        ),
        ProblemKind::UnauthorizedClient => format!(
            "{title} does not let this app sign in in this way ({named}). Allow {} in the app's settings{}.",
            grant(context.purpose),
            console(context)
        ),
        ProblemKind::UnsupportedGrantType => format!(
            "{title} does not offer {} ({named}). Choose another way to sign in for the account.",
            grant(context.purpose)
        ),
        ProblemKind::InvalidScope => format!(
            "{title} does not grant the requested scope ({named}). Change the account's scope, or the app's permissions{}.",
            console(context)
        ),
        ProblemKind::RedirectMismatch => format!(
            "{title} does not know this redirect URI ({named}). Register exactly {} in the app's settings{}, or give the account one that is registered there; every character counts.",
            context
                .client
                .redirect_uri
                .as_ref()
                .map_or("the account's redirect URI", |uri| uri.as_str()),
            console(context)
        ),
        ProblemKind::AssertionRefused => format!(
            "{title} does not take this kind of JWT ({named}). Create one in the developer console{} and give it to the account; a JWT that you signed yourself will not do.",
            console(context)
        ),
        ProblemKind::InvalidRequest => format!(
            "{title} could not make sense of the request ({named}). Check the account's grant, server and redirect URI."
        ),
        ProblemKind::Throttled => format!(
            "{title} was asked for tokens too often ({named}). Nothing is sent for a while. {}",
            context.next()
        ),
        ProblemKind::DuplicateRequest => format!(
            "{title} is at work on the same request already ({named}). {}",
            context.next_in_doubt()
        ),
        _ => format!(
            "{title} refused with {named}, which Tokenkeep cannot interpret. {} If this lasts, check the app's settings.",
            context.next_in_doubt()
        ),
    };
    Problem::new(kind, message)
}

fn dead_grant(named: &str, context: &RequestContext<'_>) -> String {
    let title = &context.provider.title;
    match context.purpose {
        Purpose::Exchange => format!(
            "{title} does not take the code of this sign-in ({named}): a code works once, and for about a minute. Sign in again."
        ),
        Purpose::Present => format!(
            "{title} does not take this JWT ({named}): it was deleted or has expired, or is for another app or server. Create another one{} and give it to the account.",
            console(context)
        ),
        Purpose::Refresh | Purpose::Revoke => format!(
            "{title} has ended this sign-in ({named}), so its token cannot be renewed any more. Sign in again."
        ),
    }
}

fn account_state(refusal: &Refusal) -> &'static str {
    if refusal.has_code("OAU-147") || refusal.has_code("OAU-148") {
        "the account is locked after too many wrong passwords"
    } else if refusal.has_code("OAU-168") {
        "a second factor is required"
    } else if refusal.has_code("OAU-136") {
        "the user is not there any more"
    } else if refusal.has_code("OAU-140") {
        "the credentials are not right"
    } else {
        "user or account are not allowed to log in in their present state"
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

fn console(context: &RequestContext<'_>) -> String {
    context
        .provider
        .console_url
        .as_ref()
        .map(|url| format!(" ({url})"))
        .unwrap_or_default()
}
