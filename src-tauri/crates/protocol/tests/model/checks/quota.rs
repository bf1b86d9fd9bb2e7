//! Invariant 7, as far as the quota goes: no window sees more requests than it, nothing is sent while
//! the provider asks for a pause, and a client that was refused sends less for a while.

use std::collections::VecDeque;
use std::time::Duration;

use tokenkeep_oauth::{ProblemKind, Quota, RateLimit, Reply};
use tokenkeep_protocol::clock::Tick;

use super::super::network::Return;
use super::super::world::World;
use super::obstacles::{Cause, Span};
use super::{Checks, Invariant};

/// For how long requests are remembered.
const REMEMBERED: Duration = Duration::from_secs(400);

/// The keeper takes every window for so much longer.
const WINDOW_SLACK: Duration = Duration::from_secs(6);

/// How long a request that was let go may take to be sent: drain, and a mark in a slow vault.
const ON_ITS_WAY: Duration = Duration::from_secs(13);

/// Half of this makes a pace whole again that was halved.
const RECOVERY: Duration = Duration::from_secs(3600);

/// The pace that is halved for want of a quota is no lower than this.
const LEAST_MET: usize = 5;

const MINUTE: Duration = Duration::from_secs(60);

/// A request that may have reached the provider.
#[derive(Clone, Copy, Debug)]
struct Sent {
    flight: u64,
    account: usize,
    /// It was let go …
    let_go: Tick,
    /// … and sent.
    at: Tick,
    /// It turned out not to have been sent after all.
    freed: Option<Tick>,
}

/// Leave to send that a crash took with it: the next keeper cannot know that nothing was sent.
const NEVER_SENT: u64 = 0;

/// What is known of a client.
#[derive(Debug, Default)]
pub(super) struct Client {
    sent: VecDeque<Sent>,
    /// Who has leave to send and has not used it yet.
    let_go: Vec<(usize, Tick)>,
    penalty_until: Option<Tick>,
    /// To which part the pace was cut, and when.
    cut: Option<(f64, Tick)>,
    /// The pace at which that was at the most, where no quota was known: the keeper counts what it let
    /// go, too, but forgets it when it dies.
    met: Option<usize>,
    announced: Option<RateLimit>,
    /// What was left of late, the last one last.
    left: VecDeque<Left>,
}

/// What the provider said was left after the request sent at `since`, which counts until `until`.
#[derive(Clone, Copy, Debug)]
struct Left {
    requests: usize,
    since: Tick,
    until: Tick,
}

/// So many requests in such a time.
type Rate = (usize, Duration);

impl Client {
    fn forget_old(&mut self, now: Tick) {
        let is_old = |at: Tick| now.since(at) > REMEMBERED;
        while self.sent.front().is_some_and(|sent| is_old(sent.at)) {
            self.sent.pop_front();
        }
        while self.left.front().is_some_and(|left| is_old(left.until)) {
            self.left.pop_front();
        }
    }

    fn share(&self, now: Tick) -> f64 {
        self.cut.map_or(1.0, |(share, at)| {
            (share + now.since(at).div_duration_f64(RECOVERY)).min(1.0)
        })
    }

    fn sent_after(&self, from: Tick) -> usize {
        let later = self.sent.iter().rev().take_while(|sent| sent.at > from);
        let counts = |sent: &&Sent| sent.flight != NEVER_SENT && sent.freed.is_none();
        later.filter(counts).count()
    }

    /// The paces that hold, whole.
    fn rates(&self, quota: Option<Quota>, at_most: bool) -> Vec<Rate> {
        let quota = quota.map(|quota| (quota.requests as usize, quota.window));
        let announced = self.announced.map(|a| (a.limit as usize, a.window));
        let met = self.met.map(|most| if at_most { most } else { LEAST_MET });
        let met = met.map(|requests| (requests, MINUTE));
        [quota, announced, met].into_iter().flatten().collect()
    }

    fn lose_leave(&mut self, whose: impl Fn(usize) -> bool) {
        let lost = self.let_go.extract_if(.., |(account, _)| whose(*account));
        self.sent.extend(lost.map(|(account, at)| Sent {
            flight: NEVER_SENT,
            account,
            let_go: at,
            at,
            freed: None,
        }));
        self.sent.make_contiguous().sort_by_key(|sent| sent.at);
    }

