//! What a provider says of an error in its own words (`error_description`, RFC 6749 section 5.2), made harmless.

use crate::printable::printable;

/// The longest description that is shown, in characters.
const LONGEST: usize = 160;

/// A word that is longer than this may be a secret that the provider echoes.
const LONGEST_WORD: usize = 18;

/// From this length on, a word of letters and digits may be one, too.
const SHORTEST_SECRET: usize = 10;

/// The description as it can be shown; none where nothing is left of it.
pub(crate) fn harmless(description: &str) -> Option<String> {
    let words = description.split_whitespace().map(|word| {
        if may_be_secret(word) {
            "\u{2026}".into()
        } else {
            printable(word)
        }
    });
    let text = words.collect::<Vec<_>>().join(" ");
    let shown: String = text.chars().take(LONGEST).collect();
    let rest = if shown.len() < text.len() {
        "\u{2026}"
    } else {
        ""
    };
    (!shown.is_empty()).then(|| format!("{}{rest}", shown.trim_end_matches(['.', ' '])))
}

fn may_be_secret(word: &str) -> bool {
    let length = word.chars().count();
    let has = |kind: fn(char) -> bool| word.chars().any(kind);
    let mixed = has(|c| c.is_ascii_digit()) && has(char::is_alphabetic);
    length > LONGEST_WORD || (length >= SHORTEST_SECRET && mixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_shown_and_what_may_be_a_secret_is_not() {
        for (said, shown) in [
            ("Token is revoked.", Some("Token is revoked")),
            ("code  expired\n", Some("code expired")),
            (
                "unknown token U0pDMTFQMDFQQVMwMHxBQUJ",
                Some("unknown token \u{2026}"),
            ),
            ("key 0a1b2c3d4e is bad", Some("key \u{2026} is bad")),
            ("\u{1b}[31mred", Some("\u{fffd}[31mred")),
            ("  ", None),
        ] {
            assert_eq!(harmless(said).as_deref(), shown, "{said:?}");
        }
    }

    #[test]
    fn a_long_description_is_cut() {
        let shown = harmless(&"no ".repeat(200)).unwrap();
        assert!(shown.chars().count() <= LONGEST + 1 && shown.ends_with('\u{2026}'));
    }
}
