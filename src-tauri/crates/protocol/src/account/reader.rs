//! Who asks for a token, what they ask for, and what they are answered.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokenkeep_oauth::{AccessToken, Fingerprint, Problem};

use super::lease::Holder;
use crate::clock::Tick;

/// Names one request for a token; unique within a keeper. A lease is named by the reader that took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReaderId(pub u64);

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
    pub lease: Option<LeaseTerm>,
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
    /// A person asked for a renewal.
    Asked,
    /// A person asked for a sign-in anew by the account's assertion.
    SignIn,
}

/// The hold that a reader asks for.
#[derive(Clone, Debug, Default)]
pub struct LeaseTerm {
    /// How long at the most; none lasts until it is released. None outlives its token.
    pub length: Option<Duration>,
    /// Who holds it.
    pub holder: Holder,
    /// The token that the holder has already, of a lease that is taken up again: no other token will do,
    /// and none is renewed for it.
    pub token: Option<Fingerprint>,
}

/// What a reader is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A token.
    Token(Box<Handout>),
    /// No token.
    None(Refusal),
}

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
    /// The keychain does not hold this token yet: a crash now would lose it.
    pub unsaved: bool,
}

/// Why a reader got no token.
#[derive(Clone, Debug)]
pub enum Refusal {
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
    OutOfTime(Why),
    /// The account was removed meanwhile.
    Removed,
    /// The keeper is shutting down.
    Quitting,
}

/// What a reader was waiting for when its time was up.
#[derive(Clone, Debug)]
pub enum Why {
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