    /// Of answers that overtook each other, the one to the request sent last tells how the count stands.
    fn left_over(&mut self, left: Left, now: Tick) {
        if let Some(before) = self.left.back_mut() {
            if left.since < before.since {
                return;
            }
            before.until = before.until.min(now);
        }
        self.left.push_back(left);
    }

    fn refused(&mut self, flight: u64, quota: Option<Quota>, now: Tick) {
        let sent = self.sent.iter().find(|sent| sent.flight == flight);
        let sent_at = sent.map_or(now, |sent| sent.at);
        if self.cut.is_some_and(|(_, at)| sent_at < at) {
            return;
        }
        let share = self.share(now);
        if self.announced.is_some() && share >= 1.0 {
            self.met = None;
        }
        if quota.is_none() && self.announced.is_none() && (self.met.is_none() || share >= 1.0) {
            let later = self
                .sent
                .iter()
                .rev()
                .take_while(|sent| sent.at > now - MINUTE);
            let most = later.count() + self.let_go.len();
            self.met = self.met.max(Some(most.max(LEAST_MET)));
        }
        self.cut = Some((share / 2.0, now));
    }
}

impl Checks {
    pub(crate) fn is_penalty(&self, client: usize, now: Tick) -> bool {
        let until = self.clients[client].penalty_until;
        until.is_some_and(|until| now < until)
    }

    /// The pace gives an account leave to send.
    pub(crate) fn let_go(&mut self, client: usize, account: usize, now: Tick) {
        self.clients[client].let_go.push((account, now));
    }

    /// The account does not use it.
    pub(crate) fn left_unused(&mut self, client: usize, account: usize) {
        self.clients[client].let_go.retain(|(of, _)| *of != account);
    }

    /// A sign-in overtook what the account had leave for: it counts all the same.
    pub(super) fn overtaken(&mut self, client: usize, account: usize) {
        self.clients[client].lose_leave(|of| of == account);
    }

    /// The keeper died: what it gave leave for counts all the same.
    pub(super) fn lose_leave(&mut self) {
        for client in &mut self.clients {
            client.lose_leave(|_| true);
        }
    }

    pub(crate) fn sent(&mut self, client: usize, account: usize, flight: u64, now: Tick) {
        let client = &mut self.clients[client];
        client.forget_old(now);
        let leave = client.let_go.iter().find(|(of, _)| *of == account);
        let let_go = leave.map_or(now, |(_, at)| *at);
        client.let_go.retain(|(of, _)| *of != account);
        client.sent.push_back(Sent {
            flight,
            account,
            let_go,
            at: now,
            freed: None,
        });
    }
}

impl World {
    /// A request is about to go out.
    pub(crate) fn check_pace(&mut self, account: usize) {
        let now = self.now;
        if self.checks.clocks.is_pace_off(now) {
            return;
        }
        let number = self.specs[account].client;
        if self.checks.is_penalty(number, now) {
            let what = "a request was sent in a penalty window";
            return self.wrong(Invariant::NoStorms, account, what);
        }
        let client = &self.checks.clients[number];
        let rates = client.rates(self.configured, true);
        let over = rates.iter().find_map(|(requests, window)| {
            let sent = client.sent_after(now - *window) + 1;
            let whole = sent > *requests && client.met.is_none();
            (whole && self.announced_long_ago(number, *window)).then_some(sent)
        });
        if let Some(sent) = over {
            let what = format!("{sent} requests in one window");
            self.note_pace(number);
            return self.wrong(Invariant::NoStorms, account, what);
        }
        let certain = !self.checks.clocks.is_share_off(now);
        let Some((_, cut_at)) = client.cut.filter(|_| certain) else {
            return;
        };
        // Those that were let go before are not called back.
        let since = cut_at + ON_ITS_WAY;
        let share = client.share(now);
        let over = rates.iter().find_map(|(requests, window)| {
            let most = ((*requests as f64 * share) as usize).max(1);
            let sent = client.sent_after(since.max(now - *window)) + 1;
            (share < 1.0 && sent > most).then_some((sent, most))
        });
        if let Some((sent, most)) = over {
            let what = format!("{sent} requests in one window, {most} after a refusal");
            self.note_pace(number);
            self.wrong(Invariant::NoStorms, account, what);
        }
    }

    /// For whoever looks for the cause of a violation.
    pub(super) fn note_pace(&mut self, client: usize) {
        let (now, keeper) = (self.now, self.keeper.as_ref());
        let pace = keeper.map(|keeper| keeper.paces[client].remembered(now));
        let seen = format!("{:?}, {:?}", self.configured, self.checks.clients[client]);
        self.note(|| format!("the pace of client {client}: {pace:?}; it was seen as {seen}"));
    }

