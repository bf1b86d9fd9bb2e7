//! The invariants of DESIGN.md, as facts observed from outside: against the model provider, the
//! vault, and what readers got. Nothing here looks into the heart.
//!
//! Every exception is written where it is made, with what nobody could have known or done better.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

use tokenkeep_keeper::account::{
    Answer, AttemptId, Effect, Entry, Handout, Method, Notice, NoticeKey, PLAIN_LEASE, ReaderId,
    Refusal, Request, Revocable, Topic, UNSAVED_HOLD, Why, longest_validity,
};
use tokenkeep_keeper::clock::Tick;
use tokenkeep_oauth::{AccessToken, ProblemKind, Reply};

use super::network::{Return, TIME_LIMIT};
use super::provider::{By, Denied, PLANTED};
use super::readers::Open;
use super::vault::Item;
use super::world::{Grant, World};

/// After all faults are over, the longest that anything may take to mend itself: an account whose
/// client was refused is left alone for ten minutes, and a pause may last for five.
pub(crate) const SETTLES_WITHIN: Duration = Duration::from_secs(16 * 60);

/// How long the keeper has for writing everything again after the clock was set.
const REWRITES_WITHIN: Duration = Duration::from_secs(60);

/// What is known of one account, from outside.
#[derive(Debug, Default)]
pub(crate) struct AccountChecks {
    pub(crate) removed: bool,
    in_flight: Option<AttemptId>,
    strays: Vec<AttemptId>,
    /// Whether a killing refresh went out and it is not known what became of it.
    in_doubt: bool,
    /// Whether any refresh went out whose outcome is unknown.
    unanswered: bool,
    /// Whether the request of that doubt could not be marked in the vault.
    unmarked: bool,
    /// Since the last crash a token is believed in that a request killed which the vault knew
    /// nothing of.
    lost_track: bool,
    /// A set was handed out unsaved, or outlived its successor, and was then lost in a crash.
    lost_unsaved: bool,
    /// The stored times are wrong, because the clock was set while nobody could do anything about it.
    wrong_clock: bool,
    ever_wrong_clock: bool,
    /// By how much the item was off when the keeper read it; none before it could.
    off_when_read: Option<i64>,
    /// The provider refused the grant since the last tokens.
    rejected: bool,
    /// The access tokens received, in order, and when.
    received: BTreeMap<String, (u64, Tick)>,
    /// When the keeper believes that the token it last wrote will die.
    believed_until: Option<Tick>,
    handed_unsaved: Option<String>,
    holds: Vec<Hold>,
    /// Until when explicit leases lasted, or will.
    leased_until: Option<Tick>,
    told: Vec<(NoticeKey, u64)>,
    sends: VecDeque<Tick>,
    steps: (i64, u32),
}

/// A reader's hold on a token.
#[derive(Debug)]
struct Hold {
    reader: ReaderId,
    token: String,
    until: Tick,
    explicit: bool,
    /// When the last safe moment comes at the earliest.
    safe_until: Tick,
}

#[derive(Debug, Default)]
struct ClientChecks {
    /// Requests that may have reached the provider: which, when, and whether the pace allowed it.
    sends: VecDeque<(u64, Tick, bool)>,
    penalty_until: Option<Tick>,
}

/// All that is known, and the first thing found wrong.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    pub(crate) accounts: Vec<AccountChecks>,
    clients: Vec<ClientChecks>,
    violation: Option<String>,
    orders: u64,
    clock_set_at: Option<Tick>,
    clock_noticed_at: Option<Tick>,
    /// The clock was set while no keeper ran to notice it.
    clock_set_unseen: bool,
    /// Until when nothing is asked of the pace, for that reason.
    pace_excused_until: Option<Tick>,
    text: String,
}

