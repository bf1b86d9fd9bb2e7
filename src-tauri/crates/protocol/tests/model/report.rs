//! What a run, or many, came to.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::checks::Cause;

/// Counts over simulated time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) seeds: u64,
    pub(crate) steps: u64,
    pub(crate) simulated: Duration,
    pub(crate) account_time: Duration,
    pub(crate) renewals: u64,
    pub(crate) requests: u64,
    pub(crate) served_at_once: u64,
    /// How long readers waited that were not served at once, in milliseconds.
    pub(crate) waited: Vec<u64>,
    pub(crate) served_unsaved: u64,
    pub(crate) not_served: BTreeMap<Cause, u64>,
    pub(crate) crashes: u64,
    pub(crate) sleeps: u64,
    pub(crate) clock_jumps: u64,
    pub(crate) doubts: u64,
    pub(crate) doubts_resolved: u64,
    pub(crate) meddled: u64,
    pub(crate) sign_ins: u64,
    pub(crate) notices: u64,
}

impl Report {
    pub(crate) fn not_served(&mut self, cause: Cause) {
        *self.not_served.entry(cause).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: Report) {
        self.seeds += other.seeds;
        self.steps += other.steps;
        self.simulated += other.simulated;
        self.account_time += other.account_time;
        self.renewals += other.renewals;
        self.requests += other.requests;
        self.served_at_once += other.served_at_once;
        self.waited.extend(other.waited);
        self.served_unsaved += other.served_unsaved;
        for (why, count) in other.not_served {
            *self.not_served.entry(why).or_default() += count;
        }
        self.crashes += other.crashes;
        self.sleeps += other.sleeps;
        self.clock_jumps += other.clock_jumps;
        self.doubts += other.doubts;
        self.doubts_resolved += other.doubts_resolved;
        self.meddled += other.meddled;
        self.sign_ins += other.sign_ins;
        self.notices += other.notices;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut waited = self.waited.clone();
        waited.sort_unstable();
        let at = |part: f64| {
            let index = (waited.len() as f64 * part) as usize;
            let millis = waited.get(index.min(waited.len().saturating_sub(1)));
            *millis.unwrap_or(&0) as f64 / 1000.0
        };
        let hours = |time: Duration| time.as_secs() / 3600;
        writeln!(f, "seeds                  {}", self.seeds)?;
        writeln!(f, "simulated              {} h", hours(self.simulated))?;
        writeln!(f, "  times accounts       {} h", hours(self.account_time))?;
        writeln!(f, "steps                  {}", self.steps)?;
        writeln!(f, "requests               {}", self.requests)?;
        writeln!(f, "renewals               {}", self.renewals)?;
        writeln!(f, "reads served at once   {}", self.served_at_once)?;
        writeln!(
            f,
            "  after waiting        {} (p50 {:.1} s, p99 {:.1} s, longest {:.1} s)",
            waited.len(),
            at(0.5),
            at(0.99),
            at(1.0)
        )?;
        writeln!(f, "  of these, unsaved    {}", self.served_unsaved)?;
        writeln!(
            f,
            "  not at all           {}",
            self.not_served.values().sum::<u64>()
        )?;
        for (why, count) in &self.not_served {
            writeln!(f, "    {why:<31}{count:>9}")?;
        }
        writeln!(f, "crashes survived       {}", self.crashes)?;
        writeln!(f, "sleeps                 {}", self.sleeps)?;
        writeln!(f, "clock jumps            {}", self.clock_jumps)?;
        writeln!(
            f,
            "doubts                 {} ({} resolved by a replay)",
            self.doubts, self.doubts_resolved
        )?;
        writeln!(f, "others' meddling       {}", self.meddled)?;
        writeln!(f, "sign-ins by a person   {}", self.sign_ins)?;
        write!(f, "notices                {}", self.notices)
    }
}
