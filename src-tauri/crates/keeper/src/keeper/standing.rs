//! What is said of how an account stands, and what can be done then: the same in the tray, the window and the command
//! line.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tokenkeep_protocol::account::{Cause, State};

use super::api::{AccountView, LapseView};
use super::error::in_words;

/// How far ahead a lapse is shown: a week, which is how long RingCentral's refresh tokens live.
pub const LAPSE_SHOWN: TimeDelta = TimeDelta::days(7);

/// What a state means to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The state in a word or two.
    pub word: &'static str,
    /// How good it is.
    pub tone: Tone,
    /// Whether a token comes by itself before long, if there is none.
    pub token_comes: bool,
    /// Whether there is something to renew a token with.
    pub can_refresh: bool,
    /// Whether a sign-in is what the account needs next.
    pub wants_sign_in: bool,
}

/// How good a state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// All is well.
    Good,
    /// Something is under way.
    Busy,
    /// Something is wrong that may pass by itself.
    Warn,
    /// A person has to do something.
    Bad,
    /// Nothing is kept fresh, and nothing is wrong.
    Idle,
}

impl Standing {
    /// What `state` means.
    #[must_use]
    pub const fn of(state: State) -> Self {
        let (word, tone) = match state {
            State::Loading => ("loading", Tone::Idle),
            State::SignedOut => ("signed out", Tone::Idle),
            State::Fresh => ("fresh", Tone::Good),
            State::Renewing => ("renewing", Tone::Busy),
            State::InDoubt => ("in doubt", Tone::Warn),
            State::Failing => ("failing", Tone::Warn),
            State::Misconfigured => ("misconfigured", Tone::Bad),
            State::SignInNeeded => ("sign in again", Tone::Bad),
            State::Removing => ("removing", Tone::Busy),
        };
        Self {
            word,
            tone,
            token_comes: matches!(
                state,
                State::Fresh | State::Renewing | State::InDoubt | State::Failing
            ),
            can_refresh: !matches!(
                state,
                State::Loading | State::SignedOut | State::SignInNeeded | State::Removing
            ),
            wants_sign_in: matches!(state, State::SignedOut | State::SignInNeeded),
        }
    }
}

impl AccountView {
    /// How long the access token is still valid, if it is.
    #[must_use]
    pub fn time_left(&self, now: DateTime<Utc>) -> Option<Duration> {
        let left = (self.expires_at? - now).to_std().ok()?;
        (!left.is_zero()).then_some(left)
    }

    /// Whether there is a token to copy, or one to wait for.
    #[must_use]
    pub fn can_copy(&self, now: DateTime<Utc>) -> bool {
        self.time_left(now).is_some() || Standing::of(self.state).token_comes
    }

    /// Whether something is wrong that does not pass by itself in a moment.
    #[must_use]
    pub fn needs_attention(&self, now: DateTime<Utc>) -> bool {
        match self.state {
            State::SignInNeeded | State::Misconfigured | State::Failing => true,
            // A doubt is found out within seconds, as a rule. One that has outlasted the token is a failure.
            State::InDoubt => self.time_left(now).is_none(),
            State::Loading => self.is_held_up(),
            State::SignedOut | State::Fresh | State::Renewing | State::Removing => false,
        }
    }

    /// Whether the keychain does not give what it holds of the account.
    #[must_use]
    pub fn is_held_up(&self) -> bool {
        self.state == State::Loading && self.problem.is_some()
    }
}

impl LapseView {
    /// What ends and what to do before, if that is near.
    #[must_use]
    pub fn warning(&self, now: DateTime<Utc>) -> Option<String> {
        let left = self.at - now;
        if left <= TimeDelta::zero() || left > LAPSE_SHOWN {
            return None;
        }
        let left = in_words(left.to_std().ok()?);
        Some(lapse_ahead(self.cause).replace(LEFT, &left))
    }
}

/// Stands for the time left in [`lapse_ahead`].
pub const LEFT: &str = "{left}";

/// What is said of a lapse ahead, with [`LEFT`] in the place of the time left.
#[must_use]
pub const fn lapse_ahead(cause: Cause) -> &'static str {
    match cause {
        Cause::NoRefreshToken => "There is no refresh token: sign in again within {left}.",
        Cause::RefreshTokenEnds => "The refresh token ends: sign in again within {left}.",
        Cause::SessionEnds => "The session ends: sign in again within {left}.",
        Cause::AssertionEnds => "The JWT credential ends in {left}: create a new one.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-01-01T12:00:00Z".parse().unwrap()
    }

    fn account(state: State, seconds_left: Option<i64>) -> AccountView {
        let view = serde_json::json!({
            "name": "work", "provider": "practice", "server": null, "grant": "code", "client_id": "id", "state": state,
            "problem": null, "generation": 1, "fingerprint": null, "issued_at": null,
            "expires_at": seconds_left.map(|left| now() + TimeDelta::seconds(left)), "expiry_assumed": false,
            "next_renewal": null, "refresh_expires_at": null, "lapse": null, "unsaved": false, "scope": null,
            "leases": [],
        });
        serde_json::from_value(view).unwrap()
    }

    #[test]
    fn a_token_that_lives_or_is_about_to_come_can_be_copied() {
        for (state, left, can) in [
            (State::SignedOut, None, false),
            (State::SignInNeeded, Some(-1), false),
            (State::SignInNeeded, Some(60), true),
            (State::Misconfigured, Some(60), true),
            (State::Failing, Some(-1), true),
            (State::Fresh, Some(-1), true),
        ] {
            assert_eq!(
                account(state, left).can_copy(now()),
                can,
                "{state:?}, {left:?}"
            );
        }
    }

    #[test]
    fn a_doubt_needs_attention_once_it_has_outlasted_the_token() {
        assert!(!account(State::InDoubt, Some(60)).needs_attention(now()));
        assert!(account(State::InDoubt, Some(-1)).needs_attention(now()));
    }

    #[test]
    fn a_keychain_that_is_locked_needs_attention_and_one_that_is_read_does_not() {
        let mut account = account(State::Loading, None);
        assert!(!account.needs_attention(now()));
        account.problem = Some("The keychain is locked.".to_owned());
        assert!(account.needs_attention(now()));
    }

    #[test]
    fn a_lapse_is_told_from_a_week_ahead_until_it_has_come() {
        let warning = |cause, seconds| {
            let at = now() + TimeDelta::seconds(seconds);
            LapseView { at, cause }.warning(now())
        };
        const WEEK: i64 = 7 * 86_400;
        assert_eq!(warning(Cause::SessionEnds, WEEK + 1), None);
        assert_eq!(warning(Cause::SessionEnds, 0), None);
        for (cause, words) in [
            (
                Cause::NoRefreshToken,
                "There is no refresh token: sign in again within 7 d.",
            ),
            (
                Cause::RefreshTokenEnds,
                "The refresh token ends: sign in again within 7 d.",
            ),
            (
                Cause::SessionEnds,
                "The session ends: sign in again within 7 d.",
            ),
            (
                Cause::AssertionEnds,
                "The JWT credential ends in 7 d: create a new one.",
            ),
        ] {
            assert_eq!(warning(cause, WEEK).as_deref(), Some(words));
        }
    }
}
