//! The bodies of requests and answers, as JSON.
//!
//! Durations are whole seconds, moments are UTC in RFC 3339. A field that is absent or `null` has its default. An
//! unknown field is an error, so that a typing mistake does not go unnoticed. The keeper's views are sent as they are
//! ([`tokenkeep_keeper::keeper`]).

mod accounts;
mod desktop;
mod exposed;
mod fields;
mod held;
mod journal;
mod keeper;
mod leases;
mod orphans;
mod sign_ins;
mod tokens;

pub use accounts::{AccountAdded, AccountsAnswer, ConfirmBody, WaitBody};
pub use desktop::{
    Copied, CopyAnswer, CopyBody, StartAtLogin, StartAtLoginBody, WindowBody, WindowRedirected,
    WindowTask,
};
pub use fields::{LONGEST_VALIDITY, LONGEST_WAIT};
pub(crate) use fields::{parsed, url, wait};
pub use held::HeldEvent;
pub use journal::{EventsParameters, JournalAnswer, JournalParameters};
pub use keeper::{Done, ErrorBody, StatusAnswer};
pub use leases::{LeasesAnswer, LeasesParameters};
pub use orphans::OrphansAnswer;
pub use sign_ins::{Redirected, SignInAnswer};
pub use tokens::{LONGEST_NAME, LeaseBody, RefusedBody, TokenAnswer, TokenBody};

#[cfg(test)]
mod tests;
