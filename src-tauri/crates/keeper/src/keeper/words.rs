//! What the keeper says in words: why a request failed; in the modules below, what happened to an account, and notices.

mod news;
mod notice;

use tokenkeep_oauth::Problem;

use super::api::Unconfirmed;
use super::error::{ErrorKind, KeeperError, in_words};
use crate::config::{AccountName, ConfigError};
use crate::vault::{Binding, VaultError};
use tokenkeep_protocol::account::{NotServed, WaitedFor};
use tokenkeep_protocol::clock::Now;
use tokenkeep_protocol::when::When;

pub(super) use news::news;
pub(super) use notice::{notice, session_left};

/// Why a reader of `name` got no token.
pub(super) fn not_served(name: &AccountName, why: &NotServed) -> KeeperError {
    match why {
        NotServed::SignInNeeded(problem) => {
            let why = problem.as_ref().map_or_else(
                || format!("There is no sign-in to {name} that lasts, so there is no token."),
                |problem| problem.message.clone(),
            );
            let message = format!("{why} Sign in with `tokenkeep sign-in {name}`.");
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
                 it. Ask for the current one with `tokenkeep get {name}`."
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
        "{problem} It is tried again by itself in a while, or at once with `tokenkeep refresh {name}`. \
         Where what is kept here is wrong (client id, secret, JWT), remove the account with \
         `tokenkeep remove {name}`, and add it again."
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
             finish, or ask for less. See who it is with `tokenkeep leases {name}`."
        ),
        WaitedFor::Failing(problem) => format!("{name} cannot be renewed just now. {problem}"),
        WaitedFor::Paced => format!(
            "The provider takes only so many token requests a minute, and they are used up for now. \
             {name} is renewed as soon as the next one is allowed; try again in a minute."
        ),
        WaitedFor::Misconfigured(problem) => problem.message.clone(),
        WaitedFor::Vault(message) => message.clone(),
    }
}

/// The configuration names another client or server than the secrets were given for.
pub(super) fn unconfirmed(name: &AccountName, change: &Unconfirmed) -> String {
    let Unconfirmed { before, now } = change;
    format!(
        "The secrets of {name} were given for {}, and config.toml now names {}. So nothing is sent, and its tokens are \
         kept. If you want this change, agree to it with `tokenkeep confirm {name}`; if not, undo it in config.toml \
         and start Tokenkeep again.",
        binding(before),
        binding(now)
    )
}

fn binding(binding: &Binding) -> String {
    let Binding { client_id, origins } = binding;
    format!("the client {client_id} at {}", origins.join(" and "))
}

pub(super) fn not_configured(name: &AccountName) -> KeeperError {
    let message = format!(
        "There is no account called {name} here that could take this over. Add it first with `tokenkeep add {name}`, \
         without signing in, then adopt again; what was found is left as it is."
    );
    KeeperError {
        kind: ErrorKind::NoSuchAccount,
        message,
        field: Some("name".into()),
    }
}

pub(super) fn no_such_orphan(home: &str, name: &AccountName) -> KeeperError {
    let message = format!(
        "The home {home} has left nothing of an account called {name} in the keychain. See what there is with \
         `tokenkeep adopt`."
    );
    KeeperError {
        kind: ErrorKind::NoSuchAccount,
        message,
        field: Some("home".into()),
    }
}

pub(super) fn signed_in_already(name: &AccountName) -> KeeperError {
    let message = format!(
        "The account {name} has tokens of its own here, and they are left as they are. Delete what the other home has \
         left with `tokenkeep adopt {name} --delete`, or remove the account first and add it again."
    );
    KeeperError {
        kind: ErrorKind::AccountExists,
        message,
        field: Some("name".into()),
    }
}

pub(super) fn home_in_use(home: &str) -> KeeperError {
    KeeperError::invalid(
        "home",
        format!(
            "A keeper of the home {home} is running, so its keychain items are in use and left as they are. End that \
             keeper first, if you want to take them from it."
        ),
    )
}

pub(super) fn not_what_was_agreed(name: &AccountName) -> KeeperError {
    let message = format!(
        "The configuration of {name} does not name the client and the servers that were agreed to, so nothing is sent. \
         See what it names with `tokenkeep confirm {name}`."
    );
    KeeperError::invalid("origins", message)
}

pub(super) fn no_such_account(name: &AccountName) -> KeeperError {
    let message =
        format!("There is no account called {name}. See what there is with `tokenkeep list`.");
    KeeperError {
        kind: ErrorKind::NoSuchAccount,
        message,
        field: Some("name".into()),
    }
}

pub(super) fn being_removed(name: &AccountName) -> KeeperError {
    KeeperError {
        kind: ErrorKind::AccountExists,
        message: format!(
            "The account {name} is just being removed, so its name is not free yet. Try again in a moment."
        ),
        field: Some("name".into()),
    }
}

pub(super) fn no_such_lease(id: u64) -> KeeperError {
    let message = format!(
        "There is no lease {id}: it has ended, or was never taken. See what there is with `tokenkeep leases`."
    );
    KeeperError::new(ErrorKind::NoSuchLease, message)
}

pub(super) fn vault_error(error: &VaultError) -> KeeperError {
    KeeperError::new(ErrorKind::VaultUnavailable, error.to_string())
}

pub(super) fn config_error(error: &ConfigError) -> KeeperError {
    match error {
        ConfigError::WrongAccount { field, .. } => KeeperError::invalid(field, error.to_string()),
        ConfigError::Exists { .. } => KeeperError {
            kind: ErrorKind::AccountExists,
            message: error.to_string(),
            field: Some("name".into()),
        },
        _ => KeeperError::new(ErrorKind::StorageUnavailable, error.to_string()),
    }
}

pub(super) fn sign_in_error(message: impl Into<String>) -> KeeperError {
    KeeperError::new(ErrorKind::SignInFailed, message)
}

/// When something is to be done, for the log.
pub(super) fn when(when: When, now: Now) -> String {
    match when {
        When::Now => "now".to_owned(),
        When::At(at) => format!("in {}", in_words(now.tick.until(at))),
        When::Never => "not by time alone".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn name() -> AccountName {
        "demo".parse().unwrap()
    }

    #[test]
    fn a_reader_that_is_not_served_is_told_what_to_do() {
        let error = not_served(&name(), &NotServed::SignInNeeded(None));
        assert_eq!(error.kind, ErrorKind::SignInNeeded);
        assert!(
            error
                .message
                .ends_with(" Sign in with `tokenkeep sign-in demo`.")
        );
        let too_long = NotServed::TooLong {
            lifetime: Duration::from_secs(3600),
            longest: Duration::from_secs(3000),
        };
        let error = not_served(&name(), &too_long);
        assert!(error.message.contains("1 h") && error.message.contains("50 min"));
        assert_eq!(error.field.as_deref(), Some("min_validity"));
    }
}
