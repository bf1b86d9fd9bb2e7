//! What a wall clock that is set does to stored times, and for how long nobody can help it.

use std::time::Duration;

use tokenkeep_protocol::clock::Tick;

use super::super::world::World;
use super::{Checks, Invariant};

/// How long the keeper has for writing everything again after the clock was set.
const REWRITES_WITHIN: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Clocks {
    set_at: Option<Tick>,
    noticed_at: Option<Tick>,
    /// The clock was set while no keeper ran to notice it.
    set_unseen: bool,
    /// Until when stored pauses and requests may be off, for that reason.
    pace_off_until: Option<Tick>,
    /// Until when how far a pace was cut may be off, for that reason.
    share_off_until: Option<Tick>,
    accounts: Vec<Stored>,
}

/// How the stored times of an account stand.
#[derive(Clone, Debug, Default)]
struct Stored {
    /// They were wrong when they were read, and no tokens came since.
    wrong: bool,
    /// The access tokens whose life nobody knows for that reason.
    tokens: Vec<String>,
    ever_wrong: bool,
    /// By how much the item was off when the keeper read it; none before it could.
    off_when_read: Option<i64>,
}

/// How many such tokens are remembered.
const TOKENS: usize = 8;

impl Stored {
    fn note_wrong(&mut self, token: &str) {
        self.tokens.retain(|other| other != token);
        self.tokens.push(token.to_owned());
        if self.tokens.len() > TOKENS {
            self.tokens.remove(0);
        }
    }
}

/// The longest pause that storms ask for, and a window of the quota.
const PACE_OFF_FOR: Duration = Duration::from_secs(700);

/// A pace that was cut is whole again within this.
const SHARE_OFF_FOR: Duration = Duration::from_secs(3600);

impl Clocks {
    fn of(&mut self, account: usize) -> &mut Stored {
        if self.accounts.len() <= account {
            self.accounts.resize_with(account + 1, Stored::default);
        }
        &mut self.accounts[account]
    }

    pub(super) fn keeper_started(&mut self, now: Tick) {
        if std::mem::take(&mut self.set_unseen) {
            self.pace_off_until = Some(now + PACE_OFF_FOR);
            self.share_off_until = Some(now + SHARE_OFF_FOR);
        }
    }

    /// Whether nobody knows how long a token of the account lives, because what is stored of its times
    /// was wrong when it was read.
    pub(super) fn is_wrong(&self, account: usize, token: &str) -> bool {
        let stored = self.accounts.get(account);
        stored.is_some_and(|stored| stored.tokens.iter().any(|wrong| wrong == token))
    }

    pub(super) fn was_ever_wrong(&self, account: usize) -> bool {
        let stored = self.accounts.get(account);
        stored.is_some_and(|stored| stored.ever_wrong)
    }

    /// A token was received. The life of one that was replayed counts from a stored time.
    pub(super) fn received(&mut self, account: usize, token: &str, is_replayed: bool) {
        let stored = self.of(account);
        stored.wrong &= is_replayed;
        if stored.wrong {
            stored.note_wrong(token);
        }
    }

    /// Whether nobody knows how long ago a pace was cut.
    pub(super) fn is_share_off(&self, now: Tick) -> bool {
        self.share_off_until.is_some_and(|until| now < until)
    }

    /// A pace was cut: from what nobody knows is to what nobody knows.
    pub(super) fn pace_cut(&mut self, now: Tick) {
        if self.is_share_off(now) {
            self.share_off_until = Some(now + SHARE_OFF_FOR);
        }
    }

    /// Whether nobody knows how old stored requests and pauses are.
    pub(super) fn is_pace_off(&self, now: Tick) -> bool {
        self.pace_off_until.is_some_and(|until| now < until) || self.set_at > self.noticed_at
    }
}

impl Checks {
    pub(crate) fn clock_set(&mut self, now: Tick, unseen: bool) {
        self.clocks.set_at = Some(now);
        self.clocks.set_unseen |= unseen;
    }

    pub(crate) fn clock_noticed(&mut self, now: Tick) {
        self.clocks.noticed_at = Some(now);
    }

    /// The keeper died without having noticed that the clock was set.
    pub(super) fn clock_unnoticed(&mut self) {
        self.clocks.set_unseen = true;
    }
}

impl World {
    /// Whoever sets the clock while the keeper does not run, or cannot write, makes what is stored
    /// wrong; the keeper cannot see by how much.
    pub(crate) fn check_clock(&mut self, account: usize) -> i64 {
        let now = self.both();
        let off_by = self.vault.item(account).map_or(0, |item| item.off_by(now));
        if off_by != 0 {
            let token = self.vault.item(account).and_then(|item| item.access());
            let stored = self.checks.clocks.of(account);
            (stored.wrong, stored.ever_wrong) = (true, true);
            if let Some(token) = token {
                stored.note_wrong(token);
            }
        }
        off_by
    }

    pub(super) fn note_clock_when_read(&mut self, account: usize) {
        let off_by = self.check_clock(account);
        self.checks.clocks.of(account).off_when_read = Some(off_by);
    }

    /// Invariant 5: what the keeper leaves behind holds the times of the clock as it was set last,
    /// unless it had no time or no vault to write it.
    pub(super) fn check_rewritten(&mut self, account: usize) {
        let now = self.both();
        let off_by = self.vault.item(account).map_or(0, |item| item.off_by(now));
        let clocks = &mut self.checks.clocks;
        let noticed = clocks.noticed_at.unwrap_or(Tick::from_millis(0));
        let excused_until = self.faults.vault_trouble.max(Some(noticed));
        let (unseen, stored) = (clocks.set_unseen, clocks.of(account));
        let readable = stored.off_when_read.take();
        let off = off_by != 0 && readable.is_some_and(|before| before != off_by);
        let wrong_before = stored.wrong;
        let excused = unseen
            || wrong_before
            || self.checks.accounts[account].removed
            || excused_until.map(|at| at + REWRITES_WITHIN) >= Some(self.now);
        if off && !excused {
            let what = "the vault still holds times of before the clock was set";
            self.wrong(Invariant::CrashCostsNothing, account, what);
        }
    }
}
