//! Invariant 5: a crash costs nothing. A refresh is marked in the vault before it is sent, and no
//! sign-in is ever demanded by the keeper's own fault, but for the exceptions that the README names.

use std::time::Duration;

use tokenkeep_oauth::{Fingerprint, ProblemKind, Reply, TokenResponse};
use tokenkeep_protocol::account::{Method, News, Request};
use tokenkeep_protocol::clock::Tick;

use super::super::network::{Return, TIME_LIMIT};
use super::super::provider::{By, Denied};
use super::super::vault::Item;
use super::super::world::World;
use super::Invariant;
use super::attempts::InFlight;
use super::known::Received;

/// A little more than a plain read's drain and a mark, for what is sent at the last moment.
const LAST_MOMENT: Duration = Duration::from_secs(12);

impl World {
    /// Whether the vault knows of this request. A mark on another set than the one that is refreshed
    /// says nothing of it.
    pub(super) fn is_marked(&self, account: usize, request: &Request) -> bool {
        let Request::Refresh(token) = request else {
            return false;
        };
        let item = self.vault.item(account);
        item.and_then(Item::pending).is_some()
            && item.and_then(Item::refresh) == Some(token.expose())
    }

    /// A refresh goes out: the vault knows of it, or could not be told and the token is nearly dead.
    pub(super) fn check_mark(&mut self, account: usize) {
        let of = &self.checks.accounts[account];
        let marked = of.attempts.in_flight.as_ref().is_some_and(|f| f.marked);
        let current = self.current_access(account);
        let dies_at = current
            .and_then(|token| self.provider.access(&token))
            .filter(|access| access.killed.is_none())
            .map(|access| access.dies_at);
        let lifetime = self.provider.behaviour.lifetime;
        let lives_long = dies_at.min(of.known.believed_until).is_some_and(|at| {
            at - TIME_LIMIT - LAST_MOMENT > self.now && at - lifetime / 2 > self.now
        });
        if !marked && !of.known.unmarked && !of.known.lost_track && lives_long {
            let what = "a refresh was sent that the vault knows nothing of";
            return self.wrong(Invariant::CrashCostsNothing, account, what);
        }
        self.checks.accounts[account].known.unmarked |= !marked;
    }

    /// What a request came to.
    pub(super) fn check_outcome(&mut self, back: &Return) {
        let account = back.account;
        let of = &mut self.checks.accounts[account];
        let Some(attempt) = back.attempt else {
            if let Reply::Tokens(tokens) = &back.reply {
                of.attempts.abandon();
                let client = self.specs[account].client;
                self.checks.overtaken(client, account);
                self.note_tokens(back, tokens, None);
            }
            return;
        };
        let Some(flight) = of.attempts.answered(attempt) else {
            return;
        };
        if of.removed {
            return;
        }
        match &back.reply {
            Reply::Tokens(tokens) => self.note_tokens(back, tokens, Some(&flight)),
            Reply::Rejected(problem) if problem.kind == ProblemKind::InvalidGrant => {
                self.check_rejection(back, flight.refresh);
            }
            Reply::OutcomeUnknown { .. } if flight.refresh.is_some() => {
                let kills = self.provider.behaviour.kills;
                let known = &mut self.checks.accounts[account].known;
                known.unanswered = true;
                if kills && !std::mem::replace(&mut known.in_doubt, true) {
                    self.report.doubts += 1;
                }
            }
            _ => {
                let known = &mut self.checks.accounts[account].known;
                known.unmarked &= known.unanswered;
            }
        }
    }

    fn note_tokens(&mut self, back: &Return, tokens: &TokenResponse, flight: Option<&InFlight>) {
        let account = back.account;
        let token = tokens.access_token.expose();
        let issued_at = self.provider.access(token).map(|access| access.issued_at);
        let is_replayed = issued_at < Some(back.sent_at);
        self.report.renewals += 1;
        let of = &mut self.checks.accounts[account];
        of.expected.received();
        let known = &mut of.known;
        self.report.doubts_resolved += u64::from(known.in_doubt);
        let by_refresh = flight.is_some_and(|flight| flight.refresh.is_some());
        let refresh = tokens.refresh_token.as_ref();
        let refresh = refresh.map(|token| token.expose().to_owned());
        if refresh.is_some() || !by_refresh {
            known.current_refresh.clone_from(&refresh);
        }
        known.note_received(
            token,
            Received {
                order: 0,
                at: self.now,
                refresh,
                // An assertion may come after a refresh of unknown outcome.
                unmarked: known.unmarked
                    || flight.is_some_and(|flight| flight.refresh.is_some() && !flight.marked),
                by_refresh,
                after_report: known.reported.is_some(),
                after_withheld: known.withheld.is_some(),
                unsure: known.lost_track && is_replayed,
                track_lost: known.lost_track,
                given_up: false,
            },
        );
        known.in_doubt = false;
        known.unanswered = false;
        known.unmarked = false;
        known.rejected = None;
        known.assertion_rejected = false;
        known.reported = None;
        known.blameless = None;
        known.withheld = None;
        known.lost_unsaved = false;
        // What an unmarked request brought about may be the answer to the next one.
        known.lost_track &= is_replayed;
        self.checks.clocks.received(account, token, is_replayed);
    }