impl Checks {
    pub(crate) fn new(accounts: usize, clients: usize) -> Self {
        Self {
            accounts: (0..accounts).map(|_| AccountChecks::default()).collect(),
            clients: (0..clients).map(|_| ClientChecks::default()).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn fail(&mut self, what: String) {
        self.violation.get_or_insert(what);
    }

    pub(crate) fn failed(&self) -> bool {
        self.violation.is_some()
    }

    pub(crate) fn violation(&self) -> Option<&str> {
        self.violation.as_deref()
    }

    pub(crate) fn is_penalty(&self, client: usize, now: Tick) -> bool {
        self.clients[client]
            .penalty_until
            .is_some_and(|until| now < until)
    }

    pub(crate) fn clock_set(&mut self, now: Tick, unseen: bool) {
        self.clock_set_at = Some(now);
        self.clock_set_unseen |= unseen;
    }

    pub(crate) fn clock_noticed(&mut self, now: Tick) {
        self.clock_noticed_at = Some(now);
    }

    /// A keeper starts: leases on a time limit are forgotten with the last one (until holders can
    /// take them up again), plain reads are not.
    pub(crate) fn started(&mut self, now: Tick) {
        for account in &mut self.accounts {
            account.in_flight = None;
            account.strays.clear();
            account.rejected = false;
            account.holds.retain(|hold| !hold.explicit);
        }
        if std::mem::take(&mut self.clock_set_unseen) {
            self.pace_excused_until = Some(now + Duration::from_secs(400));
        }
    }

    pub(crate) fn sent(&mut self, client: usize, flight: u64, now: Tick) {
        self.clients[client].sends.push_back((flight, now, true));
    }

    /// A code was exchanged: a person's minute is short, so nothing holds that up.
    pub(crate) fn exchanged(&mut self, client: usize, flight: u64, now: Tick) {
        self.clients[client].sends.push_back((flight, now, false));
    }

    pub(crate) fn released(&mut self, account: usize, reader: ReaderId, now: Tick) {
        let of = &mut self.accounts[account];
        of.holds.retain(|hold| hold.reader != reader);
        let explicit = of.holds.iter().filter(|hold| hold.explicit);
        of.leased_until = explicit.map(|hold| hold.until).max().max(Some(now));
    }

    fn order(&mut self) -> u64 {
        self.orders += 1;
        self.orders
    }
}

impl World {
    fn wrong(&mut self, invariant: &str, account: usize, what: impl std::fmt::Display) {
        let at = self.now.as_millis() as f64 / 1000.0;
        self.checks.fail(format!(
            "{invariant}: account {account} at {at:.3} s: {what}"
        ));
    }

    fn may_kill(&self) -> bool {
        self.provider.behaviour.kills
    }

    // Invariants 1, 2, 4: what is handed out.

    fn check_handout(&mut self, account: usize, reader: ReaderId, open: &Open, handout: &Handout) {
        let now = self.now;
        let token = handout.access_token.expose().to_owned();
        let Some(access) = self.provider.access(&token).cloned() else {
            return self.wrong("1", account, "a token that the provider never issued");
        };
        let of = &self.checks.accounts[account];
        // Nobody can know of what others did, what a request did that the vault could not be told of,
        // or how long a token lives whose provider does not say it.
        let others =
            access.killed.is_some_and(|(_, by)| by != By::Us) || access.issued_to != By::Us;
        let newest = of.received.values().map(|(order, _)| *order).max();
        let older = of.received.get(&token).map(|(order, _)| *order) < newest;
        let unknown = of.lost_track
            || (older && of.ever_wrong_clock)
            || of.wrong_clock
            || of.lost_unsaved
            || handout.expiry_assumed;
        if !self.provider.is_alive(&token, now) && !others && !unknown {
            let why = format!("a dead token was handed out: {access:?}");
            return self.wrong("1", account, why);
        }
        if handout.expires_at > access.dies_at && !others && !unknown {
            let late = handout.expires_at.since(access.dies_at);
            return self.wrong(
                "1",
                account,
                format!("a token was said to live {late:?} too long"),
            );
        }
        let killer = self.travelling().any(|flight| match &flight.errand {
            Some((_, Request::Refresh(refresh))) => {
                self.provider.would_kill(refresh.expose(), &token)
            }
            _ => false,
        });
        if killer && !unknown {
            return self.wrong(
                "1",
                account,
                "a request on its way will kill the token handed out",
            );
        }
        if now.until(handout.expires_at) < open.want.min_validity {
            self.wrong("1", account, "less validity than was asked for");
        }
        self.check_lease(account, open, handout);
        self.check_durable(account, handout, &token);
        self.hold(account, reader, open, handout, token);
    }

    fn check_lease(&mut self, account: usize, open: &Open, handout: &Handout) {
        let term = open.want.lease.as_ref();
        let taken_up = term.and_then(|term| term.token);
        if taken_up.is_some_and(|token| token != handout.access_token.fingerprint()) {
            return self.wrong("2", account, "a lease was taken up on another token");
        }
        // One that is taken up again takes its token as it is.
        let asked = term
            .filter(|_| taken_up.is_none())
            .and_then(|term| term.length);
        let long_enough = |length: Duration| {
            let until = handout.lease_until;
            until
                .is_some_and(|until| self.now.until(until) >= length && until <= handout.expires_at)
        };
        if !asked.is_none_or(long_enough)
            || open.want.lease.is_some() != handout.lease_until.is_some()
        {
            self.wrong("2", account, "a lease is not as long as was asked for");
        }
    }

    fn check_durable(&mut self, account: usize, handout: &Handout, token: &str) {
        let received = &self.checks.accounts[account].received;
        let order = |token: &str| received.get(token).map_or(0, |(order, _)| *order);
        let durable = self.vault.item(account).and_then(Item::access);
        // The vault may hold a newer set already, whose write was reported as failed.
        let held = durable.is_some_and(|held| held == token || order(held) > order(token));
        if !handout.unsaved && !held {
            self.wrong(
                "4",
                account,
                "a token was handed out that the vault does not hold",
            );
        }
        if handout.unsaved {
            let received = self.checks.accounts[account].received.get(token).copied();
            if received.is_none_or(|(_, at)| self.now.since(at) < UNSAVED_HOLD) {
                self.wrong("4", account, "a token was handed out unsaved at once");
            }
            self.checks.accounts[account].handed_unsaved = Some(token.to_owned());
        }
    }

    fn hold(
        &mut self,
        account: usize,
        reader: ReaderId,
        open: &Open,
        handout: &Handout,
        token: String,
    ) {
        let now = self.now;
        let lifetime = self.provider.behaviour.lifetime;
        let margin = (lifetime / 5)
            .clamp(Duration::from_secs(30), Duration::from_secs(600))
            .min(lifetime / 2);
        let ahead = (TIME_LIMIT + PLAIN_LEASE + Duration::from_secs(10)).min(margin + margin / 10);
        let hold = Hold {
            reader,
            token,
            until: handout
                .lease_until
                .unwrap_or(now + PLAIN_LEASE)
                .min(handout.expires_at),
            explicit: open.want.lease.is_some(),
            safe_until: handout.expires_at - ahead,
        };
        let of = &mut self.checks.accounts[account];
        of.holds.retain(|hold| now < hold.until);
        if hold.explicit {
            of.leased_until = of.leased_until.max(Some(hold.until));
        }
        of.holds.push(hold);
    }

    /// Whether any reader's hold on this token still binds the keeper.
    fn is_held(&self, account: usize, token: &str) -> Option<String> {
        let now = self.now;
        let of = &self.checks.accounts[account];
        let binds = |hold: &&Hold| {
            hold.token == token && now < hold.until && (!hold.explicit || now < hold.safe_until)
        };
        of.holds.iter().find(binds).map(|hold| format!("{hold:?}"))
    }

    /// An API refused a token that a reader got.
    pub(crate) fn check_refusal(&mut self, account: usize, token: &AccessToken, plain: bool) {
        let Some(access) = self.provider.access(token.expose()).cloned() else {
            return;
        };
        let of = &self.checks.accounts[account];
        let by_us = access.killed.is_some_and(|(_, by)| by == By::Us);
        // Leases end with a crash, or at the last safe moment; that is looked at when it is sent.
        if plain && by_us && !of.removed && !of.lost_track && !of.wrong_clock && !of.lost_unsaved {
            self.wrong(
                "2",
                account,
                "a plain read's token was killed within two seconds",
            );
        }
    }

    // Invariants 2, 3, 5, 7: what is sent.

    pub(crate) fn check_send(&mut self, account: usize, attempt: AttemptId, request: &Request) {
        let now = self.now;
        self.report.requests += 1;
        if self.checks.accounts[account].removed {
            return self.wrong("3", account, "a request for an account that was removed");
        }
        if let Some(other) = self.checks.accounts[account].in_flight.replace(attempt) {
            return self.wrong("3", account, format!("{attempt:?} while {other:?} is out"));
        }
        self.check_pace(account);
        let Request::Refresh(token) = request else {
            return;
        };
        let of = &self.checks.accounts[account];
        let newest = of.received.iter().max_by_key(|(_, (order, _))| *order);
        // A mark on another set than the one that is refreshed says nothing of this request.
        let item = self.vault.item(account);
        let is_refreshed = item.and_then(Item::refresh) == Some(token.expose());
        let marked = item.and_then(Item::pending).is_some() && is_refreshed;
        if !self.may_kill() {
            self.checks.accounts[account].unmarked |= !marked;
            return;
        }
        let current = newest.map(|(token, _)| token.clone()).or_else(|| {
            let item = self.vault.item(account);
            item.and_then(Item::access).map(str::to_owned)
        });
        let dies_at = current
            .as_deref()
            .and_then(|token| self.provider.access(token))
            .filter(|access| access.killed.is_none())
            .map(|access| access.dies_at);
        let lifetime = self.provider.behaviour.lifetime;
        let dies_at = dies_at.min(of.believed_until);
        let lives_long = dies_at.is_some_and(|at| {
            at - TIME_LIMIT - Duration::from_secs(12) > now && at - lifetime / 2 > now
        });
        if !marked && !of.unmarked && lives_long && !of.wrong_clock && !of.lost_track {
            return self.wrong(
                "5",
                account,
                "a refresh was sent that the vault knows nothing of",
            );
        }
        let held = current.and_then(|token| self.is_held(account, &token));
        let of = &mut self.checks.accounts[account];
        if let Some(hold) = held.filter(|_| !of.in_doubt && !of.wrong_clock && !of.lost_track) {
            return self.wrong(
                "2",
                account,
                format!("a refresh was sent in spite of {hold}"),
            );
        }
        of.unmarked |= !marked;
    }

    fn check_pace(&mut self, account: usize) {
        let now = self.now;
        let client = self.specs[account].client;
        let excused = self
            .checks
            .pace_excused_until
            .is_some_and(|until| now < until)
            || self.checks.clock_set_at > self.checks.clock_noticed_at;
        if self.checks.is_penalty(client, now) && !excused {
            return self.wrong("7", account, "a request was sent in a penalty window");
        }
        if let Some(quota) = self.provider.behaviour.quota {
            let sends = &mut self.checks.clients[client].sends;
            while sends
                .front()
                .is_some_and(|(_, at, _)| now.since(*at) >= quota.window)
            {
                sends.pop_front();
            }
            let paced = sends.iter().filter(|(.., paced)| *paced).count() + 1;
            if paced > quota.requests as usize && !excused {
                return self.wrong("7", account, format!("{paced} requests in one window"));
            }
        }
        // Without a quota: an attempt every five seconds at the most, and what persons ask for.
        let sends = &mut self.checks.accounts[account].sends;
        sends.push_back(now);
        while sends
            .front()
            .is_some_and(|at| now.since(*at) > Duration::from_secs(3600))
        {
            sends.pop_front();
        }
        if sends.len() > 800 {
            self.wrong("7", account, "more than 800 requests in an hour");
        }
    }

    pub(crate) fn check_revoke(&mut self, account: usize, token: &Revocable) {
        if self.checks.accounts[account].removed {
            return;
        }
        let Some(session) = self.provider.session_of(token) else {
            return self.wrong(
                "9",
                account,
                "a token was revoked that the provider never issued",
            );
        };
        let tokens: Vec<String> = self.checks.accounts[account]
            .holds
            .iter()
            .map(|hold| hold.token.clone())
            .collect();
        for token in tokens {
            let same = self
                .provider
                .access(&token)
                .is_some_and(|a| a.session == session);
            let alive = self.provider.is_alive(&token, self.now);
            if let Some(hold) = self.is_held(account, &token).filter(|_| same && alive) {
                self.wrong(
                    "2",
                    account,
                    format!("a session was ended in spite of {hold}"),
                );
            }
        }
    }

    // Invariants 5, 6: what comes back.

    pub(crate) fn check_return(&mut self, back: &Return) {
        let (account, now) = (back.account, self.now);
        let client = &mut self.checks.clients[self.specs[account].client];
        match &back.reply {
            Reply::NotSent(_) => client.sends.retain(|(flight, ..)| *flight != back.flight),
            Reply::Throttled { retry_after, .. } => {
                client.penalty_until = client.penalty_until.max(Some(now + *retry_after));
            }
            _ => {}
        }
        let Some(attempt) = back.attempt else {
            if let Reply::Tokens(tokens) = &back.reply {
                self.check_received(account, tokens.access_token.expose(), back.sent_at);
                let of = &mut self.checks.accounts[account];
                of.strays.extend(of.in_flight.take());
            }
            return;
        };
        let of = &mut self.checks.accounts[account];
        if of.removed || of.in_flight != Some(attempt) {
            of.strays.retain(|stray| *stray != attempt);
            return;
        }
        of.in_flight = None;
        match &back.reply {
            Reply::Tokens(tokens) => {
                self.check_received(account, tokens.access_token.expose(), back.sent_at);
            }
            Reply::Rejected(problem) if problem.kind == ProblemKind::InvalidGrant => {
                self.check_rejection(back);
            }
            Reply::OutcomeUnknown(_) => {
                let kills = self.provider.behaviour.kills;
                let of = &mut self.checks.accounts[account];
                of.unanswered = true;
                if kills && !std::mem::replace(&mut of.in_doubt, true) {
                    self.report.doubts += 1;
                }
            }
            _ => {
                let of = &mut self.checks.accounts[account];
                of.unmarked &= of.unanswered;
            }
        }
    }

    fn check_received(&mut self, account: usize, token: &str, sent_at: Tick) {
        let issued_at = self.provider.access(token).map(|access| access.issued_at);
        let (order, now) = (self.checks.order(), self.now);
        self.report.renewals += 1;
        let of = &mut self.checks.accounts[account];
        self.report.doubts_resolved += u64::from(of.in_doubt);
        of.received
            .entry(token.to_owned())
            .or_insert((order, now))
            .0 = order;
        of.in_doubt = false;
        of.unanswered = false;
        of.unmarked = false;
        // What an unmarked request brought about may be the answer to the next one.
        of.lost_track &= issued_at < Some(sent_at);
        of.lost_unsaved = false;
        of.wrong_clock &= issued_at < Some(sent_at);
        of.rejected = false;
    }

    /// The provider refused what the keeper renews with: was that the keeper's own fault?
    fn check_rejection(&mut self, back: &Return) {
        let (account, kills) = (back.account, self.provider.behaviour.kills);
        let replays = self.provider.behaviour.replays;
        let of = &mut self.checks.accounts[account];
        of.rejected = true;
        of.in_doubt = false;
        of.unanswered = false;
        of.unmarked = false;
        let excused = match back.denied {
            // Others ended it, its time was up, or the window closed while nobody could get through.
            None | Some(Denied::Expired | Denied::WindowOver | Denied::Assertion) => true,
            Some(Denied::SessionEnded(by) | Denied::Used(by) | Denied::Outdated(by)) => {
                by != By::Us || of.lost_unsaved || !replays || !kills
            }
        };
        if !excused {
            let why = format!("a sign-in is demanded by our own fault: {:?}", back.denied);
            self.wrong("5", account, why);
        }
    }

    // Invariants 4, 5, 6: what is durable.

    pub(crate) fn check_save(&mut self, account: usize, item: &Item) {
        let written = item.read(self.both()).tokens;
        self.checks.accounts[account].believed_until = written.map(|set| set.expires_at);
        let Some(before) = self.vault.item(account) else {
            return;
        };
        let order = |token: Option<&str>| {
            let received = &self.checks.accounts[account].received;
            token
                .and_then(|token| received.get(token))
                .map_or(0, |(order, _)| *order)
        };
        let (old, new) = (order(before.access()), order(item.access()));
        // Where the vault could not be read, a sign-in begins to count anew.
        let went_back = new < old || (new == old && item.generation() < before.generation());
        let forgot = new == old && before.refresh() != item.refresh();
        let dropped = before.access().is_some() && item.access().is_none();
        if went_back || forgot || dropped {
            let why = format!("the vault is given {item:?} in place of {before:?}");
            self.wrong("6", account, why);
        }
    }

    pub(crate) fn check_load(&mut self, account: usize) {
        let pending = self.vault.item(account).and_then(Item::pending).is_some();
        let of = &mut self.checks.accounts[account];
        of.unanswered = pending;
        of.in_doubt = pending && self.provider.behaviour.kills;
        self.check_clock(account);
        let now = self.both();
        let off_by = self.vault.item(account).map_or(0, |item| item.off_by(now));
        self.checks.accounts[account].off_when_read = Some(off_by);
    }

    pub(crate) fn check_clock(&mut self, account: usize) {
        let now = self.both();
        let off_by = self.vault.item(account).map_or(0, |item| item.off_by(now));
        let of = &mut self.checks.accounts[account];
        // Whoever sets the clock while the keeper does not run, or cannot write, makes what is stored
        // wrong; the keeper cannot see by how much.
        if off_by != 0 {
            of.wrong_clock = true;
            of.ever_wrong_clock = true;
        }
    }

    /// What the crash took with it.
    pub(crate) fn keeper_died(&mut self, clock_unnoticed: bool) {
        self.checks.clock_set_unseen |= clock_unnoticed;
        let now = self.both();
        let rewritten = self
            .checks
            .clock_noticed_at
            .map_or(Tick::from_millis(0), |at| at + REWRITES_WITHIN);
        let excused = self
            .faults
            .vault_trouble
            .map(|at| at + REWRITES_WITHIN)
            .max(Some(rewritten));
        for account in 0..self.specs.len() {
            let item = self.vault.item(account);
            let held = item.and_then(Item::access).map(str::to_owned);
            let marked = item.and_then(Item::pending).is_some();
            let off_by = item.map_or(0, |item| item.off_by(now));
            let of = &mut self.checks.accounts[account];
            of.lost_track |= of.unmarked;
            of.unmarked = false;
            let unsaved = of.handed_unsaved.take();
            of.lost_unsaved |= unsaved.is_some() && unsaved != held;
            // A whole generation came and went that the vault never held.
            let newest = of
                .received
                .values()
                .map(|(order, _)| *order)
                .max()
                .unwrap_or(0);
            let durable = held
                .and_then(|held| of.received.get(&held))
                .map_or(0, |(order, _)| *order);
            let between = of
                .received
                .values()
                .filter(|(o, _)| *o > durable && *o < newest)
                .count();
            // Or the newest one, which the vault does not hold, was renewed without a mark.
            // A set was received that the vault could not be told of, nor of its request.
            of.lost_track |= durable < newest && !marked;
            of.lost_unsaved |=
                between > 0 || ((of.lost_track || of.unanswered) && durable < newest);
            let readable = of.off_when_read.take();
            let off = off_by != 0 && readable.is_some_and(|before| before != off_by);
            let (removed, wrong_clock) = (of.removed, of.wrong_clock);
            if off
                && !removed
                && !wrong_clock
                && !self.checks.clock_set_unseen
                && excused < Some(self.now)
            {
                self.wrong(
                    "5",
                    account,
                    "the vault still holds times of before the clock was set",
                );
            }
        }
    }

    // Invariant 6: what readers are told.

    pub(crate) fn check_answer(
        &mut self,
        account: usize,
        reader: ReaderId,
        open: &Open,
        answer: &Answer,
    ) {
        match answer {
            Answer::Token(handout) => self.check_handout(account, reader, open, handout),
            Answer::None(Refusal::SignInNeeded(_)) => self.check_sign_in_needed(account),
            Answer::None(Refusal::TooLong { lifetime, longest }) => {
                let asked = open.want.lease.as_ref().and_then(|term| term.length);
                let asked = asked.unwrap_or_default().max(open.want.min_validity);
                if asked <= *longest || *longest != longest_validity(*lifetime) {
                    self.wrong("7", account, "a validity was refused that can be had");
                }
            }
            Answer::None(Refusal::OutOfTime(why)) => self.check_out_of_time(account, open, why),
            Answer::None(_) => {}
        }
    }

    fn check_sign_in_needed(&mut self, account: usize) {
        let renewable = self.specs[account].grant == Grant::Jwt
            || self
                .vault
                .item(account)
                .is_some_and(|item| item.refresh().is_some());
        if renewable && !self.checks.accounts[account].rejected {
            self.wrong("6", account, "a sign-in is demanded that nobody asked for");
        }
    }

    /// A reader that waited in vain although all had been well for long enough.
    fn check_out_of_time(&mut self, account: usize, open: &Open, why: &Why) {
        if self.now < open.deadline {
            return self.wrong("liveness", account, "out of time before the time was up");
        }
        let patient = open.deadline.since(open.asked_at) >= Duration::from_secs(30);
        let since = open.asked_at - SETTLES_WITHIN;
        let well = since > Tick::from_millis(0) && self.faults.well_since(since, self.now);
        // What a lease held up for a part of the wait may come too late.
        let leased = self.checks.accounts[account].leased_until >= Some(open.asked_at);
        let excused = matches!(why, Why::Leased) || leased || self.is_too_fast() || !patient;
        if well && !excused {
            let why = format!("a patient reader got nothing in good weather: {why:?}, {open:?}");
            self.wrong("liveness", account, why);
        }
    }

    /// Tokens so short, or accounts so many, that the quota cannot keep them fresh.
    pub(crate) fn is_too_fast(&self) -> bool {
        let lifetime = self.provider.behaviour.lifetime;
        let Some(quota) = self.provider.behaviour.quota else {
            return lifetime < Duration::from_secs(15);
        };
        let most = (0..self.clients).map(|client| {
            self.specs
                .iter()
                .filter(|spec| spec.client == client)
                .count() as u32
        });
        let accounts = most.max().unwrap_or(1).max(1);
        lifetime < quota.window * 2 * accounts / quota.requests.max(1) * 2
    }

    // Invariants 7, 8, 9: at every step.

    pub(crate) fn check_step(&mut self, account: usize, wake: Option<Tick>) {
        if wake.is_some_and(|at| at <= self.now) {
            return self.wrong("7", account, "a wake-up that does not lie ahead");
        }
        let second = self.now.as_millis() / 1000;
        let of = &mut self.checks.accounts[account];
        of.steps = if of.steps.0 == second {
            (second, of.steps.1 + 1)
        } else {
            (second, 1)
        };
        if of.steps.1 > 300 {
            self.wrong("7", account, "more than 300 steps in a second");
        }
    }

    pub(crate) fn check_entry(&mut self, account: usize, entry: &Entry) {
        if let Entry::Renewed {
            method: Method::Refresh,
            ..
        } = entry
        {
            self.checks.accounts[account].handed_unsaved = None;
        }
    }

    pub(crate) fn check_notice(&mut self, account: usize, notice: &Notice) {
        self.report.notices += 1;
        let of = &self.checks.accounts[account];
        let order = of
            .received
            .values()
            .map(|(order, _)| *order)
            .max()
            .unwrap_or(0);
        let same = |(told, about): &(NoticeKey, u64)| match (told, notice.key) {
            (NoticeKey::About(topic, told), NoticeKey::About(new, of)) => {
                (*topic, *told, *about) == (new, of, order)
            }
            (
                NoticeKey::LapseAhead { lapse: a, lead: x },
                NoticeKey::LapseAhead { lapse: b, lead: y },
            ) => {
                a.cause == b.cause
                    && *x == y
                    && a.at.since(b.at).max(b.at.since(a.at)) < Duration::from_secs(2).min(y / 2)
            }
            _ => false,
        };
        // A lapse whose time is stored wrong may look like another one.
        let twice = of.told.iter().any(same) && !of.ever_wrong_clock;
        if let NoticeKey::About(Topic::SignInNeeded, _) = notice.key {
            self.check_sign_in_needed(account);
        }
        if twice {
            return self.wrong("8", account, format!("told twice: {notice:?}"));
        }
        self.checks.accounts[account].told.push((notice.key, order));
    }

    pub(crate) fn check_secrets(&mut self, effect: &Effect) {
        let mut text = std::mem::take(&mut self.checks.text);
        text.clear();
        let _ = write!(text, "{effect:?}");
        if text.contains(PLANTED) {
            self.checks.fail(format!("9: a secret is printed: {text}"));
        }
        self.checks.text = text;
    }

    pub(crate) fn check_deadlines(&mut self) {
        if self.is_asleep() || self.keeper.is_none() {
            return;
        }
        let late = self.now - Duration::from_millis(1);
        if let Some((reader, open)) = self.readers.overdue(late) {
            // A reader that slept with the machine is answered as soon as it wakes.
            if open.deadline < self.asleep_until {
                return;
            }
            let what = format!("liveness: {reader:?} waits beyond its deadline: {open:?}");
            self.checks.fail(what);
        }
    }
}
