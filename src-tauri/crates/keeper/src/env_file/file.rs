//! Reads `.env` files.
//!
//! Why not a crate: the maintained ones expand `$` in an unquoted value to environment variables, which silently spoils a
//! secret, and their errors quote the whole line, secret included. There are many dialects of such files; this reads what
//! they have in common:
//!
//! - `NAME=value`, spaces around `=` allowed, `export ` before the name allowed, the last of several wins;
//! - `'…'`, `` `…` `` and `"…"`; between double quotes `\"`, `\\`, `\n`, `\r` and `\t` are escapes, and any other
//!   backslash is itself;
//! - comments: lines that begin with `#`, and what follows a `#` after a space or a closing quote;
//! - `$` is not expanded, and a value ends with its line.

use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::error::{EnvFileError, Needed};

/// The largest file that is read, in bytes. A `.env` file has a few hundred.
const LIMIT: u64 = 1024 * 1024;

/// A `.env` file that was read. Its `Debug` prints no value.
pub struct EnvFile {
    path: PathBuf,
    variables: Vec<Variable>,
}

/// A variable of a `.env` file.
pub(super) struct Variable {
    name: String,
    pub(super) value: Zeroizing<String>,
    line: usize,
}

impl EnvFile {
    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be read, or is no `.env` file.
    pub fn read(path: &Path) -> Result<Self, EnvFileError> {
        let refused = |why: String| EnvFileError::Unreadable {
            path: path.to_owned(),
            why,
        };
        let found = std::fs::metadata(path).map_err(|error| refused(error.to_string()))?;
        if found.is_dir() {
            return Err(refused(
                "it is a folder; give the .env file in it".to_owned(),
            ));
        }
        if found.len() > LIMIT {
            return Err(refused(format!(
                "it has more than {LIMIT} bytes, so it is no .env file"
            )));
        }
        let bytes =
            Zeroizing::new(std::fs::read(path).map_err(|error| refused(error.to_string()))?);
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| refused("it is not text in UTF-8; save it as UTF-8".to_owned()))?;
        Self::parse(path, text)
    }

    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, EnvFileError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut variables = Vec::new();
        for (index, text) in text.lines().enumerate() {
            let line = index + 1;
            match variable(text, line) {
                Ok(found) => variables.extend(found),
                Err(why) => {
                    return Err(EnvFileError::Wrong {
                        path: path.to_owned(),
                        line,
                        why,
                    });
                }
            }
        }
        Ok(Self {
            path: path.to_owned(),
            variables,
        })
    }

    /// The variable of this name. One with an empty value counts as absent.
    pub(super) fn variable(&self, name: &str) -> Option<&Variable> {
        let last = self
            .variables
            .iter()
            .rev()
            .find(|variable| variable.name == name);
        last.filter(|variable| !variable.value.is_empty())
    }

    /// The error for a wrong variable; `why` must not quote its value.
    pub(super) fn wrong(&self, variable: &Variable, why: &str) -> EnvFileError {
        EnvFileError::Wrong {
            path: self.path.clone(),
            line: variable.line,
            why: format!("{} {why}", variable.name),
        }
    }

    /// The error for something that the file lacks.
    pub(super) fn missing(&self, needed: Needed) -> EnvFileError {
        EnvFileError::Missing {
            path: self.path.clone(),
            needed,
        }
    }
}

impl fmt::Debug for EnvFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.variables.iter().map(|found| &found.name).collect();
        f.debug_struct("EnvFile")
            .field("path", &self.path)
            .field("variables", &names)
            .finish()
    }
}

/// The variable on a line, if there is one. An error quotes its name at most.
fn variable(text: &str, line: usize) -> Result<Option<Variable>, String> {
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return Ok(None);
    }
    let text = text
        .strip_prefix("export")
        .filter(|rest| rest.starts_with([' ', '\t']))
        .unwrap_or(text);
    // Without a `=`, the whole line may be a secret, so it is not quoted.
    let Some((name, value)) = text.split_once('=') else {
        return Err(
            "there is no `=`; a line is NAME=value, or a comment that begins with #".to_owned(),
        );
    };
    let name = name.trim();
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    if !is_name {
        return Err(
            "what is before the `=` is not a variable's name (letters, digits and _)".to_owned(),
        );
    }
    let value = value_of(value.trim()).map_err(|wrong| format!("{name} {wrong}"))?;
    Ok(Some(Variable {
        name: name.to_owned(),
        value: Zeroizing::new(value),
        line,
    }))
}