    /// The provider refused what the keeper renews with: was that the keeper's own fault?
    fn check_rejection(&mut self, back: &Return, refresh: Option<String>) {
        let known = &mut self.checks.accounts[back.account].known;
        // That an assertion is refused says nothing of a refresh.
        let Some(refresh) = refresh else {
            known.assertion_rejected = true;
            return;
        };
        known.rejected = back.denied.or(Some(Denied::Unknown));
        let unanswered = std::mem::take(&mut known.unanswered) || known.lost_track;
        if std::mem::take(&mut known.in_doubt) {
            known.give_up_newest();
        }
        known.unmarked = false;
        let ours = match back.denied {
            None | Some(Denied::Expired | Denied::Assertion) => false,
            Some(Denied::Unknown) => true,
            // The answer was lost, and by the time that the replay got through the window was over, or
            // there is none.
            Some(Denied::WindowOver(by)) => by == By::Us && !unanswered,
            Some(Denied::SessionEnded(By::Reuse)) => !unanswered,
            Some(Denied::SessionEnded(by) | Denied::Used(by) | Denied::Outdated(by)) => {
                by == By::Us
            }
        };
        let again = !known.write_off(refresh);
        let fault = ours && !known.lost_unsaved && !again;
        if fault {
            let what = format!("a sign-in is demanded by our own fault: {:?}", back.denied);
            self.wrong(Invariant::CrashCostsNothing, back.account, what);
        }
    }

    /// What was handed out unsaved no longer matters once it was renewed.
    pub(crate) fn check_news(&mut self, account: usize, entry: &News) {
        let known = &mut self.checks.accounts[account].known;
        if let News::Renewed {
            method,
            fingerprint,
            ..
        } = entry
        {
            known.current = Some(*fingerprint);
            if *method == Method::Refresh {
                known.handed_unsaved = None;
            }
        }
    }

    /// The keeper reads what the last one left behind, and knows it at `known_at`.
    pub(crate) fn check_load(&mut self, account: usize, known_at: Tick) {
        let now = self.both();
        let item = self.vault.item(account);
        let pending = item.and_then(Item::pending).is_some();
        let set = item.and_then(|item| item.read(now).tokens);
        let kills = self.provider.behaviour.kills;
        let rejected = item.is_some_and(Item::is_refresh_rejected);
        let verdict = item.is_some_and(Item::has_verdict);
        let known = &mut self.checks.accounts[account].known;
        // What the vault does not hold of it a crash has lost; and it lost what came since.
        let before = known.rejected.unwrap_or(Denied::Unknown);
        known.rejected = rejected.then_some(before);
        known.assertion_rejected = verdict;
        known.withheld = None;
        known.blameless = None;
        if item.is_some_and(Item::is_refused) {
            known.reported = item.and_then(Item::access).map(str::to_owned);
        }
        known.loaded_at = Some(known_at);
        known.current = item.and_then(Item::access).map(Fingerprint::of);
        known.unanswered = pending;
        known.in_doubt = pending && kills;
        known.current_refresh = item.and_then(Item::refresh).map(str::to_owned);
        known.believed_until = set.map(|set| set.not_from_the_future(now.tick).expires_at);
        self.note_clock_when_read(account);
    }

    /// What the crash took with it.
    pub(crate) fn keeper_died(&mut self, clock_unnoticed: bool) {
        if clock_unnoticed {
            self.checks.clock_unnoticed();
        }
        self.checks.lose_leave();
        for account in 0..self.specs.len() {
            let item = self.vault.item(account);
            let held = item.and_then(Item::access);
            let known = &mut self.checks.accounts[account].known;
            // A request was on its way that the vault could not be told of, or what it brought was not
            // saved either.
            let lost = || known.later_than(held).filter(|set| set.by_refresh);
            let refreshes = lost().count();
            let unmarked = known.later_than(held).any(|set| set.unmarked);
            let still_lost = known.later_than(held).any(|set| set.track_lost);
            known.lost_track |= known.unmarked || unmarked || still_lost;
            known.unmarked = false;
            // A token was handed out unsaved, so that the provider repeats its answer no longer; or a whole
            // generation came and went that the vault never held.
            let unsaved = known.handed_unsaved.take();
            known.lost_unsaved |= unsaved.is_some() && unsaved.as_deref() != held;
            known.lost_unsaved |= refreshes > 1;
            known.lost_unsaved |= refreshes > 0 && (known.lost_track || known.unanswered);
            known.goes_back_to(held);
            self.checks.accounts[account].notices.owed = None;
            self.check_rewritten(account);
        }
    }

    /// A power cut undid writes that were said to be done: nobody could have known.
    pub(crate) fn writes_lost(&mut self, account: usize) {
        let known = &mut self.checks.accounts[account].known;
        known.lost_track = true;
        known.lost_unsaved = true;
    }
}
