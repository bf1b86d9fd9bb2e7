//! What the heart says, in words for people: refusals, notices, lines of the journal.

use chrono::{DateTime, Local, TimeDelta, Utc};
use tokenkeep_oauth::Problem;

use super::error::{ErrorKind, KeeperError, in_words};
use super::happening::NoticeView;
use crate::config::{AccountName, ConfigError};
use crate::vault::VaultError;
use tokenkeep_protocol::account::{
    Cause, Method, News, NotServed, Notice, NoticeKey, Topic, WaitedFor,
};
use tokenkeep_protocol::clock::Now;

/// WaitedFor a reader of `name` got no token.
pub(super) fn not_served(name: &AccountName, why: &NotServed) -> KeeperError {
    match why {
        NotServed::SignInNeeded(problem) => {
            let why = problem.as_ref().map_or_else(
                || format!("There is no sign-in to {name} that lasts, so there is no token."),
                |problem| problem.message.clone(),
            );
            let message = format!("{why} Sign in with: tokenkeep sign-in {name}");
            KeeperError::new(ErrorKind::SignInNeeded, message)
        }
        NotServed::Misconfigured(problem) => misconfigured(name, problem),
        NotServed::TooLong { lifetime, longest } => KeeperError {
            kind: ErrorKind::ValidityTooLong,
            field: Some("min_validity".into()),
            message: format!(
                "Tokens of {name} live for {}, so the most that can be asked for is {}. \
                 Ask for less validity, or for a shorter lease.",
                in_words(*lifetime),
                in_words(*longest)
            ),
        },
        NotServed::Replaced => KeeperError::new(
            ErrorKind::TokenReplaced,
            format!(
                "The token of {name} that was leased is not the current one any more, so there is no lease on \
                 it. Ask for the current one with: tokenkeep get {name}"
            ),
        ),
        NotServed::OutOfTime(why) => {
            KeeperError::new(out_of_time_kind(why), out_of_time(name, why))
        }
        NotServed::Removed => no_such_account(name),
        NotServed::Quitting => KeeperError::new(
            ErrorKind::Quitting,
            "The keeper is shutting down, so it hands out no more tokens. Start it again and repeat this.",
        ),
    }
}

fn misconfigured(name: &AccountName, problem: &Problem) -> KeeperError {
    let message = format!(
        "{problem} It is tried again by itself in a while, or at once with: tokenkeep refresh {name}. \
         Where what is kept here is wrong (client id, secret, JWT), remove the account and add it again: \
         tokenkeep remove {name}"
    );
    KeeperError::new(ErrorKind::Misconfigured, message)
}

fn out_of_time_kind(why: &WaitedFor) -> ErrorKind {
    match why {
        WaitedFor::Misconfigured(_) => ErrorKind::Misconfigured,
        WaitedFor::Vault(_) => ErrorKind::VaultUnavailable,
        WaitedFor::Renewing
        | WaitedFor::InDoubt(_)
        | WaitedFor::Leased
        | WaitedFor::Failing(_)
        | WaitedFor::Paced => ErrorKind::NoToken,
    }
}

fn out_of_time(name: &AccountName, why: &WaitedFor) -> String {
    match why {
        WaitedFor::Renewing => format!(
            "The token of {name} is being renewed, and the provider has not answered yet. \
             Nothing is lost; try again, or wait longer with --wait."
        ),
        WaitedFor::InDoubt(problem) => format!(
            "It is not known whether the last renewal of {name} went through, so its token is not handed \
             out until that is found out; this goes on by itself. {problem}"
        ),
        WaitedFor::Leased => format!(
            "The token of {name} is in use under a lease, so it is not replaced yet. Wait for its holder to \
             finish, or ask for less. See who it is with: tokenkeep leases {name}"
        ),
        WaitedFor::Failing(problem) => format!("{name} cannot be renewed just now. {problem}"),
        WaitedFor::Paced => format!(
            "The provider takes only so many token requests a minute, and they are used up for now. \
             {name} is renewed as soon as the next one is allowed; try again in a minute."
        ),
        WaitedFor::Misconfigured(problem) => problem.message.clone(),
        WaitedFor::Vault(message) => in_a_sentence(message),
    }
}