    /// What was announced a moment ago says nothing of what was sent before.
    fn announced_long_ago(&self, client: usize, window: Duration) -> bool {
        let client = &self.checks.clients[client];
        let configured = self.configured.map_or(0, |quota| quota.requests);
        let lower = client
            .announced
            .is_some_and(|a| a.limit < configured || configured == 0);
        let since = client.left.back().map(|left| left.since);
        !lower || since.is_some_and(|since| self.now.since(since) > window)
    }

    /// What a reply says of the quota.
    pub(super) fn note_quota(&mut self, back: &Return) {
        let (now, quota) = (self.now, self.configured);
        let client = &mut self.checks.clients[self.specs[back.account].client];
        match &back.reply {
            Reply::NotSent(_) => {
                let mut sent = client.sent.iter_mut();
                if let Some(sent) = sent.find(|sent| sent.flight == back.flight) {
                    sent.freed = Some(now);
                }
            }
            Reply::Throttled {
                retry_after,
                problem,
            } => {
                client.penalty_until = client.penalty_until.max(Some(now + *retry_after));
                if problem.kind == ProblemKind::Throttled {
                    client.refused(back.flight, quota, now);
                    self.checks.clocks.pace_cut(now);
                }
            }
            Reply::OutcomeUnknown {
                retry_after: Some(pause),
                ..
            } => client.penalty_until = client.penalty_until.max(Some(now + *pause)),
            Reply::Tokens(tokens) => {
                if let Some(limit) = tokens.rate_limit {
                    client.announced = Some(limit);
                    let left = Left {
                        requests: limit.remaining as usize,
                        since: back.sent_at,
                        until: now + limit.window,
                    };
                    client.left_over(left, now);
                }
            }
            _ => {}
        }
    }

    /// When the client's quota, or the account's part of it, was used up, as far as a schedule may use
    /// it.
    pub(super) fn quota_spans(&self, account: usize, from: Tick) -> Vec<Span> {
        let now = self.now;
        let client = &self.checks.clients[self.specs[account].client];
        let mut spans = Vec::new();
        let own = |sent: &&Sent| sent.account == account;
        let lowest = if self.checks.clocks.is_share_off(now) {
            0.0
        } else {
            client.share(from.max(client.cut.map_or(from, |(_, at)| at)))
        };
        for (requests, window) in client.rates(self.configured, false) {
            let requests = ((requests as f64 * lowest) as usize).max(1);
            let background = (requests - 1).max(1);
            used_up(client.sent.iter(), background, window, &mut spans);
            let part = (requests * 3 / 5).max(1);
            used_up(client.sent.iter().filter(own), part, window, &mut spans);
        }
        let all: Vec<Tick> = client.sent.iter().map(|sent| sent.at).collect();
        for left in &client.left {
            let mut later = all.iter().filter(|at| **at > left.since);
            let last = match left.requests.saturating_sub(1) {
                0 => Some(left.since),
                most => later.nth(most - 1).copied(),
            };
            spans.extend(last.map(|from| Span {
                cause: Cause::Quota,
                from: from - ON_ITS_WAY,
                until: left.until,
            }));
        }
        // Stored under another setting of the clock, they seem later than they are.
        if self.checks.clocks.is_pace_off(now) {
            spans.push(Span {
                cause: Cause::Quota,
                from,
                until: now,
            });
        }
        spans.retain(|span| span.from < now && span.until > from && span.from < span.until);
        spans
    }
}

/// When so many of these requests counted within one window.
fn used_up<'a>(
    sent: impl Iterator<Item = &'a Sent>,
    most: usize,
    window: Duration,
    spans: &mut Vec<Span>,
) {
    let mut turns: Vec<(Tick, bool)> = sent
        .flat_map(|sent| {
            let until = sent.freed.unwrap_or(sent.at + window + WINDOW_SLACK);
            [(sent.let_go, true), (until, false)]
        })
        .collect();
    turns.sort_unstable();
    let (mut counted, mut since) = (0, None);
    for (at, begins) in turns {
        if begins {
            counted += 1;
        } else {
            counted -= 1;
        }
        if counted >= most {
            since.get_or_insert(at);
        } else if let Some(from) = since.take() {
            let cause = Cause::Quota;
            spans.push(Span {
                cause,
                from,
                until: at,
            });
        }
    }
}
