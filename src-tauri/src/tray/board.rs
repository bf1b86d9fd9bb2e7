//! The text of the menu for each account. No I/O: accounts and the time go in, text comes out.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{AccountView, LeaseView, Standing, in_words};
use tokenkeep_oauth::printable;
use tokenkeep_protocol::account::State;

/// Below this, seconds are shown, because somebody may be waiting.
const COUNTED: Duration = Duration::from_secs(120);
/// The least time between two looks at the clock.
const OFTEN: Duration = Duration::from_secs(1);
/// How often the menu is looked at while nothing in it counts seconds.
const SELDOM: Duration = Duration::from_secs(60);

/// What the menu says of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The account.
    pub(super) name: AccountName,
    /// Its submenu.
    pub(super) label: String,
    /// The line with state and time left.
    pub(super) line: String,
    /// What signing in is called.
    pub(super) sign_in: &'static str,
    /// Whether a token can be copied.
    pub(super) can_copy: bool,
    /// Whether it can be renewed.
    pub(super) can_refresh: bool,
}

impl Row {
    /// What the menu says of `account` at `now`.
    pub(super) fn of(account: &AccountView, now: DateTime<Utc>) -> Self {
        let left = account.time_left(now);
        Self {
            name: account.name.clone(),
            label: label(account, now),
            line: printable(&format!(
                "{}{}",
                line(account, left),
                in_use(&account.leases, now)
            ))
            .into_owned(),
            sign_in: match account.state {
                State::SignedOut => "Sign in\u{2026}",
                _ => "Sign in again\u{2026}",
            },
            can_copy: account.can_copy(now),
            can_refresh: Standing::of(account.state).can_refresh,
        }
    }
}

/// When the rows have to be made again because time has passed.
pub(super) fn next_change(accounts: &[AccountView], now: DateTime<Utc>) -> Duration {
    let lives = accounts
        .iter()
        .filter_map(|account| account.time_left(now))
        .map(until_it_reads_otherwise);
    let uses = accounts
        .iter()
        .flat_map(|account| &account.leases)
        .map(|lease| until_next_minute(held_for(lease, now)));
    lives.chain(uses).min().unwrap_or(SELDOM).max(OFTEN)
}

/// How long until the text of [`shortly`] changes.
fn until_it_reads_otherwise(left: Duration) -> Duration {
    let unit = if left < COUNTED { OFTEN } else { SELDOM };
    let rest = left.as_millis() % unit.as_millis();
    // Just after the moment, so that the text has changed.
    Duration::from_millis(u64::try_from(rest).unwrap_or_default() + 1)
}

/// How long until another minute has passed.
fn until_next_minute(passed: Duration) -> Duration {
    SELDOM - Duration::from_secs(passed.as_secs() % SELDOM.as_secs())
}

fn label(account: &AccountView, now: DateTime<Utc>) -> String {
    let name = &account.name;
    match account.state {
        State::SignInNeeded => format!("{name}: sign in again"),
        _ if account.needs_attention(now) => format!("{name}: needs attention"),
        _ => name.to_string(),
    }
}

fn line(account: &AccountView, left: Option<Duration>) -> String {
    let with_time = |word: &str| match left {
        Some(left) => format!("{word}, {} left", shortly(left)),
        None => word.to_owned(),
    };
    match account.state {
        State::Loading if account.is_held_up() => {
            "Keychain locked or out of reach: open Tokenkeep".to_owned()
        }
        State::Loading => "Reading the keychain\u{2026}".to_owned(),
        State::SignedOut => "Signed out".to_owned(),
        State::Fresh => with_time("Fresh"),
        State::Renewing => "Renewing\u{2026}".to_owned(),
        State::InDoubt => "In doubt, being found out\u{2026}".to_owned(),
        State::Failing => with_time("Failing"),
        State::Misconfigured => with_time("Misconfigured"),
        State::SignInNeeded => with_time("Sign in again"),
        State::Removing => "Removing\u{2026}".to_owned(),
    }
}

/// Who uses the token: for how many minutes, or who else.
fn in_use(leases: &[LeaseView], now: DateTime<Utc>) -> String {
    match leases {
        [] => String::new(),
        [lease] => {
            let minutes = held_for(lease, now).as_secs() / 60;
            let length = match minutes {
                0 => String::new(),
                minutes => format!(", {}", in_words(Duration::from_secs(minutes * 60))),
            };
            format!(", in use by {}{length}", lease.holder)
        }
        [first, others @ ..] => format!(", in use by {} and {} more", first.holder, others.len()),
    }
}

/// How long a lease has lasted.
fn held_for(lease: &LeaseView, now: DateTime<Utc>) -> Duration {
    (now - lease.since).to_std().unwrap_or_default()
}

