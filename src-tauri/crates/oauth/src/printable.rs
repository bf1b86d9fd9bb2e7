//! Text of others, made harmless before it is shown.

use std::borrow::Cow;

/// `text` without what would act on a terminal, a menu or a log instead of being read there: control characters, escape
/// sequences among them, and characters that reorder, hide or break a line. Each is shown as a replacement character.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    match text.contains(acts) {
        true => text.replace(acts, "\u{fffd}").into(),
        false => text.into(),
    }
}

/// Whether a character acts on what shows it, instead of being read there. Those that join letters of some scripts (U+200C, U+200D) do not.
#[must_use]
pub fn acts(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Unicode Bidirectional Algorithm (UAX #9): marks, embeddings, overrides and isolates.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // What nobody sees: soft hyphen, spaces without a width, invisible operators, tags.
            | '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
            // The end of a line, or of a paragraph.
            | '\u{2028}' | '\u{2029}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_instead_of_being_read_is_taken_out_and_the_rest_stays() {
        for (text, shown) in [
            ("curl", "curl"),
            (
                "für \u{1f469}\u{200d}\u{1f52c}",
                "für \u{1f469}\u{200d}\u{1f52c}",
            ),
            ("\u{1b}[31mred", "\u{fffd}[31mred"),
            ("\u{9b}31mred", "\u{fffd}31mred"),
            ("two\r\nlines", "two\u{fffd}\u{fffd}lines"),
            ("txt.\u{202e}exe", "txt.\u{fffd}exe"),
            ("\u{feff}a\u{200b}b\u{2028}", "\u{fffd}a\u{fffd}b\u{fffd}"),
        ] {
            assert_eq!(printable(text), shown);
        }
        assert!(matches!(printable("curl"), Cow::Borrowed(_)));
    }
}
