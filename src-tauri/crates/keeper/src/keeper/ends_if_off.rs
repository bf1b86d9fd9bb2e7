//! The sign-ins that would lapse if no keeper ran.

use chrono::{DateTime, Utc};

use super::api::AccountView;
use super::standing::LAPSE_SHOWN;
use crate::config::{AccountName, Grant};
use tokenkeep_protocol::account::State;

/// A sign-in that ends if no keeper renews it first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndsIfOff {
    /// The account.
    pub name: AccountName,
    /// When.
    pub at: DateTime<Utc>,
}

/// The sign-ins that a person would have to do again within a week if nothing were renewed from now on, the first to
/// lapse first. An account with a JWT is not among them: it signs in by itself.
#[must_use]
pub fn ends_if_off(accounts: &[AccountView], now: DateTime<Utc>) -> Vec<EndsIfOff> {
    let mut lapsing: Vec<_> = accounts
        .iter()
        .filter(|account| account.grant == Grant::Code && !is_over(account.state))
        .filter_map(|account| {
            let ends = [
                account.lapse.map(|lapse| lapse.at),
                account.refresh_expires_at,
            ];
            let at = ends.into_iter().flatten().min()?;
            (now < at && at - now <= LAPSE_SHOWN).then(|| EndsIfOff {
                name: account.name.clone(),
                at,
            })
        })
        .collect();
    lapsing.sort_by_key(|lapsing| lapsing.at);
    lapsing
}

/// Whether there is no sign-in left that could lapse.
fn is_over(state: State) -> bool {
    matches!(state, State::SignedOut | State::SignInNeeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-01-01T12:00:00Z";

    fn account(more: serde_json::Value) -> AccountView {
        let mut view = serde_json::json!({
            "name": "me", "provider": "practice", "server": "http://127.0.0.1:8642", "grant": "code",
            "client_id": "id", "state": "fresh", "problem": null, "generation": 3, "fingerprint": null,
            "issued_at": null, "expires_at": null, "expiry_assumed": false, "next_renewal": null,
            "refresh_expires_at": "2026-01-08T11:00:00Z", "lapse": null, "unsaved": false, "scope": null,
            "leases": [],
        });
        for (field, value) in more.as_object().unwrap() {
            view[field] = value.clone();
        }
        serde_json::from_value(view).unwrap()
    }

    fn lapsing_at(more: serde_json::Value) -> Option<DateTime<Utc>> {
        let lapsing = ends_if_off(&[account(more)], NOW.parse().unwrap());
        lapsing.first().map(|lapsing| lapsing.at)
    }

    #[test]
    fn a_sign_in_lapses_with_its_refresh_token_or_before_where_something_ends_before() {
        let lapse =
            |at: &str| serde_json::json!({ "lapse": { "at": at, "cause": "session_ends" } });
        for (more, at) in [
            (serde_json::json!({}), "2026-01-08T11:00:00Z"),
            (lapse("2026-01-03T12:00:00Z"), "2026-01-03T12:00:00Z"),
            (lapse("2026-01-09T12:00:00Z"), "2026-01-08T11:00:00Z"),
        ] {
            assert_eq!(lapsing_at(more), Some(at.parse().unwrap()));
        }
        let mut without_refresh_token = lapse("2026-01-01T13:00:00Z");
        without_refresh_token["refresh_expires_at"] = serde_json::Value::Null;
        let at = lapsing_at(without_refresh_token);
        assert_eq!(at, Some("2026-01-01T13:00:00Z".parse().unwrap()));
    }

    #[test]
    fn what_is_over_or_lasts_or_signs_in_by_itself_does_not_lapse() {
        for more in [
            serde_json::json!({ "grant": "jwt" }),
            serde_json::json!({ "state": "signed_out" }),
            serde_json::json!({ "state": "sign_in_needed" }),
            serde_json::json!({ "refresh_expires_at": null }),
            serde_json::json!({ "refresh_expires_at": NOW }),
            serde_json::json!({ "refresh_expires_at": "2026-01-08T12:00:01Z" }),
        ] {
            assert_eq!(lapsing_at(more.clone()), None, "{more}");
        }
    }

    #[test]
    fn the_first_to_lapse_comes_first() {
        let later = account(serde_json::json!({ "name": "later" }));
        let sooner =
            serde_json::json!({ "name": "sooner", "refresh_expires_at": "2026-01-02T12:00:00Z" });
        let names: Vec<_> = ends_if_off(&[later, account(sooner)], NOW.parse().unwrap())
            .into_iter()
            .map(|lapsing| lapsing.name.to_string())
            .collect();
        assert_eq!(names, ["sooner", "later"]);
    }
}
