//! How many tests there were and how they ended.

use std::fmt;

/// How many tests passed, failed and were skipped, over all that ran.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u32,
    failed: u32,
    pub(super) skipped: u32,
}

impl Counts {
    /// Adds what a line says that sums tests up, Rust's, such as
    /// `Summary [ 1.5s] 8 tests run: 6 passed (1 slow), 1 failed, 1 timed out, 2 skipped`,
    /// or those of the page, such as `Tests  1 failed | 8 passed (9)`; other lines
    /// count for nothing.
    pub(super) fn add(&mut self, line: &str) {
        let line = line.trim_start();
        let of_rust = || line.strip_prefix("Summary [")?.split_once(" run: ");
        let of_page = || line.strip_prefix("Tests  ");
        let Some(parts) = of_rust().map(|(_, parts)| parts).or_else(of_page) else {
            return;
        };
        for part in parts.split([',', '|', '(']) {
            let mut words = part.split_whitespace();
            let count = words.next().and_then(|word| word.parse::<u32>().ok());
            match (words.next(), count) {
                (Some("passed"), Some(count)) => self.passed += count,
                (Some("failed" | "timed"), Some(count)) => self.failed += count,
                (Some("skipped" | "todo"), Some(count)) => self.skipped += count,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_rusts_tests_and_of_the_pages_are_added_up() {
        let mut sum = Counts::default();
        for line in [
            "    Starting 13 tests across 2 binaries (1 test skipped)",
            "        PASS [   0.005s] ( 1/13) xtask checks::tests::this_says_3 passed",
            "     Summary [   0.970s] 13 tests run: 9 passed (1 slow, 1 leaky), 3 failed, 1 timed out, 1 skipped",
            " Test Files  1 failed | 5 passed (6)",
            "      Tests  1 failed | 20 passed | 2 skipped | 3 todo (26)",
        ] {
            sum.add(line);
        }
        assert_eq!(sum.to_string(), "29 passed, 5 failed, 6 skipped");
    }
}
