//! How many requests a client may send: what is configured, what the provider announces, and what its
//! refusals teach.
//!
//! Additive increase, multiplicative decrease: a refusal halves the pace, and time without one brings
//! it back little by little. So all who share a quota, other programs among them, come to share it
//! fairly without knowing of each other.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokenkeep_oauth::{LONGEST_RETRY_AFTER, Quota, RateLimit};

use crate::clock::Tick;

/// A pace that was halved is whole again after half of this. At RingCentral a refusal costs a minute in
/// which nothing at all may be sent, so finding out whether there is room again must not cost one more
/// often than every half an hour.
const RECOVERY: Duration = Duration::from_secs(3600);

/// Without a quota to halve, the pace at which the refusal came is halved, measured over this.
const MEASURED_OVER: Duration = Duration::from_secs(60);

/// No pace below this is taken for what a refusal was about: it is the smallest quota that any provider
/// is known to document.
const LEAST_MET: u32 = 5;

/// A permit is used a little after it is given (drain, mark), so the provider may count two requests
/// closer together than they were allowed: every window is taken for longer by this.
const WINDOW_SLACK: Duration = Duration::from_secs(6);

/// So many requests in such a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// This many …
    pub requests: u32,
    /// … in this time.
    #[serde(rename = "window_ms", with = "milliseconds")]
    pub window: Duration,
}

/// What the provider has taught, to be kept across a restart. Its times are of the kind `T`: ticks here, and where it is
/// stored, times that mean the same after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned<T = Tick> {
    /// What it announced in `X-Rate-Limit-*` headers.
    pub announced: Option<Rate>,
    /// The pace at which it refused a client of which no quota was known.
    pub met: Option<Rate>,
    /// How far the pace was cut, while it is not whole again.
    pub cut: Option<Cut<T>>,
}

/// The pace was cut.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cut<T = Tick> {
    /// To this part of the whole …
    pub share: f64,
    /// … at this time.
    pub at: T,
}

impl<T> Default for Learned<T> {
    fn default() -> Self {
        Self {
            announced: None,
            met: None,
            cut: None,
        }
    }
}

impl<T> Learned<T> {
    /// The same with times of another kind.
    pub fn map_times<U>(self, convert: impl FnOnce(T) -> U) -> Learned<U> {
        Learned {
            announced: self.announced,
            met: self.met,
            cut: self.cut.map(|cut| Cut {
                share: cut.share,
                at: convert(cut.at),
            }),
        }
    }
}

/// A duration as whole milliseconds.
mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// What is left of the provider's own count.
#[derive(Clone, Copy, Debug)]
struct Left {
    requests: u32,
    /// Requests sent after this are not in the count yet.
    since: Tick,
    until: Tick,
}

/// All that limits a client.
#[derive(Debug)]
pub(super) struct Allowance {
    quota: Option<Rate>,
    learned: Learned,
    left: Option<Left>,
}

/// At most so many requests may have been sent after a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) requests: usize,
    /// Those count that were sent after this.
    pub(super) after: Tick,
    pub(super) frees: Frees,
}

/// When a rule has room again.
#[derive(Clone, Copy, Debug)]
pub(super) enum Frees {
    /// When requests are so long ago.
    Gradually(Duration),
    /// All at once.
    At(Tick),
}

impl Allowance {
    pub(super) fn new(quota: Option<&Quota>, learned: Learned) -> Self {
        let quota = quota.filter(|quota| quota.requests > 0).map(|quota| Rate {
            requests: quota.requests,
            window: quota.window,
        });
        Self {
            quota,
            learned,
            left: None,
        }
    }

    pub(super) fn learned(&self, now: Tick) -> Learned {
        let cut = self.learned.cut.filter(|_| self.share(now) < 1.0);
        // What was made up for want of a quota is dropped once the pace is whole again.
        let met = self.learned.met.filter(|_| cut.is_some());
        Learned {
            cut,
            met,
            ..self.learned
        }
    }

    /// How much of the whole pace may be used.
    fn share(&self, now: Tick) -> f64 {
        self.learned.cut.map_or(1.0, |cut| {
            let rested = now.since(cut.at).div_duration_f64(RECOVERY);
            (cut.share + rested).min(1.0)
        })
    }

    /// All that must be kept to at `now`.
    pub(super) fn rules(&self, now: Tick) -> impl Iterator<Item = Rule> {
        let share = self.share(now);
        let met = self.learned.met.filter(|_| share < 1.0);
        let rates = [self.quota, self.learned.announced, met];
        let left = self.left.filter(|left| now < left.until);
        let paced = rates.into_iter().flatten().map(move |rate| {
            let window = rate.window + WINDOW_SLACK;
            Rule {
                requests: part(rate.requests, share),
                after: now - window,
                frees: Frees::Gradually(window),
            }
        });
        let counted = left.map(|left| Rule {
            requests: usize::try_from(left.requests).unwrap_or(usize::MAX),
            after: left.since,
            frees: Frees::At(left.until),
        });
        paced.chain(counted)
    }

    /// The longest time for which a request may count.
    pub(super) fn longest_window(&self) -> Duration {
        let rates = [self.quota, self.learned.announced, self.learned.met];
        let windows = rates.into_iter().flatten().map(|rate| rate.window);
        windows.fold(MEASURED_OVER, Duration::max) + WINDOW_SLACK
    }

    /// The provider said, in answer to a request sent at `sent_at`, how its count stands.
    pub(super) fn announced(&mut self, limit: RateLimit, sent_at: Tick, now: Tick) {
        // A limit of nothing is no limit that anybody could have met, and a window longer than any wait that is
        // believed is no window of seconds: it would stop the client for days, across restarts too.
        let is_credible = !limit.window.is_zero() && limit.window <= LONGEST_RETRY_AFTER;
        if limit.limit == 0 || !is_credible {
            return;
        }
        self.learned.announced = Some(Rate {
            requests: limit.limit,
            window: limit.window,
        });
        // Answers may overtake each other: the request sent last was counted last.
        if self.left.is_none_or(|left| left.since <= sent_at) {
            self.left = Some(Left {
                requests: limit.remaining,
                since: sent_at,
                until: now + limit.window,
            });
        }
    }

    /// The provider refused a request sent at `sent_at`, the last of `recent` within a minute.
    pub(super) fn throttled(&mut self, sent_at: Tick, recent: usize, now: Tick) {
        // What was sent before the pace was cut says nothing of the pace since.
        if self.learned.cut.is_some_and(|cut| sent_at < cut.at) {
            return;
        }
        // Made up for want of a quota, it must not come back once the pace was whole and a quota is known.
        self.learned.met = self.learned(now).met;
        let known = self.quota.is_some() || self.learned.announced.is_some();
        if !known && self.learned.met.is_none() {
            self.learned.met = Some(Rate {
                requests: u32::try_from(recent).unwrap_or(u32::MAX).max(LEAST_MET),
                window: MEASURED_OVER,
            });
        }
        self.learned.cut = Some(Cut {
            share: self.share(now) / 2.0,
            at: now,
        });
    }

    /// Since when requests count towards the pace at which a refusal comes.
    pub(super) fn measured_from(now: Tick) -> Tick {
        now - MEASURED_OVER
    }
}

/// A part of so many requests, and one at the least: without a request nothing is ever learned.
fn part(requests: u32, share: f64) -> usize {
    if share >= 1.0 {
        return usize::try_from(requests).unwrap_or(usize::MAX).max(1);
    }
    let part = (f64::from(requests) * share).floor();
    // A part of a u32 is one.
    (part as usize).max(1)
}
