//! Holds on the current access token.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::reader::{LeaseTerm, ReaderId};
use super::schedule::PLAIN_LEASE;
use crate::clock::Tick;

/// Who holds a lease, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process id, where the operating system told it.
    pub pid: Option<u32>,
    /// The program's name, where the operating system told it.
    pub program: Option<String>,
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
        match &self.label {
            Some(label) => write!(f, " ({label})"),
            None => Ok(()),
        }
    }
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
    /// Whether its holder was told that the renewal no longer waits.
    pub(super) told: bool,
}

/// All holds on an account's tokens. Plain reads are so many that only the last one's end is kept.
#[derive(Debug, Default)]
pub(super) struct Leases {
    plain_until: Option<Tick>,
    explicit: Vec<Lease>,
}

impl Leases {
    /// Notes a plain read at `now` of a token that dies at `expires_at`.
    pub(super) fn read(&mut self, now: Tick, expires_at: Tick) {
        let until = (now + PLAIN_LEASE).min(expires_at);
        self.plain_until = self.plain_until.max(Some(until));
    }

    /// Takes an explicit lease; tells when it ends of itself.
    pub(super) fn take(
        &mut self,
        id: ReaderId,
        term: LeaseTerm,
        generation: u64,
        now: Tick,
        expires_at: Tick,
    ) -> Tick {
        let until = term
            .length
            .map_or(expires_at, |length| (now + length).min(expires_at));
        self.explicit.push(Lease {
            id,
            holder: term.holder,
            generation,
            since: now,
            until,
            told: false,
        });
        until
    }

    /// Ends the lease of that name, where there is one.
    pub(super) fn release(&mut self, id: ReaderId) {
        self.explicit.retain(|lease| lease.id != id);
    }

    /// Ends the leases whose time is up.
    pub(super) fn expire(&mut self, now: Tick) {
        self.plain_until = self.plain_until.filter(|until| now < *until);
        self.explicit.retain(|lease| now < lease.until);
    }

    /// The plain reads of a replaced token matter to nobody any more.
    pub(super) fn forget_plain(&mut self) {
        self.plain_until = None;
    }

    /// Whether a plain read is still using its token.
    pub(super) fn plain_lasts(&self, now: Tick) -> bool {
        self.plain_until.is_some_and(|until| now < until)
    }

    /// Whether an explicit lease lasts on the token of `generation`.
    pub(super) fn holds(&self, generation: u64) -> bool {
        self.explicit
            .iter()
            .any(|lease| lease.generation == generation)
    }

    /// Whether an explicit lease lasts on the token of `generation` or an earlier one of its session.
    pub(super) fn hold_up_to(&self, generation: u64) -> bool {
        self.explicit
            .iter()
            .any(|lease| lease.generation <= generation)
    }

    /// The leases on `generation` whose holders were not told yet, marking them told.
    pub(super) fn tell(&mut self, generation: u64) -> Vec<ReaderId> {
        let untold = self
            .explicit
            .iter_mut()
            .filter(|lease| lease.generation == generation && !lease.told);
        untold
            .map(|lease| {
                lease.told = true;
                lease.id
            })
            .collect()
    }

    /// The explicit leases.
    pub(super) fn list(&self) -> &[Lease] {
        &self.explicit
    }

    /// When the next lease ends of itself.
    pub(super) fn next_end(&self) -> Option<Tick> {
        self.explicit
            .iter()
            .map(|lease| lease.until)
            .chain(self.plain_until)
            .min()
    }

    /// How long a lease of this term asks its token to be valid. One that is taken up again takes its
    /// token as it is.
    pub(super) fn validity_asked(term: Option<&LeaseTerm>) -> Duration {
        term.filter(|term| term.token.is_none())
            .and_then(|term| term.length)
            .unwrap_or_default()
    }
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
    }
}
