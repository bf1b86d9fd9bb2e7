//! What is printed acts on no terminal, whoever said part of it: a provider, or a program with a name of its own choice.

use std::fmt::{self, Display};
use std::io;

use serde_json::ser::Formatter;
use tokenkeep_oauth::acts;

use crate::style::{BAD, BUSY, FAINT, GOOD};

/// Text for a terminal: with our own colours and line ends, and with nothing else that acts on it.
pub(crate) struct Harmless<T>(pub(crate) T);

impl<T: Display> Display for Harmless<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(|c| c != '\n' && acts(c)) {
            let (harmless, from) = rest.split_at(at);
            f.write_str(harmless)?;
            let own = own_colour(from);
            let mut after = from.chars();
            let replaced = after.next().map_or("", |_| "\u{fffd}");
            f.write_str(own.unwrap_or(replaced))?;
            rest = own.map_or(after.as_str(), |own| &from[own.len()..]);
        }
        f.write_str(rest)
    }
}

/// The colour of ours that the text begins with.
fn own_colour(text: &str) -> Option<&str> {
    let begins = |colour: String| text.starts_with(&colour).then(|| &text[..colour.len()]);
    let mut all = [GOOD, BUSY, BAD, FAINT].into_iter();
    all.find_map(|style| begins(style.render().to_string()))
        .or_else(|| begins(GOOD.render_reset().to_string()))
}

/// Writes JSON on one line, and what would act on a terminal as `\u` with its number: it means the same to programs.
pub(crate) struct HarmlessJson;

impl Formatter for HarmlessJson {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(acts) {
            let (harmless, from) = rest.split_at(at);
            writer.write_all(harmless.as_bytes())?;
            let mut after = from.chars();
            for unit in after.next().unwrap_or_default().encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = after.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize as _;

    use super::*;

    #[test]
    fn our_own_colours_are_printed_and_what_others_bring_is_not() {
        let text = format!("{BAD}error:{BAD:#} \u{1b}]0;title\u{7}\u{9b}2J\nnext");
        let shown = format!("{BAD}error:{BAD:#} \u{fffd}]0;title\u{fffd}\u{fffd}2J\nnext");
        assert_eq!(Harmless(text).to_string(), shown);
    }

    #[test]
    fn json_means_the_same_and_acts_on_no_terminal() {
        let said = "a\u{9b}b\u{202e}c\u{e0041}\u{1b}d";
        let mut line = Vec::new();
        let mut json = serde_json::Serializer::with_formatter(&mut line, HarmlessJson);
        said.serialize(&mut json).unwrap();
        let text = String::from_utf8(line).unwrap();
        assert!(text.is_ascii(), "{text}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), said);
    }
}
