//! Holds on the current access token.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokenkeep_oauth::Fingerprint;

use super::ids::ReaderId;
use super::schedule::{HOLDERS_RETURN, PLAIN_LEASE};
use crate::clock::Tick;
use crate::when::When;

/// Who holds a lease, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process id, where the operating system told it.
    pub pid: Option<u32>,
    /// The program's name, where the operating system told it.
    pub program: Option<String>,
    /// The sandbox that it runs in, in words, where it runs in one.
    #[serde(default)]
    pub sandbox: Option<String>,
    /// What the holder calls itself.
    pub label: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.program, self.pid) {
            (Some(program), _) => f.write_str(program)?,
            (None, Some(pid)) => write!(f, "process {pid}")?,
            (None, None) => f.write_str("a program")?,
        }
        if let Some(sandbox) = &self.sandbox {
            write!(f, " in {sandbox}")?;
        }
        match &self.label {
            Some(label) => write!(f, " ({label})"),
            None => Ok(()),
        }
    }
}

/// A request for a lease.
#[derive(Clone, Debug, Default)]
pub struct LeaseRequest {
    /// How long at the most; none lasts until it is released. None outlives its token.
    pub length: Option<Duration>,
    /// Who holds it.
    pub holder: Holder,
    /// The token that the holder has already, of a lease that is taken up again: no other token will do,
    /// and none is renewed for it.
    pub fingerprint: Option<Fingerprint>,
}

impl LeaseRequest {
    /// How long the token has to be valid for this lease. One that is taken up again takes its token as it is.
    pub(super) fn validity(&self) -> Duration {
        let length = self.length.filter(|_| self.fingerprint.is_none());
        length.unwrap_or_default()
    }
}

/// What the holder of a lease is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseNews {
    /// The last safe moment has come: the token is renewed although it is leased.
    Renewing,
    /// The lease has ended.
    Ended(LeaseEnd),
}

/// How a lease ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaseEnd {
    /// Its time was up, or its token's.
    RanOut,
    /// It was released.
    Released,
    /// Its token was replaced, after its holder had been told.
    Replaced,
    /// The account was removed.
    Removed,
}

/// An explicit lease.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Its name: that of the reader that took it.
    pub id: ReaderId,
    /// Who holds it.
    pub holder: Holder,
    /// The generation of the token it holds.
    pub generation: u64,
    /// Since when.
    pub since: Tick,
    /// When it ends of itself, at the latest with its token.
    pub until: Tick,
}

/// A lease, and what its holder is to be told.
pub(super) type HolderNews = (ReaderId, LeaseNews);

/// All holds on an account's tokens. Plain reads are so many that only the last one's end is kept. Explicit leases may be
/// thousands, and after each event it is asked which end next and whether any holds a token, so they are kept in order.
#[derive(Debug, Default)]
pub(super) struct Leases {
    plain_until: Option<Tick>,
    explicit: BTreeMap<ReaderId, Lease>,
    /// They by their ends.
    ends: BTreeSet<(Tick, ReaderId)>,
    /// They by the generation of their token.
    generations: BTreeSet<(u64, ReaderId)>,
    /// Those of them whose holders were not told that the renewal no longer waits.
    untold: BTreeSet<(u64, ReaderId)>,
    /// Counts the leases that were taken or ended.
    changes: u64,
    /// Until when those who held leases in the last run may still come to take them up again.
    holders_return_until: Option<Tick>,
}

impl Leases {
    /// The keeper has just started with a token that dies at `expires_at`: someone may have read it just
    /// before the last run ended, or held a lease on it.
    pub(super) fn restored(&mut self, now: Tick, expires_at: Tick) {
        self.read(now, expires_at);
        self.holders_return_until = Some(now + HOLDERS_RETURN);
    }

    /// Notes a plain read at `now` of a token that dies at `expires_at`.
    pub(super) fn read(&mut self, now: Tick, expires_at: Tick) {
        let until = (now + PLAIN_LEASE).min(expires_at);
        self.plain_until = self.plain_until.max(Some(until));
    }

    /// Takes an explicit lease; tells when it ends of itself.
    pub(super) fn take(
        &mut self,
        id: ReaderId,
        request: LeaseRequest,
        generation: u64,
        now: Tick,
        expires_at: Tick,
    ) -> Tick {
        let until = request
            .length
            .map_or(expires_at, |length| (now + length).min(expires_at));
        self.ends.insert((until, id));
        self.generations.insert((generation, id));
        self.untold.insert((generation, id));
        self.changes += 1;
        let lease = Lease {
            id,
            holder: request.holder,
            generation,
            since: now,
            until,
        };
        self.explicit.insert(id, lease);
        until
    }