/// Whole minutes, or seconds where few are left.
fn shortly(left: Duration) -> String {
    let seconds = left.as_secs();
    in_words(Duration::from_secs(if left < COUNTED {
        seconds
    } else {
        seconds / 60 * 60
    }))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An account in a state, without a token.
    pub(crate) fn account(name: &str, state: State) -> AccountView {
        let view = serde_json::json!({
            "name": name, "provider": "practice", "server": "http://127.0.0.1:8642", "grant": "code",
            "client_id": "id", "state": state, "problem": null, "generation": 1, "fingerprint": null,
            "issued_at": null, "expires_at": null, "expiry_assumed": false, "next_renewal": null,
            "refresh_expires_at": null, "lapse": null, "unsaved": false, "scope": null, "leases": [],
        });
        serde_json::from_value(view).unwrap()
    }

    pub(crate) fn now() -> DateTime<Utc> {
        "2026-01-01T12:00:00Z".parse().unwrap()
    }

    pub(crate) fn with_left(state: State, seconds: i64) -> AccountView {
        AccountView {
            expires_at: Some(now() + chrono::TimeDelta::seconds(seconds)),
            ..account("work", state)
        }
    }

    fn line_of(state: State, seconds: i64) -> String {
        Row::of(&with_left(state, seconds), now()).line
    }

    #[test]
    fn a_line_says_state_and_time_left() {
        assert_eq!(line_of(State::Fresh, 42 * 60 + 59), "Fresh, 42 min left");
        assert_eq!(line_of(State::Fresh, 3900), "Fresh, 1 h 5 min left");
        assert_eq!(line_of(State::Fresh, 119), "Fresh, 1 min 59 s left");
        assert_eq!(line_of(State::Fresh, 38), "Fresh, 38 s left");
        assert_eq!(line_of(State::SignInNeeded, 38), "Sign in again, 38 s left");
        assert_eq!(line_of(State::SignInNeeded, -1), "Sign in again");
        assert_eq!(line_of(State::Renewing, 38), "Renewing\u{2026}");
    }

    #[test]
    fn the_submenu_of_an_account_in_trouble_says_so() {
        let label = |state| Row::of(&account("work", state), now()).label;
        assert_eq!(label(State::Fresh), "work");
        assert_eq!(label(State::SignInNeeded), "work: sign in again");
        assert_eq!(label(State::Misconfigured), "work: needs attention");
        assert_eq!(label(State::InDoubt), "work: needs attention");
        let doubtful = with_left(State::InDoubt, 60);
        assert_eq!(Row::of(&doubtful, now()).label, "work");
    }

    #[test]
    fn a_keychain_that_is_locked_is_not_called_being_read() {
        let mut account = account("work", State::Loading);
        assert_eq!(
            Row::of(&account, now()).line,
            "Reading the keychain\u{2026}"
        );
        assert_eq!(Row::of(&account, now()).label, "work");
        account.problem = Some("The keychain is locked.".to_owned());
        let row = Row::of(&account, now());
        assert!(row.line.starts_with("Keychain locked") && row.label == "work: needs attention");
    }

    #[test]
    fn what_cannot_be_done_is_not_offered() {
        let row = |account: &AccountView| Row::of(account, now());
        let signed_out = row(&account("work", State::SignedOut));
        assert!(!signed_out.can_copy && !signed_out.can_refresh);
        assert_eq!(signed_out.sign_in, "Sign in\u{2026}");
        let lapsed = row(&account("work", State::SignInNeeded));
        assert!(!lapsed.can_copy && !lapsed.can_refresh);
        assert_eq!(lapsed.sign_in, "Sign in again\u{2026}");
        // A token that lives still is one, whatever else is wrong.
        assert!(row(&with_left(State::SignInNeeded, 60)).can_copy);
    }

    fn lease(program: &str, seconds: i64) -> LeaseView {
        let since = now() - chrono::TimeDelta::seconds(seconds);
        let view = serde_json::json!({
            "id": 7, "holder": { "pid": 4242, "program": program, "label": null }, "since": since,
            "until": now() + chrono::TimeDelta::hours(1), "current": true,
        });
        serde_json::from_value(view).unwrap()
    }

    fn leased(leases: Vec<LeaseView>) -> AccountView {
        AccountView {
            leases,
            ..with_left(State::Fresh, 42 * 60 + 59)
        }
    }

    #[test]
    fn a_line_says_who_uses_the_token() {
        let line = |leases| Row::of(&leased(leases), now()).line;
        assert_eq!(
            line(vec![lease("curl", 125)]),
            "Fresh, 42 min left, in use by curl, 2 min"
        );
        assert_eq!(
            line(vec![lease("curl", 59)]),
            "Fresh, 42 min left, in use by curl"
        );
        // A clock that was set back is no reason to say nonsense.
        assert_eq!(
            line(vec![lease("curl", -5)]),
            "Fresh, 42 min left, in use by curl"
        );
        assert_eq!(
            line(vec![lease("curl", 125), lease("sh", 5), lease("sh", 3)]),
            "Fresh, 42 min left, in use by curl and 2 more"
        );
    }

    #[test]
    fn a_program_with_an_evil_name_acts_on_no_menu() {
        let line = Row::of(&leased(vec![lease("\u{202e}x\u{1b}[m", 5)]), now()).line;
        assert_eq!(line, "Fresh, 42 min left, in use by \u{fffd}x\u{fffd}[m");
    }

    #[test]
    fn the_minutes_of_a_use_are_counted_as_they_pass() {
        let next = |seconds| next_change(&[leased(vec![lease("curl", seconds)])], now());
        assert_eq!(next(50), Duration::from_secs(10));
        assert_eq!(next(119), OFTEN);
    }

    #[test]
    fn seconds_are_counted_only_where_they_show() {
        let next = |seconds| next_change(&[with_left(State::Fresh, seconds)], now());
        assert_eq!(next(30), OFTEN);
        assert_eq!(next(150), Duration::from_millis(30_001));
        assert_eq!(next(3659), Duration::from_millis(59_001));
        assert_eq!(next_change(&[], now()), SELDOM);
    }

    #[test]
    fn a_line_reads_otherwise_once_that_time_has_passed() {
        for milliseconds in [1000, 1999, 38_500, 119_999, 120_000, 150_000, 3_600_000] {
            let left = Duration::from_millis(milliseconds);
            let later = left.saturating_sub(until_it_reads_otherwise(left));
            assert_ne!(shortly(later), shortly(left), "{milliseconds} ms");
        }
    }
}
