//! What is known of an account from what it sent and received: the ground that the checks stand on.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokenkeep_oauth::Fingerprint;
use tokenkeep_protocol::clock::Tick;

use super::super::provider::Denied;

/// A set that the keeper received.
#[derive(Clone, Debug)]
pub(super) struct Received {
    /// Counts the sets of the account.
    pub(super) order: u64,
    pub(super) at: Tick,
    pub(super) refresh: Option<String>,
    /// It came of a refresh, and that refresh was not marked in the vault.
    pub(super) unmarked: bool,
    /// It came of a refresh.
    pub(super) by_refresh: bool,
    /// The token before it had been reported as refused.
    pub(super) after_report: bool,
    /// … and was withheld for that.
    pub(super) after_withheld: bool,
    /// What a crash took with it leaves open whether it lives, and how long.
    pub(super) unsure: bool,
    /// The track was lost of what came before it.
    pub(super) track_lost: bool,
    /// It may have been rotated away, and the keeper was told that there is no next one: it is stored
    /// as dead from then on.
    pub(super) given_up: bool,
}

/// What is known of one account.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// By access token.
    received: HashMap<String, Received>,
    /// The access token received last.
    newest: Option<String>,
    count: u64,
    /// Whether a killing refresh went out and it is not known what became of it.
    pub(super) in_doubt: bool,
    /// Whether any refresh went out whose outcome is unknown.
    pub(super) unanswered: bool,
    /// Whether the request of that doubt could not be marked in the vault.
    pub(super) unmarked: bool,
    /// Since the last crash a token is believed in that a request killed which the vault knew
    /// nothing of.
    pub(super) lost_track: bool,
    /// A set was handed out unsaved, or outlived its successor, and was then lost in a crash.
    pub(super) lost_unsaved: bool,
    /// Why the provider refused the refresh token, if it has since the last tokens and no crash lost that.
    pub(super) rejected: Option<Denied>,
    /// Whether it refused the assertion since then.
    pub(super) assertion_rejected: bool,
    /// The token that readers are given.
    pub(super) current: Option<Fingerprint>,
    /// The token that a reader reported as refused, truly or not.
    pub(super) reported: Option<String>,
    /// The token that was reported as soon as it had come because the one before had been.
    pub(super) blameless: Option<String>,
    /// The token that was reported, while nothing speaks against the report.
    pub(super) withheld: Option<String>,
    /// When a person last asked for an attempt.
    pub(super) person_asked: Option<Tick>,
    /// The refresh tokens that the provider refused: it will go on refusing them.
    written_off: VecDeque<String>,
    /// When the keeper believes that the token it last wrote will die.
    pub(super) believed_until: Option<Tick>,
    pub(super) handed_unsaved: Option<String>,
    /// When the keeper of now read its record.
    pub(super) loaded_at: Option<Tick>,
    /// The refresh token that the keeper of now goes by.
    pub(super) current_refresh: Option<String>,
}

impl Known {
    pub(super) fn get(&self, token: &str) -> Option<&Received> {
        self.received.get(token)
    }

    pub(super) fn order(&self, token: Option<&str>) -> u64 {
        token
            .and_then(|token| self.get(token))
            .map_or(0, |set| set.order)
    }

    pub(super) fn newest(&self) -> Option<&str> {
        self.newest.as_deref()
    }

    pub(super) fn newest_set(&self) -> Option<&Received> {
        self.get(self.newest()?)
    }

    /// The sets received after the one with this access token.
    pub(super) fn later_than(&self, token: Option<&str>) -> impl Iterator<Item = &Received> {
        let order = self.order(token);
        self.received.values().filter(move |set| set.order > order)
    }

    /// A set was received, perhaps for the second time.
    pub(super) fn note_received(&mut self, token: &str, set: Received) {
        if self.newest() == Some(token) {
            if let Some(known) = self.received.get_mut(token) {
                known.unsure |= set.unsure;
            }
            return;
        }
        self.count += 1;
        let order = self.count;
        let set = Received { order, ..set };
        self.received.insert(token.to_owned(), set);
        self.newest = Some(token.to_owned());
        if self.received.len() > KEPT {
            let from = self.count - KEPT as u64 / 2;
            self.received.retain(|_, set| set.order >= from);
        }
    }

    /// The provider refused this refresh token; whether for the first time.
    pub(super) fn write_off(&mut self, refresh: String) -> bool {
        if self.written_off.contains(&refresh) {
            return false;
        }
        self.written_off.push_back(refresh);
        if self.written_off.len() > WRITTEN_OFF {
            self.written_off.pop_front();
        }
        true
    }

    /// Whether somebody said that an API refuses the newest token.
    pub(super) fn is_reported(&self) -> bool {
        self.reported.is_some() && self.reported == self.newest
    }

    /// A reader reports that an API refused this token.
    pub(super) fn report_refused(&mut self, token: Option<String>, now: Tick) {
        let Some(token) = token else { return };
        let set = self.get(&token);
        let pardoned = set.is_some_and(|set| set.after_report && now.since(set.at) < PARDON);
        // One that is on its way to the vault is not the current one yet.
        let current = self.current == Some(Fingerprint::of(&token));
        let soon = set.is_some_and(|set| set.after_withheld && now.since(set.at) < SOON);
        let blameless = soon && self.withheld.is_none();
        self.blameless = blameless.then(|| token.clone());
        let loaded = self.loaded_at.is_some_and(|at| at < now);
        if !pardoned && current && loaded {
            self.withheld = Some(token.clone());
        }
        self.reported = Some(token);
    }

    pub(super) fn give_up_newest(&mut self) {
        let newest = self.newest.as_ref();
        if let Some(set) = newest.and_then(|token| self.received.get_mut(token)) {
            set.given_up = true;
        }
    }

    /// The keeper that starts next knows what the vault holds, and nothing else.
    pub(super) fn goes_back_to(&mut self, held: Option<&str>) {
        self.newest = held.map(str::to_owned);
        let unsure = self.lost_sight();
        if let Some(set) = held.and_then(|held| self.received.get_mut(held)) {
            set.unsure |= unsure;
        }
    }

    /// Whether nobody can know whether this token lives, and how long.
    pub(super) fn is_unsure(&self, token: &str) -> bool {
        self.lost_sight() || self.get(token).is_some_and(|set| set.unsure)
    }

    /// Whether what a crash took with it may be missed: nothing that the keeper believes in is sure.
    pub(super) fn lost_sight(&self) -> bool {
        self.lost_track || self.lost_unsaved
    }
}

/// A token that came because another was refused is not to blame if it is refused within this …
const SOON: Duration = Duration::from_secs(60);

/// … and a report that comes later may not be believed for up to this.
const PARDON: Duration = Duration::from_secs(1800);

/// How many sets are remembered: a token held longer than that has died long ago.
const KEPT: usize = 256;

/// How many refused refresh tokens are remembered.
const WRITTEN_OFF: usize = 16;