fn value_of(text: &str) -> Result<String, &'static str> {
    let Some(quote) = text
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\'' | '`'))
    else {
        return Ok(without_comment(text).to_owned());
    };
    let (value, rest) =
        quoted(&text[1..], quote).ok_or("has a quote that is not closed on its line")?;
    let rest = rest.trim_start();
    if !rest.is_empty() && !rest.starts_with('#') {
        return Err("goes on after its closing quote");
    }
    Ok(value)
}

fn without_comment(text: &str) -> &str {
    if text.starts_with('#') {
        return "";
    }
    let comment = text
        .match_indices('#')
        .find(|(at, _)| text[..*at].ends_with([' ', '\t']));
    comment.map_or(text, |(at, _)| text[..at].trim_end())
}

/// The text before the closing quote, and the text after it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        if character == quote {
            return Some((value, &text[at + 1..]));
        }
        let next = text[at + character.len_utf8()..].chars().next();
        let escaped = match next {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('"' | '\\') => next,
            _ => None,
        };
        match escaped {
            Some(escaped) if quote == '"' && character == '\\' => {
                value.push(escaped);
                characters.next();
            }
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<EnvFile, String> {
        EnvFile::parse(Path::new("my.env"), text).map_err(|error| error.to_string())
    }

    fn value(text: &str) -> Option<String> {
        parse(text)
            .unwrap()
            .variable("A")
            .map(|variable| variable.value.to_string())
    }

    #[test]
    fn values_are_read_in_every_common_dialect() {
        for (text, expected) in [
            ("A=b", "b"),
            ("A = b", "b"),
            ("  A\t=\tb  ", "b"),
            ("export A=b", "b"),
            ("A=b\r\n", "b"),
            ("\u{feff}A=b", "b"),
            ("A=\"b c\"", "b c"),
            ("A='b c' # comment", "b c"),
            ("A=`b\"'c`", "b\"'c"),
            ("A=b # comment", "b"),
            ("A=b#c", "b#c"),
            ("A='b # c'", "b # c"),
            ("A=b=c==", "b=c=="),
            ("A=$HOME${HOME}", "$HOME${HOME}"),
            ("A=\"$HOME\"", "$HOME"),
            (r#"A="b\"c\\d\ne\f""#, "b\"c\\d\ne\\f"),
            (r"A='b\n'", r"b\n"),
            ("A=b c", "b c"),
            ("A=b\nA=c", "c"),
            ("# A=b\nA=ü", "ü"),
            ("exported=1\nA=b", "b"),
        ] {
            assert_eq!(value(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn an_empty_value_means_absent() {
        for text in [
            "A=",
            "A = ",
            "A=\"\"",
            "A=''",
            "A= # none",
            "A=#none",
            "A=b\nA=",
            "",
            "# A=b",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_file_and_line_and_not_quoted() {
        for (text, words) in [
            ("A=b\nplanted", "there is no `=`"),
            ("A=b\npla nted=c", "not a variable's name"),
            ("A=b\n=planted", "not a variable's name"),
            ("A=b\nC=\"planted", "C has a quote that is not closed"),
            ("A=b\nC='pl'anted", "C goes on after its closing quote"),
        ] {
            let error = parse(text).err().unwrap();
            assert!(
                error.contains("my.env is wrong in line 2: ") && error.contains(words),
                "{error}"
            );
            assert!(
                !error.contains("planted") && !error.contains("nted"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_file_shows_its_variables_and_no_value() {
        let shown = format!("{:?}", parse("A=planted").unwrap());
        assert!(
            shown.contains("my.env") && shown.contains("\"A\"") && !shown.contains("planted"),
            "{shown}"
        );
    }

    #[test]
    fn files_that_cannot_be_read_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("binary");
        std::fs::write(&binary, [b'A', b'=', 0xff]).unwrap();
        let large = folder.path().join("large");
        std::fs::File::create(&large)
            .unwrap()
            .set_len(LIMIT + 1)
            .unwrap();
        for path in [
            folder.path().to_owned(),
            folder.path().join("none"),
            binary,
            large,
        ] {
            let error = EnvFile::read(&path).unwrap_err();
            assert!(
                matches!(&error, EnvFileError::Unreadable { path: named, .. } if *named == path),
                "{error:?}"
            );
        }
    }
}
