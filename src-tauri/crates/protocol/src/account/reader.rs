//! Who asks for a token, what they ask for, and what they are answered.

use std::time::Duration;

use tokenkeep_oauth::{AccessToken, Fingerprint, Problem};

use super::ids::ReaderId;
use super::lease::LeaseRequest;
use crate::clock::Tick;

/// A request for the access token.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Its name.
    pub id: ReaderId,
    /// When it no longer waits.
    pub deadline: Tick,
    /// What would content it.
    pub want: Want,
}

/// What a reader asks for.
#[derive(Clone, Debug, Default)]
pub struct Want {
    /// The least validity the token must have left; zero asks for a token that lives.
    pub min_validity: Duration,
    /// Only a token that replaces the current one will do.
    pub newer: Option<Newer>,
    /// The hold that the reader takes; none is a plain read.
    pub lease: Option<LeaseRequest>,
}

impl Want {
    /// How long the token has to be valid: a lease asks for a token that lives as long as it.
    pub(super) fn validity(&self) -> Duration {
        let lease = self.lease.as_ref().map(LeaseRequest::validity);
        self.min_validity.max(lease.unwrap_or_default())
    }

    /// The token whose lease the reader takes up again, where it does.
    pub(super) fn taken_up(&self) -> Option<Fingerprint> {
        self.lease.as_ref().and_then(|lease| lease.fingerprint)
    }
}

/// Why the current token will not do.
#[derive(Clone, Debug)]
pub enum Newer {
    /// An API refused the token with this fingerprint. Where another one is current already, that is the
    /// answer.
    Refused(Fingerprint),
    /// An API refused the current token, whichever that is.
    CurrentRefused,
    /// Tokens were brought from elsewhere: only a set after this generation will do.
    Than(u64),
    /// A person wants a renewal.
    Renewal,
    /// A person wants a sign-in anew by the account's assertion.
    SignIn,
}

/// What a reader is answered: a token, or why there is none.
pub type Answer = Result<Box<Handout>, NotServed>;

/// A token, handed out. Its `Debug` prints no secret.
#[derive(Clone, Debug)]
pub struct Handout {
    /// The token.
    pub access_token: AccessToken,
    /// Counts the token sets of the account.
    pub generation: u64,
    /// When the token dies.
    pub expires_at: Tick,
    /// Whether `expires_at` is a guess, because the provider named no life.
    pub expiry_assumed: bool,
    /// The scope, where the provider named one.
    pub scope: Option<String>,
    /// The lease that was taken, and when it ends of itself.
    pub lease_until: Option<Tick>,
    /// The reader reported that an API refused this token, and it refused the one before as soon: the refusals are not
    /// about the token.
    pub refused_again: bool,
    /// The keychain does not hold this token yet: a crash now would lose it.
    pub unsaved: bool,
}

/// Why a reader got no token.
#[derive(Clone, Debug)]
pub enum NotServed {
    /// Only a person can mend this, by signing in; with the provider's reason, where it gave one.
    SignInNeeded(Option<Problem>),
    /// The provider calls the account's set-up wrong: it has to be edited, here or at the provider.
    Misconfigured(Problem),
    /// The account's tokens never live as long as was asked for.
    TooLong {
        /// How long they live in all.
        lifetime: Duration,
        /// The most that can be asked for.
        longest: Duration,
    },
    /// The token whose lease was to be taken up again is not the current one any more.
    Replaced,
    /// The reader's time was up.
    OutOfTime(WaitedFor),
    /// The account was removed meanwhile.
    Removed,
    /// The keeper is shutting down.
    Quitting,
}

/// What a reader was waiting for when its time was up.
#[derive(Clone, Debug)]
pub enum WaitedFor {
    /// A renewal was under way.
    Renewing,
    /// A renewal went out and no answer says whether the provider rotated the tokens.
    InDoubt(Problem),
    /// A renewal was due but a lease holds the current token.
    Leased,
    /// The last renewal failed; the next one follows.
    Failing(Problem),
    /// The pace of the client lets no request out yet.
    Paced,
    /// The provider calls the account's set-up wrong.
    Misconfigured(Problem),
    /// The keychain could not be read or written.
    Vault(String),
}
