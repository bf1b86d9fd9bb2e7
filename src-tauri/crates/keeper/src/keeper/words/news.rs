//! What happened to an account, in words for people.

use std::time::Duration;

use tokenkeep_oauth::Fingerprint;

use super::super::error::in_words;
use tokenkeep_protocol::account::{Method, News};

/// What happened to an account, in whole sentences.
pub(in super::super) fn news(news: &News) -> String {
    match news {
        News::Renewed {
            method,
            fingerprint,
            lifetime,
            expiry_assumed,
            unsaved,
            ..
        } => renewed(*method, *fingerprint, *lifetime, *expiry_assumed, *unsaved),
        News::Sent { method, .. } => match method {
            Method::Refresh => "Presented the refresh token.",
            Method::Assertion => "Presented the JWT.",
            Method::Code => "Presented the authorization code.",
        }
        .to_owned(),
        News::Failed { problem, .. } => {
            format!("No new token came; what there is stays as it was. {problem}")
        }
        News::InDoubt { problem, .. } => {
            format!("In doubt: nobody is served until the outcome is known. {problem}")
        }
        News::Rejected { problem, .. } => problem.message.clone(),
        News::LateAnswer { .. } => {
            "An answer came to a request that no longer mattered; its session is ended.".to_owned()
        }
        News::LeasesOverridden { .. } => {
            "The last safe moment has come: the token is renewed although it is in use.".to_owned()
        }
        News::TokenRefused {
            fingerprint,
            again: false,
        } => format!(
            "A reader says that an API refused token {fingerprint}. Nobody gets it until a renewal has answered."
        ),
        News::TokenRefused {
            fingerprint,
            again: true,
        } => format!(
            "A reader says that an API refused token {fingerprint}, too, just after it came. So the refusals are not \
             about the token, and it is not renewed for them."
        ),
        News::VaultFailed { message } => message.clone(),
        News::SavedLate { .. } => "What was not saved before is in the keychain now.".to_owned(),
        News::Removed => "Removed.".to_owned(),
    }
}

fn renewed(
    method: Method,
    fingerprint: Fingerprint,
    lifetime: Duration,
    expiry_assumed: bool,
    unsaved: bool,
) -> String {
    let how = match method {
        Method::Refresh => "Renewed by its refresh token",
        Method::Assertion => "Signed in by JWT",
        Method::Code => "Signed in",
    };
    let assumed = match expiry_assumed {
        true => " (assumed: the provider named no life)",
        false => "",
    };
    let not_saved = match unsaved {
        true => "; not saved in the keychain yet",
        false => "",
    };
    let lifetime = in_words(lifetime);
    format!("{how}: token {fingerprint} lives for {lifetime}{assumed}{not_saved}.")
}
