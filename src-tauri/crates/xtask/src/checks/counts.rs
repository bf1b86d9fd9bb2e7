//! How many tests there were and how they ended.

use std::fmt;

/// How many tests passed, failed and were skipped, over all that ran.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u32,
    failed: u32,
    skipped: u32,
}

impl Counts {
    /// Adds what a line says that sums up the tests of one binary, such as
    /// `test result: ok. 8 passed; 0 failed; …`, or those of the page, such as
    /// `Tests  1 failed | 8 passed (9)`; other lines count for nothing.
    pub(super) fn add(&mut self, line: &str) {
        let line = line.trim_start();
        let of_rust = line.strip_prefix("test result: ");
        let Some(parts) = of_rust.or_else(|| line.strip_prefix("Tests  ")) else {
            return;
        };
        for part in parts.split(['.', ';', '|', '(']) {
            let mut words = part.split_whitespace();
            let count = words.next().and_then(|word| word.parse::<u32>().ok());
            match (words.next(), count) {
                (Some("passed"), Some(count)) => self.passed += count,
                (Some("failed"), Some(count)) => self.failed += count,
                (Some("ignored" | "skipped" | "todo"), Some(count)) => self.skipped += count,
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
    fn the_results_of_all_test_binaries_and_of_the_page_are_added_up() {
        let mut sum = Counts::default();
        for line in [
            "running 9 tests",
            "test result: ok. 8 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.97s",
            "test this_says_3_passed ... ok",
            "test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.00s",
            " Test Files  1 failed | 5 passed (6)",
            "      Tests  1 failed | 20 passed | 2 skipped | 3 todo (26)",
        ] {
            sum.add(line);
        }
        assert_eq!(sum.to_string(), "30 passed, 5 failed, 6 skipped");
    }
}