/// Messages of the vault begin small, because they also stand inside longer ones.
pub(super) fn in_a_sentence(message: &str) -> String {
    let mut letters = message.chars();
    let capital = letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect::<String>());
    format!("{}.", capital.unwrap_or_default().trim_end_matches('.'))
}

pub(super) fn no_such_account(name: &AccountName) -> KeeperError {
    let message =
        format!("There is no account called {name}. See what there is with: tokenkeep list");
    KeeperError {
        kind: ErrorKind::NoSuchAccount,
        message,
        field: Some("name".into()),
    }
}

pub(super) fn no_such_lease(id: u64) -> KeeperError {
    let message = format!(
        "There is no lease {id}: it has ended, or was never taken. See what there is with: tokenkeep leases"
    );
    KeeperError::new(ErrorKind::NoSuchLease, message)
}

pub(super) fn vault_error(error: &VaultError) -> KeeperError {
    KeeperError::new(
        ErrorKind::VaultUnavailable,
        in_a_sentence(&error.to_string()),
    )
}

pub(super) fn config_error(error: &ConfigError) -> KeeperError {
    match error {
        // It begins with the field's name, as the field is spelt.
        ConfigError::WrongAccount { field, .. } => KeeperError::invalid(field, format!("{error}.")),
        ConfigError::Exists { name } => KeeperError {
            kind: ErrorKind::AccountExists,
            message: format!(
                "There is an account called {name} already, and it is left as it is. Choose another name, or \
                 remove that one first: tokenkeep remove {name}"
            ),
            field: Some("name".into()),
        },
        _ => KeeperError::new(
            ErrorKind::StorageUnavailable,
            in_a_sentence(&error.to_string()),
        ),
    }
}

pub(super) fn sign_in_error(message: &str) -> KeeperError {
    KeeperError::new(ErrorKind::SignInFailed, in_a_sentence(message))
}

/// A notice as the user reads it.
pub(super) fn notice(name: &AccountName, notice: &Notice, now: Now) -> NoticeView {
    let until = notice
        .token_until
        .map(|until| clock(now.wall_at(until), now.wall));
    let until_then = until.map_or_else(
        || "There is no valid token now.".to_owned(),
        |until| format!("The current token can be used until {until}."),
    );
    let detail = notice.detail.clone().unwrap_or_default();
    let (title, body, sign_in) = match notice.key {
        NoticeKey::LapseAhead { lapse, .. } => {
            let at = clock(now.wall_at(lapse.at), now.wall);
            let what = ending(lapse.cause);
            let left = in_words(now.tick.until(lapse.at));
            let action = match lapse.cause {
                Cause::AssertionEnds => {
                    "Create a new JWT credential in the provider's console, remove the account and add it \
                     again with the new one."
                }
                _ => "Sign in again before then.",
            };
            let by_person = lapse.cause != Cause::AssertionEnds;
            (format!("{name} lapses in {left}"), format!("{what} ends at {at}. {action}"), by_person)
        }
        NoticeKey::About(topic, _) => match topic {
            Topic::SignInNeeded => (
                format!("{name}: sign in again"),
                format!("{detail} {until_then}").trim().to_owned(),
                true,
            ),
            Topic::Misconfigured => (
                format!("{name}: the provider refuses its set-up"),
                format!("{detail} {until_then}"),
                false,
            ),
            Topic::RenewalFailing => (
                format!("{name}: renewing keeps failing"),
                format!("{detail} {until_then}"),
                false,
            ),
            Topic::NoRefreshToken => (
                format!("{name}: no refresh token came"),
                format!("{detail} {until_then} After that somebody has to sign in again."),
                false,
            ),
            Topic::Unsaved => (
                format!("{name}: not saved yet"),
                "The keychain does not take the new tokens, so they are in memory only: do not end \
                 Tokenkeep before they are saved. Saving is tried again by itself; unlock or start the \
                 keychain."
                    .to_owned(),
                false,
            ),
            Topic::Recovered => (
                format!("{name} is fresh again"),
                "Its token was renewed; nothing is to be done.".to_owned(),
                false,
            ),
        },
    };
    let lapses_at = match notice.key {
        NoticeKey::LapseAhead { lapse, .. } => Some(now.wall_at(lapse.at)),
        NoticeKey::About(..) => None,
    };
    NoticeView {
        account: name.clone(),
        kind: notice.key.kind(),
        title,
        body,
        sign_in,
        lapses_at,
    }
}

