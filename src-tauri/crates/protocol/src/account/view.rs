//! How an account stands, for those who look at it.

use serde::{Deserialize, Serialize};
use tokenkeep_oauth::Fingerprint;

use super::lapse::Lapse;
use super::lease::Lease;
use super::{Account, Need, Phase, schedule};
use crate::clock::Tick;

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
}

/// How an account stands. Holds no secret.
#[derive(Clone, Debug)]
pub struct View {
    /// In one word.
    pub state: State,
    /// Counts its token sets.
    pub generation: u64,
    /// The current access token's fingerprint.
    pub token: Option<Fingerprint>,
    /// When the current access token was asked for.
    pub issued_at: Option<Tick>,
    /// When it dies.
    pub expires_at: Option<Tick>,
    /// Whether that is a guess.
    pub expiry_assumed: bool,
    /// When it is next renewed, or a failed renewal next tried; past where it is due already.
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
    /// Who holds the token.
    pub leases: Vec<Lease>,
}

impl Account {
    /// How the account stands at `now`.
    #[must_use]
    pub fn view(&self, now: Tick) -> View {
        let held = self.held.as_ref();
        View {
            state: self.state(now),
            generation: self.generation,
            token: held.map(|held| held.access_token.fingerprint()),
            issued_at: held.map(|held| held.sent_at),
            expires_at: held.map(|held| held.expires_at),
            expiry_assumed: held.is_some_and(|held| held.expiry_assumed),
            next_renewal: self.next_renewal(now),
            refresh_expires_at: held
                .and_then(|held| held.refresh_expires_at)
                .map(|end| end.at),
            lapse: self.lapse(),
            problem: self.problem(now),
            unsaved: self.unsaved.is_some(),
            scope: held.and_then(|held| held.scope.clone()),
            leases: self.leases.list().to_vec(),
        }
    }

    fn state(&self, now: Tick) -> State {
        match &self.phase {
            Phase::Loading { .. } => return State::Loading,
            _ if self.doubt.is_some() => return State::InDoubt,
            Phase::Draining { .. }
            | Phase::Marking { .. }
            | Phase::Sending { .. }
            | Phase::Saving(_) => {
                return State::Renewing;
            }
            _ => {}
        }
        if matches!(self.need, Some(Need::Edit { .. })) {
            return State::Misconfigured;
        }
        if let Some(problem) = self.sign_in_needed(now) {
            let never = self.held.is_none() && problem.is_none();
            return if never {
                State::SignedOut
            } else {
                State::SignInNeeded
            };
        }
        if self.failing.is_some() {
            return State::Failing;
        }
        if self.is_servable(now) {
            State::Fresh
        } else {
            State::Renewing
        }
    }

    fn next_renewal(&self, now: Tick) -> Option<Tick> {
        self.next_method(now)?;
        if matches!(self.need, Some(Need::SignIn(_))) {
            return None;
        }
        let due = self
            .held
            .as_ref()
            .map(|held| schedule::due(held, self.policy.seed));
        let edit = match &self.need {
            Some(Need::Edit { retry_at, .. }) => Some(*retry_at),
            _ => None,
        };
        let retry = self.retry_at().max(self.not_before()).max(edit);
        due.max(retry)
    }

    fn problem(&self, now: Tick) -> Option<String> {
        if let Some(Need::Edit { problem, .. }) = &self.need {
            return Some(problem.to_string());
        }
        if let Some(Some(problem)) = self.sign_in_needed(now) {
            return Some(problem.to_string());
        }
        let failing = self
            .failing
            .as_ref()
            .map(|failing| failing.problem.to_string());
        let doubt = self.doubt.as_ref().map(|doubt| doubt.problem.to_string());
        failing.or(doubt).or_else(|| {
            self.vault_problem
                .as_ref()
                .map(|trouble| trouble.message.clone())
        })
    }
}
