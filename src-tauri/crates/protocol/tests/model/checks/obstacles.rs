//! What stood in the way of whom, and when: established by the model, whatever the keeper says.

use std::fmt;
use std::time::Duration;

use tokenkeep_oauth::{ProblemKind, Reply};
use tokenkeep_protocol::clock::Tick;

use super::super::network::Return;
use super::super::world::World;

/// WaitedFor a reader could not be served, by any client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    Weather,
    Penalty,
    Quota,
    Vault,
    Leased,
    Misconfigured,
    SignIn,
    Asleep,
    KeeperGone,
    Impatient,
    AskedTooMuch,
    Replaced,
    Removed,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Cause::Weather => "network or provider failed",
            Cause::Penalty => "provider asked for a pause",
            Cause::Quota => "quota was used up",
            Cause::Vault => "keychain failed",
            Cause::Leased => "lease held the token",
            Cause::Misconfigured => "provider refused the client",
            Cause::SignIn => "only a person could sign in",
            Cause::Asleep => "machine slept",
            Cause::KeeperGone => "keeper died or ended",
            Cause::Impatient => "did not wait for a renewal",
            Cause::AskedTooMuch => "asked for more than tokens live",
            Cause::Replaced => "lease's token was replaced",
            Cause::Removed => "account was removed",
        })
    }
}

/// Something that stood in the way for a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) cause: Cause,
    pub(super) from: Tick,
    pub(super) until: Tick,
}

/// How long a failed request is waited out with a reader waiting, and a tenth more …
const RETRIED_AFTER: Duration = Duration::from_millis(5_600);

/// … in doubt …
const REPLAYED_AFTER: Duration = Duration::from_millis(16_600);

/// … and where the provider called the set-up wrong.
const MENDED_AFTER: Duration = Duration::from_secs(602);

/// What is sent and answered in good weather takes no longer.
const USUAL: Duration = Duration::from_secs(1);

/// For how long what stood in the way is remembered.
const REMEMBERED: Duration = Duration::from_secs(900);

/// All that stood in anybody's way of late.
#[derive(Debug, Default)]
pub(crate) struct Obstacles {
    everyone: Vec<Span>,
    clients: Vec<Vec<Span>>,
    accounts: Vec<Vec<Span>>,
}

impl Obstacles {
    pub(super) fn new(accounts: usize, clients: usize) -> Self {
        Self {
            everyone: Vec::new(),
            clients: vec![Vec::new(); clients],
            accounts: vec![Vec::new(); accounts],
        }
    }

    /// Something stands in everybody's way from `from` until `until`.
    pub(crate) fn everyone(&mut self, cause: Cause, from: Tick, until: Tick) {
        add(&mut self.everyone, Span { cause, from, until });
    }

    /// It stands in the way of one client's accounts.
    pub(super) fn client(&mut self, client: usize, cause: Cause, from: Tick, until: Tick) {
        add(&mut self.clients[client], Span { cause, from, until });
    }

    /// It stands in the way of one account.
    pub(crate) fn account(&mut self, account: usize, cause: Cause, from: Tick, until: Tick) {
        add(&mut self.accounts[account], Span { cause, from, until });
    }

    /// All faults are over, but a machine that sleeps sleeps on.
    pub(crate) fn end(&mut self, now: Tick) {
        let ending = |span: &&mut Span| span.cause != Cause::Asleep;
        for span in self.everyone.iter_mut().filter(ending) {
            span.until = span.until.min(now + RETRIED_AFTER);
        }
    }

    /// What stood in the way of an account between `from` and `to`.
    pub(super) fn of(&self, account: usize, client: usize, from: Tick, to: Tick) -> Vec<Span> {
        let all = [
            &self.everyone,
            &self.clients[client],
            &self.accounts[account],
        ];
        let spans = all.into_iter().flatten();
        spans
            .filter(|span| span.from < to && span.until > from)
            .copied()
            .collect()
    }

    /// Whether nothing stood in everybody's way.
    pub(super) fn is_clear_for_everyone(&self, from: Tick, to: Tick) -> bool {
        let mut spans = self.everyone.iter();
        !spans.any(|span| span.from < to && span.until > from)
    }
}

fn add(spans: &mut Vec<Span>, span: Span) {
    if spans.len() > 64 {
        spans.retain(|old| span.from.since(old.until) < REMEMBERED);
    }
    spans.push(span);
}

