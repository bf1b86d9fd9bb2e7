//! When a credential stops working and no scheduled renewal moves that end.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::policy::AssertionPolicy;
use super::token_set::{End, TokenSet};
use crate::clock::Tick;

/// The moment a credential stops working and cannot be renewed without a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// When.
    pub at: Tick,
    /// What ends.
    pub cause: Cause,
}

/// What ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts-rs", derive(ts_rs::TS))]
pub enum Cause {
    /// The access token, and there is nothing to renew it with.
    NoRefreshToken,
    /// The refresh token: renewals do not move its end, or do not get through.
    RefreshTokenEnds,
    /// The session, whatever is renewed.
    SessionEnds,
    /// The assertion.
    AssertionEnds,
}

/// How far ahead of a lapse the user is told.
const LEADS: [Duration; 3] = [
    Duration::from_secs(24 * 3600),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(15 * 60),
];

/// The earliest end that no scheduled renewal moves. `failing`: renewals do not get through now, so
/// that the refresh token's end is one of them.
pub(super) fn lapse(
    set: Option<&TokenSet>,
    assertion: Option<&AssertionPolicy>,
    failing: bool,
) -> Option<Lapse> {
    if let Some(assertion) = assertion {
        // Whatever happens to its session, a new one can be opened until the assertion ends.
        return assertion.expires_at.map(|at| Lapse {
            at,
            cause: Cause::AssertionEnds,
        });
    }
    let set = set?;
    let Some(_) = set.refresh_token else {
        return Some(Lapse {
            at: set.expires_at,
            cause: Cause::NoRefreshToken,
        });
    };
    let end = |end: Option<End>, anyway: bool, cause| {
        end.filter(|end| end.fixed || anyway)
            .map(|end| Lapse { at: end.at, cause })
    };
    [
        end(set.refresh_expires_at, failing, Cause::RefreshTokenEnds),
        end(set.session_expires_at, false, Cause::SessionEnds),
    ]
    .into_iter()
    .flatten()
    .min_by_key(|lapse| lapse.at)
}

/// How far ahead of a lapse the user is told, of a credential that was good for `span` when it came:
/// the usual leads that fit into half of it, or a quarter of it where none does.
pub(super) fn leads(span: Duration) -> impl Iterator<Item = Duration> + Clone {
    let fitting = LEADS.into_iter().filter(move |lead| *lead <= span / 2);
    let short = (span / 2 < LEADS[2]).then_some(span / 4);
    fitting.chain(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(n: u64) -> Duration {
        Duration::from_secs(n * 3600)
    }

    #[test]
    fn a_long_credential_is_announced_a_day_two_hours_and_a_quarter_of_an_hour_ahead() {
        assert_eq!(leads(hours(7 * 24)).collect::<Vec<_>>(), LEADS);
    }

    #[test]
    fn a_short_one_is_announced_once_with_a_quarter_of_its_life_left() {
        assert_eq!(
            leads(Duration::from_secs(60)).collect::<Vec<_>>(),
            [Duration::from_secs(15)]
        );
        assert_eq!(leads(hours(1)).collect::<Vec<_>>(), [LEADS[2]]);
    }
}
