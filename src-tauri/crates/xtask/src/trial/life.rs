//! The life of each token, drawn as a bar.

use std::io::{IsTerminal, stdout};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::program::PracticeAccount;

/// How often a bar is printed where it cannot be redrawn in place.
const PRINT_EVERY: Duration = Duration::from_secs(5);
/// How many cells a bar has.
const WIDTH: usize = 40;

/// A bar per token: redrawn in place on a terminal, printed now and then in a
/// pipe. The bars of tokens that have been replaced stay above it.
pub(super) struct Life {
    bar: Option<ProgressBar>,
    printed: Option<Instant>,
    token: Option<String>,
}

impl Life {
    pub(super) fn new() -> Self {
        let bar = stdout().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg}");
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout())
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self {
            bar,
            printed: None,
            token: None,
        }
    }

    /// Prints a line above the bar.
    pub(super) fn say(&mut self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => println!("{line}"),
        }
    }

    /// Draws the life of the account's token as it is now.
    pub(super) fn draw(&mut self, account: &PracticeAccount) {
        let line = line(account, Utc::now());
        let is_new = self.token != account.fingerprint;
        if is_new {
            self.token.clone_from(&account.fingerprint);
        }
        match &self.bar {
            Some(bar) => bar.set_message(line),
            None if is_new || self.printed.is_none_or(|at| at.elapsed() >= PRINT_EVERY) => {
                self.printed = Some(Instant::now());
                println!("{line}");
            }
            None => {}
        }
    }

    /// Leaves the last bar where it is.
    pub(super) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.abandon();
        }
    }
}

/// A secret, covered.
pub(super) fn covered(secret: &str) -> String {
    "\u{2022}".repeat(secret.trim().chars().count().min(WIDTH))
}

fn line(account: &PracticeAccount, now: DateTime<Utc>) -> String {
    let (Some(token), Some(issued), Some(expires)) =
        (&account.fingerprint, account.issued_at, account.expires_at)
    else {
        return format!("no token ({})", account.state);
    };
    let short: String = token.chars().take(8).collect();
    let left = seconds(expires - now);
    let bar = bar(left, seconds(expires - issued));
    format!("token {short} {bar} {left:>3.0} s left, {}", account.state)
}

fn bar(left: f64, whole: f64) -> String {
    let full = (1..=WIDTH)
        .take_while(|cell| *cell as f64 <= left / whole * WIDTH as f64 + 0.5)
        .count();
    format!(
        "{}{}",
        "\u{2588}".repeat(full),
        "\u{2591}".repeat(WIDTH - full)
    )
}

fn seconds(span: chrono::TimeDelta) -> f64 {
    span.as_seconds_f64().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(age: i64) -> String {
        let issued_at = DateTime::from_timestamp(1_000_000, 0).unwrap();
        let account = PracticeAccount {
            name: "work".to_owned(),
            state: "fresh".to_owned(),
            fingerprint: Some("0123456789".to_owned()),
            issued_at: Some(issued_at),
            expires_at: Some(issued_at + chrono::TimeDelta::seconds(40)),
        };
        line(&account, issued_at + chrono::TimeDelta::seconds(age))
    }

    #[test]
    fn a_bar_is_full_at_first_half_at_half_time_and_empty_at_the_end() {
        for (age, full) in [(0, 40), (20, 20), (39, 1), (40, 0), (99, 0)] {
            assert_eq!(
                drawn(age).matches('\u{2588}').count(),
                full,
                "after {age} s"
            );
            assert_eq!(drawn(age).matches('\u{2591}').count(), 40 - full);
        }
    }

    #[test]
    fn a_line_says_which_token_and_how_long_it_lives() {
        let line = drawn(28);
        assert!(line.starts_with("token 01234567 "), "{line}");
        assert!(line.ends_with(" 12 s left, fresh"), "{line}");
    }

    #[test]
    fn nothing_of_a_covered_secret_shows() {
        assert_eq!(covered("abc\n"), "\u{2022}\u{2022}\u{2022}");
    }
}