fn ending(cause: Cause) -> &'static str {
    match cause {
        Cause::NoRefreshToken => "The access token, for which there is no refresh token,",
        Cause::RefreshTokenEnds => "The refresh token",
        Cause::SessionEnds => "The session",
        Cause::AssertionEnds => "The JWT credential",
    }
}

/// A moment on the wall: with its day where that is not close.
fn clock(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let local = at.with_timezone(&Local);
    if (at - now).abs() < TimeDelta::hours(20) {
        local.format("%H:%M:%S").to_string()
    } else {
        local.format("%Y-%m-%d %H:%M").to_string()
    }
}

/// What happened to an account, in a sentence.
pub(super) fn news(news: &News) -> String {
    match news {
        News::Renewed {
            method,
            fingerprint,
            lifetime,
            expiry_assumed,
            unsaved,
            ..
        } => {
            let how = match method {
                Method::Refresh => "Renewed by its refresh token",
                Method::Assertion => "Signed in by JWT",
                Method::Code => "Signed in",
            };
            let assumed = if *expiry_assumed {
                " (assumed: the provider named no life)"
            } else {
                ""
            };
            let not_saved = if *unsaved {
                "; not saved in the keychain yet"
            } else {
                ""
            };
            let lifetime = in_words(*lifetime);
            format!("{how}: token {fingerprint} lives for {lifetime}{assumed}{not_saved}.")
        }
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
        News::TokenRefused { fingerprint } => {
            format!("A reader says that an API refused token {fingerprint}.")
        }
        News::VaultFailed { message } => in_a_sentence(message),
        News::SavedLate { .. } => "What was not saved before is in the keychain now.".to_owned(),
        News::Removed => "Removed.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use tokenkeep_protocol::account::Lapse;
    use tokenkeep_protocol::clock::Tick;

    fn name() -> AccountName {
        "demo".parse().unwrap()
    }

    #[test]
    fn a_reader_that_is_not_served_is_told_what_to_do() {
        let error = not_served(&name(), &NotServed::SignInNeeded(None));
        assert_eq!(error.kind, ErrorKind::SignInNeeded);
        assert!(error.message.ends_with("tokenkeep sign-in demo"));
        let too_long = NotServed::TooLong {
            lifetime: Duration::from_secs(3600),
            longest: Duration::from_secs(3000),
        };
        let error = not_served(&name(), &too_long);
        assert!(error.message.contains("1 h") && error.message.contains("50 min"));
        assert_eq!(error.field.as_deref(), Some("min_validity"));
    }

    #[test]
    fn a_lapse_is_announced_with_its_time_left_and_the_thing_to_do() {
        let now = Now {
            tick: Tick::from_millis(0),
            wall: Utc::now(),
        };
        let lapse = Lapse {
            at: Tick::from_millis(900_000),
            cause: Cause::SessionEnds,
        };
        let key = NoticeKey::LapseAhead {
            lapse,
            lead: Duration::from_secs(900),
        };
        let view = notice(
            &name(),
            &Notice {
                key,
                detail: None,
                token_until: None,
            },
            now,
        );
        assert_eq!(view.title, "demo lapses in 15 min");
        assert!(view.body.starts_with("The session ends at ") && view.sign_in);
    }

    #[test]
    fn a_message_of_the_vault_becomes_a_sentence() {
        assert_eq!(
            in_a_sentence("the keychain is locked"),
            "The keychain is locked."
        );
        assert_eq!(in_a_sentence("all is well."), "All is well.");
    }
}