/// The longest time between `from` and `to` in which nothing stood in the way.
pub(super) fn longest_clear(spans: &[Span], from: Tick, to: Tick) -> Duration {
    let mut sorted = spans.to_vec();
    sorted.sort_by_key(|span| span.from);
    let (mut clear_from, mut longest) = (from, Duration::ZERO);
    for span in sorted {
        longest = longest.max(span.from.min(to).since(clear_from));
        clear_from = clear_from.max(span.until);
    }
    longest.max(to.since(clear_from))
}

/// What stood in the way for the longest part of the time.
pub(super) fn mostly(spans: &[Span], from: Tick, to: Tick) -> Option<Cause> {
    let overlap = |span: &&Span| span.until.min(to).since(span.from.max(from));
    spans.iter().max_by_key(overlap).map(|span| span.cause)
}

impl World {
    /// A request came back: whatever was not as usual stood in the way.
    pub(super) fn note_obstacle(&mut self, back: &Return) {
        let (account, now, from) = (back.account, self.now, back.sent_at);
        let known = &self.checks.accounts[account].known;
        let client = self.specs[account].client;
        let unknown = matches!(back.reply, Reply::OutcomeUnknown { .. });
        let in_doubt = known.in_doubt || (unknown && self.may_kill());
        let obstacles = &mut self.checks.obstacles;
        if now.since(from) > USUAL {
            obstacles.account(account, Cause::Weather, from, now);
        }
        match &back.reply {
            Reply::Tokens(_) => {}
            Reply::NotSent(_) | Reply::OutcomeUnknown { .. } => {
                let after = if in_doubt {
                    REPLAYED_AFTER
                } else {
                    RETRIED_AFTER
                };
                obstacles.account(account, Cause::Weather, from, now + after);
                if let Reply::OutcomeUnknown {
                    retry_after: Some(pause),
                    ..
                } = &back.reply
                {
                    let until = now + *pause + USUAL;
                    obstacles.client(client, Cause::Penalty, from, until);
                }
            }
            Reply::Throttled { retry_after, .. } => {
                let until = now + *retry_after + USUAL;
                obstacles.client(client, Cause::Penalty, from, until);
            }
            Reply::Rejected(problem) if problem.kind == ProblemKind::InvalidGrant => {}
            Reply::Rejected(_) | Reply::Misconfigured(_) => {
                let until = now + MENDED_AFTER;
                obstacles.account(account, Cause::Misconfigured, from, until);
            }
        }
    }

    /// A write to the vault was asked for, which is done at `ends` and answered at `answered`.
    pub(crate) fn note_write(&mut self, account: usize, ends: Tick, answered: Tick, ok: bool) {
        let (now, obstacles) = (self.now, &mut self.checks.obstacles);
        if ends.since(now) > USUAL / 2 {
            obstacles.everyone(Cause::Vault, now, ends);
        }
        if !ok {
            let until = answered + RETRIED_AFTER;
            obstacles.account(account, Cause::Vault, now, until);
        }
    }

    /// The keychain cannot be read until then.
    pub(crate) fn note_locked(&mut self, until: Tick) {
        let until = until + RETRIED_AFTER;
        self.checks
            .obstacles
            .everyone(Cause::Vault, self.now, until);
    }

    /// A request that is out for longer than usual stands in the way, too.
    pub(super) fn obstacles_of(&self, account: usize, from: Tick) -> Vec<Span> {
        let client = self.specs[account].client;
        let now = self.now;
        let mut spans = self.checks.obstacles.of(account, client, from, now);
        let of = &self.checks.accounts[account];
        let flight = of.attempts.in_flight.as_ref();
        spans.extend(
            flight
                .filter(|flight| now.since(flight.sent_at) > USUAL)
                .map(|flight| Span {
                    cause: Cause::Weather,
                    from: flight.sent_at,
                    until: now,
                }),
        );
        let leases = of.holds.all().iter().filter(|hold| hold.explicit);
        spans.extend(leases.filter(|_| self.may_kill()).map(|hold| {
            // A lease on a token that was replaced holds nothing up.
            let newest = of.known.newest_set().map(|set| set.at);
            let replaced = newest.filter(|_| of.known.newest() != Some(&hold.token));
            let until = hold.until.min(hold.safe_until);
            Span {
                cause: Cause::Leased,
                from: hold.since,
                until: replaced.map_or(until, |at| until.min(at)),
            }
        }));
        spans.extend(self.quota_spans(account, from));
        spans
    }
}