    /// Ends the lease of that name, where there is one.
    pub(super) fn release(&mut self, id: ReaderId) -> Option<HolderNews> {
        self.end([id], LeaseEnd::Released).into_iter().next()
    }

    /// Ends the leases whose time is up.
    pub(super) fn expire(&mut self, now: Tick) -> Vec<HolderNews> {
        self.plain_until = self.plain_until.filter(|until| now < *until);
        let over = self.ends.iter().take_while(|(until, _)| *until <= now);
        let over: Vec<_> = over.map(|(_, id)| *id).collect();
        self.end(over, LeaseEnd::RanOut)
    }

    /// Ends all leases, because the account is gone.
    pub(super) fn end_all(&mut self) -> Vec<HolderNews> {
        self.plain_until = None;
        let all: Vec<_> = self.explicit.keys().copied().collect();
        self.end(all, LeaseEnd::Removed)
    }

    /// The token that was current was replaced, which `kills` it or not. Whoever was told that this comes has lost it.
    pub(super) fn replaced(&mut self, kills: bool) -> Vec<HolderNews> {
        if kills {
            // Plain reads of a dead token matter to nobody any more.
            self.plain_until = None;
        }
        let told = self.generations.difference(&self.untold);
        let told: Vec<_> = told.map(|(_, id)| *id).collect();
        self.end(told, LeaseEnd::Replaced)
    }

    fn end(&mut self, ids: impl IntoIterator<Item = ReaderId>, end: LeaseEnd) -> Vec<HolderNews> {
        let mut ended = Vec::new();
        for id in ids {
            let Some(lease) = self.explicit.remove(&id) else {
                continue;
            };
            self.ends.remove(&(lease.until, id));
            self.generations.remove(&(lease.generation, id));
            self.untold.remove(&(lease.generation, id));
            self.changes += 1;
            ended.push((id, LeaseNews::Ended(end)));
        }
        ended
    }

    /// When no plain read is using its token any more.
    pub(super) fn plain_over(&self, now: Tick) -> When {
        When::after(self.plain_until, now)
    }

    /// When those who held leases in the last run have had their time to return.
    pub(super) fn holders_returned(&self, now: Tick) -> When {
        When::after(self.holders_return_until, now)
    }

    /// Whether an explicit lease lasts on the token of `generation`.
    pub(super) fn hold(&self, generation: u64) -> bool {
        of_generation(&self.generations, generation)
            .next()
            .is_some()
    }

    /// Whether an explicit lease lasts on the token of `generation` or an earlier one of its session.
    pub(super) fn hold_up_to(&self, generation: u64) -> bool {
        self.generations
            .first()
            .is_some_and(|(first, _)| *first <= generation)
    }

    /// The leases on `generation` whose holders were not told yet that the renewal does not wait, marking them told.
    pub(super) fn override_all(&mut self, generation: u64) -> Vec<ReaderId> {
        let untold: Vec<_> = of_generation(&self.untold, generation).collect();
        for id in &untold {
            self.untold.remove(&(generation, *id));
        }
        untold
    }

    /// The explicit leases.
    pub(super) fn list(&self) -> impl Iterator<Item = &Lease> {
        self.explicit.values()
    }

    /// The explicit lease of that name.
    pub(super) fn named(&self, id: ReaderId) -> Option<&Lease> {
        self.explicit.get(&id)
    }

    /// Counts the leases that were taken or ended.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// When the next explicit lease ends of itself. The end of plain reads matters to a renewal alone, which
    /// waits for it.
    pub(super) fn next_end(&self, now: Tick) -> When {
        let next = self.ends.first().map(|(until, _)| *until);
        next.map_or(When::Never, |end| When::from(end, now))
    }
}

/// Those on the token of one generation.
fn of_generation(
    leases: &BTreeSet<(u64, ReaderId)>,
    generation: u64,
) -> impl Iterator<Item = ReaderId> {
    let all = (generation, ReaderId(0))..=(generation, ReaderId(u64::MAX));
    leases.range(all).map(|(_, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_goes_by_what_is_known_of_it() {
        let named = |program: Option<&str>, pid, label: Option<&str>| {
            let holder = Holder {
                pid,
                program: program.map(str::to_owned),
                sandbox: None,
                label: label.map(str::to_owned),
            };
            holder.to_string()
        };
        assert_eq!(
            named(Some("curl"), Some(7), Some("nightly")),
            "curl (nightly)"
        );
        assert_eq!(named(None, Some(7), None), "process 7");
        assert_eq!(named(None, None, None), "a program");
        let sandboxed = Holder {
            program: Some("bash".to_owned()),
            sandbox: Some("Snap code".to_owned()),
            label: Some("nightly".to_owned()),
            ..Holder::default()
        };
        assert_eq!(sandboxed.to_string(), "bash in Snap code (nightly)");
    }
}
