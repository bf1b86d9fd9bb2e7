//! The lines that follow the token in a response that holds a lease.

use serde::{Deserialize, Serialize};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_protocol::account::{LeaseEnd, LeaseNews};

/// A later line of a response that holds a lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum HeldEvent {
    /// The last safe moment has come: the token is renewed in spite of the lease, and stops working within seconds. When
    /// it has been replaced, the response ends.
    Renewing {
        /// What happens and what to do, in words for a person.
        message: String,
    },
    /// The lease is over, and the response ends with this.
    Ended {
        /// How.
        end: LeaseEnd,
        /// Why, and what to do, in words for a person.
        message: String,
    },
}

impl HeldEvent {
    pub(crate) fn of(name: &AccountName, news: LeaseNews) -> Self {
        match news {
            LeaseNews::Renewing => Self::renewing(name),
            LeaseNews::Ended(end) => Self::ended(name, end),
        }
    }

    fn renewing(name: &AccountName) -> Self {
        let message = format!(
            "The token of {name} is about to die, so it is renewed now although it is leased. Stop using it, and ask \
             for the next one with `tokenkeep get {name}`."
        );
        Self::Renewing { message }
    }

    fn ended(name: &AccountName, end: LeaseEnd) -> Self {
        let message = match end {
            LeaseEnd::Released => format!(
                "The lease on the token of {name} was ended, so the token may be replaced at any moment. Stop using it, \
                 and ask for one with `tokenkeep get {name}`."
            ),
            LeaseEnd::RanOut => format!(
                "The lease on the token of {name} has run out, or the token has. Stop using it, and ask for one \
                 with `tokenkeep get {name}`."
            ),
            LeaseEnd::Replaced => {
                format!(
                    "The token of {name} has been replaced. Ask for the next one with `tokenkeep get {name}`."
                )
            }
            LeaseEnd::Removed => {
                format!(
                    "The account {name} was removed, and its session ended: there is no token any more."
                )
            }
        };
        Self::Ended { end, message }
    }
}
