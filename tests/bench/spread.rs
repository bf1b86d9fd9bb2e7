//! How long something took, time and again.

use std::time::Duration;

use serde_json::{Value, json};

/// Times in order, the shortest first; at least one.
#[derive(Clone, Debug)]
pub(crate) struct Spread(Vec<Duration>);

impl Spread {
    /// Panics where nothing was timed: then nothing can be said.
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        assert!(!times.is_empty(), "nothing was timed");
        times.sort_unstable();
        Self(times)
    }

    /// How many times there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that this share of them, of a hundred, was not longer than.
    pub(crate) fn percentile(&self, percent: f64) -> Duration {
        let rank = (percent / 100.0 * self.0.len() as f64).ceil() as usize;
        self.0[rank.clamp(1, self.0.len()) - 1]
    }

    /// The time in the middle.
    pub(crate) fn median(&self) -> Duration {
        self.percentile(50.0)
    }

    /// How many times longer its middle is than another's.
    pub(crate) fn ratio_to(&self, other: &Self) -> f64 {
        self.median().as_secs_f64() / other.median().as_secs_f64().max(1e-9)
    }

    /// The same of the times that one in ten was not longer than: a machine that has much else to do adds to every
    /// middle, and so brings ratios of middles closer to one.
    pub(crate) fn undisturbed_ratio_to(&self, other: &Self) -> f64 {
        let seconds = |spread: &Self| spread.percentile(10.0).as_secs_f64();
        seconds(self) / seconds(other).max(1e-9)
    }

    /// The numbers, in microseconds.
    pub(crate) fn detail(&self) -> Value {
        json!({
            "count": self.count(),
            "least_us": micros(self.percentile(0.0)),
            "p10_us": micros(self.percentile(10.0)),
            "median_us": micros(self.median()),
            "p90_us": micros(self.percentile(90.0)),
            "p99_us": micros(self.percentile(99.0)),
            "most_us": micros(self.percentile(100.0)),
        })
    }
}

/// In microseconds, to a tenth.
pub(crate) fn micros(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e6, 1)
}

/// To so many decimal places.
pub(crate) fn rounded(number: f64, places: i32) -> f64 {
    let unit = 10_f64.powi(places);
    (number * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(times: impl IntoIterator<Item = u64>) -> Spread {
        Spread::of(times.into_iter().map(Duration::from_micros).collect())
    }

    #[test]
    fn a_percentile_is_the_least_time_that_covers_its_share() {
        let hundred = spread((1..=100).rev());
        for (percent, time) in [(0.0, 1), (10.0, 10), (50.0, 50), (99.0, 99), (100.0, 100)] {
            let found = hundred.percentile(percent);
            assert_eq!(found, Duration::from_micros(time), "{percent}");
        }
        assert_eq!(spread([7]).percentile(99.0), Duration::from_micros(7));
        assert_eq!(spread([1, 2, 9]).median(), Duration::from_micros(2));
    }

    #[test]
    fn one_slow_run_moves_no_ratio() {
        let (slow, quick) = (spread([30, 31, 900]), spread([10, 11, 12]));
        assert!((slow.ratio_to(&quick) - 31.0 / 11.0).abs() < 1e-9);
        assert!((slow.undisturbed_ratio_to(&quick) - 3.0).abs() < 1e-9);
    }

    #[test]
    #[should_panic(expected = "nothing was timed")]
    fn of_nothing_there_is_no_spread() {
        spread([]);
    }
}
