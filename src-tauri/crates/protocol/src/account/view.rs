//! How an account stands, for those who look at it.

use serde::{Deserialize, Serialize};
use tokenkeep_oauth::Fingerprint;

use super::Account;
use super::ids::ReaderId;
use super::lapse::Lapse;
use super::lease::Lease;
use super::phase::Stage;
use crate::clock::Tick;
use crate::when::When;

/// How an account stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts-rs", derive(ts_rs::TS))]
pub enum State {
    /// The keychain has not given its item yet.
    Loading,
    /// Nobody has signed in yet.
    SignedOut,
    /// A living token is held.
    Fresh,
    /// The token is being replaced.
    Renewing,
    /// It is not known whether the provider rotated the tokens; being found out.
    InDoubt,
    /// Renewing fails; it is tried again.
    Failing,
    /// The provider calls the account's set-up wrong.
    Misconfigured,
    /// A person must sign in again.
    SignInNeeded,
    /// It is being removed.
    Removing,
}

/// How an account stands. Holds no secret.
#[derive(Clone, Debug)]
pub struct View {
    /// In one word.
    pub state: State,
    /// Counts its token sets.
    pub generation: u64,
    /// The current access token's fingerprint.
    pub fingerprint: Option<Fingerprint>,
    /// When the current access token began to live.
    pub issued_at: Option<Tick>,
    /// When it dies.
    pub expires_at: Option<Tick>,
    /// Whether that is a guess.
    pub expiry_assumed: bool,
    /// When a renewal next begins, as far as time alone decides; now if one is under way or waits for its turn.
    pub next_renewal: Option<Tick>,
    /// When the refresh token dies, where known.
    pub refresh_expires_at: Option<Tick>,
    /// The earliest end that no scheduled renewal moves.
    pub lapse: Option<Lapse>,
    /// What is wrong, and what to do, in words.
    pub problem: Option<String>,
    /// The keychain does not hold the current tokens.
    pub unsaved: bool,
    /// The scope, where the provider named one.
    pub scope: Option<String>,
    /// Counts the leases that were taken or ended.
    pub lease_changes: u64,
}

impl Account {
    /// How the account stands at `now`.
    #[must_use]
    pub fn view(&self, now: Tick) -> View {
        let set = self.tokens.current();
        View {
            state: self.state(now),
            generation: self.tokens.generation(),
            fingerprint: set.map(|set| set.access_token.fingerprint()),
            issued_at: set.map(|set| set.issued_at),
            expires_at: set.map(|set| set.expires_at),
            expiry_assumed: set.is_some_and(|set| set.expiry_assumed),
            next_renewal: self.next_renewal(now),
            refresh_expires_at: set.and_then(|set| set.refresh_expires_at).map(|end| end.at),
            lapse: self.lapse(now),
            problem: self.problem(now),
            unsaved: self.writes.is_unsaved(),
            scope: set.and_then(|set| set.scope.clone()),
            lease_changes: self.readers.leases.changes(),
        }
    }

    /// Who holds its tokens: the explicit leases, the oldest first.
    pub fn leases(&self) -> impl Iterator<Item = &Lease> {
        self.readers.leases.list()
    }

    /// The explicit lease of that name.
    #[must_use]
    pub fn lease(&self, id: ReaderId) -> Option<&Lease> {
        self.readers.leases.named(id)
    }

    fn state(&self, now: Tick) -> State {
        match self.phase.stage() {
            Stage::Loading(_) => return State::Loading,
            Stage::Removed => return State::Removing,
            _ => {}
        }
        if self.attempts.doubt().is_some() {
            return State::InDoubt;
        }
        if self.phase.method().is_some() {
            return State::Renewing;
        }
        if self.attempts.wrong_set_up().is_some() {
            return State::Misconfigured;
        }
        if let (When::Now, problem) = self.sign_in_needed(now) {
            let never = self.tokens.current().is_none() && problem.is_none();
            return if never {
                State::SignedOut
            } else {
                State::SignInNeeded
            };
        }
        if self.attempts.failure().is_some() {
            return State::Failing;
        }
        if self.is_servable(now) {
            State::Fresh
        } else {
            State::Renewing
        }
    }

    /// The same answer as that by which renewals begin, so that what is shown is what happens.
    fn next_renewal(&self, now: Tick) -> Option<Tick> {
        let next = match self.phase.stage() {
            Stage::Loading(_) | Stage::Removed => When::Never,
            Stage::Asking { .. } | Stage::Resting => self.decide(now).begins(),
            Stage::Draining { .. } | Stage::Marking | Stage::Sending(_) | Stage::Saving(_) => {
                When::Now
            }
        };
        match next {
            When::Now => Some(now),
            When::At(at) => Some(at),
            When::Never => None,
        }
    }

    /// What is wrong, in words.
    fn problem(&self, now: Tick) -> Option<String> {
        let attempts = &self.attempts;
        let wrong = attempts.wrong_set_up().map(|wrong| &wrong.problem);
        let need = wrong.or(self.sign_in_needed(now).1);
        let problem = need.or(attempts.failure()).or(attempts.doubt());
        let trouble = || self.writes.trouble().map(str::to_owned);
        problem.map(ToString::to_string).or_else(trouble)
    }
}
