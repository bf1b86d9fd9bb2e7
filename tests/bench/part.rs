//! The parts of the report, and which of them are asked for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::extent::{Extent, QUICK, WHOLE};
use crate::figure::Figure;
use crate::{fleet, get, idle, leases, live, socket};

/// A part of the report. Its words are those of `cargo xtask bench`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `tokenkeep get` as a whole process.
    Get,
    /// Requests for tokens over the socket.
    Socket,
    /// Many leases and waiting readers on one account.
    Leases,
    /// Many simulated accounts for a month.
    Fleet,
    /// Many real accounts with short-lived tokens.
    Live,
    /// A keeper that is left alone.
    Idle,
}

const ALL: [Part; 6] = [
    Part::Get,
    Part::Socket,
    Part::Leases,
    Part::Fleet,
    Part::Live,
    Part::Idle,
];

/// What is to be measured.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) quick: bool,
    pub(crate) chosen: Vec<Part>,
}

/// Reads what is to be measured, everything where no part is named; none where a word is not understood.
pub(crate) fn asked(words: impl Iterator<Item = String>) -> Option<Asked> {
    let mut asked = Asked {
        quick: false,
        chosen: Vec::new(),
    };
    for word in words {
        if word == "--quick" {
            asked.quick = true;
        } else {
            let part = ALL.into_iter().find(|part| part.word() == word)?;
            asked.chosen.push(part);
        }
    }
    if asked.chosen.is_empty() {
        asked.chosen = ALL.to_vec();
    }
    Some(asked)
}

impl Asked {
    /// How much is measured of each part.
    pub(crate) fn extent(&self) -> &'static Extent {
        if self.quick { &QUICK } else { &WHOLE }
    }
}

impl Part {
    fn word(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Socket => "socket",
            Self::Leases => "leases",
            Self::Fleet => "fleet",
            Self::Live => "live",
            Self::Idle => "idle",
        }
    }

    /// What it is about.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Get => "tokenkeep get, from its start to its end",
            Self::Socket => "tokens over the socket",
            Self::Leases => "leases and waiting readers on one account",
            Self::Fleet => "a fleet of simulated accounts",
            Self::Live => "real accounts with short-lived tokens",
            Self::Idle => "a keeper that is left alone",
        }
    }

    /// Measures it. What goes wrong costs the other parts nothing.
    pub(crate) fn measured(self, extent: &Extent) -> Vec<Figure> {
        let measure = || match self {
            Self::Get => get::measure(extent),
            Self::Socket => socket::measure(extent),
            Self::Leases => leases::measure(extent),
            Self::Fleet => fleet::measure(extent),
            Self::Live => live::measure(extent),
            Self::Idle => idle::measure(extent),
        };
        // Nothing of what it was doing is used afterwards.
        catch_unwind(AssertUnwindSafe(measure)).unwrap_or_else(|panic| {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
            vec![Figure::failed(self.title(), words.unwrap_or("it panicked"))]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Option<Asked> {
        asked(words.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn everything_is_measured_unless_parts_are_named() {
        assert_eq!(read("").unwrap().chosen, ALL);
        assert_eq!(read("--quick").unwrap().chosen, ALL);
        let asked = read("idle --quick get").unwrap();
        assert_eq!(asked.chosen, [Part::Idle, Part::Get]);
        assert!(asked.quick);
    }

    #[test]
    fn an_unknown_word_is_not_passed_over() {
        assert_eq!(read("get everything"), None);
    }
}
