//! Prints everything: results to standard output, messages to standard error.
//!
//! What others said acts on no terminal. Our own colours are taken out if the output is not a terminal or `NO_COLOR` is set.

use std::fmt::Display;
use std::io::{self, Write as _};

use serde::Serialize;
use zeroize::Zeroizing;

use crate::closed_output;
use crate::failure::Failure;
use crate::harmless::{Harmless, HarmlessJson};
use crate::style::{BAD, BUSY};
use crate::table::Table;

/// A line on standard output.
pub(crate) fn line(text: impl Display) -> Result<(), Failure> {
    closed_output::check().map_err(Failure::Output)?;
    let mut out = anstream::stdout().lock();
    writeln!(out, "{}", Harmless(text))
        .and_then(|()| out.flush())
        .map_err(Failure::Output)
}

/// A value as one line of JSON on standard output.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    // Wiped, because it may hold a token. With room for a long one, so that no copy is left when the buffer grows.
    let mut line = Zeroizing::new(Vec::with_capacity(8 * 1024));
    let mut writer = serde_json::Serializer::with_formatter(&mut *line, HarmlessJson);
    value
        .serialize(&mut writer)
        .map_err(|error| Failure::Output(error.into()))?;
    line.push(b'\n');
    // Not through `anstream`: JSON has no colours to take out. A whole line at once is not copied into a buffer.
    closed_output::check().map_err(Failure::Output)?;
    let mut out = io::stdout().lock();
    out.write_all(&line)
        .and_then(|()| out.flush())
        .map_err(Failure::Output)
}

/// Text as it is, on standard output.
pub(crate) fn plain(text: &str) -> Result<(), Failure> {
    closed_output::check().map_err(Failure::Output)?;
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failure::Output)
}

/// A table on standard output.
pub(crate) fn table(table: &Table) -> Result<(), Failure> {
    closed_output::check().map_err(Failure::Output)?;
    let mut out = anstream::stdout().lock();
    write!(out, "{}", Harmless(table))
        .and_then(|()| out.flush())
        .map_err(Failure::Output)
}

/// A line on standard error, for the person, not for the result.
pub(crate) fn note(text: impl Display) {
    // If even standard error is closed, nobody can be told.
    let _ = writeln!(anstream::stderr().lock(), "{}", Harmless(text));
}

/// A question on standard error, its answer expected on the same line.
pub(crate) fn ask(question: impl Display) {
    let mut err = anstream::stderr().lock();
    let _ = write!(err, "{}", Harmless(question)).and_then(|()| err.flush());
}

/// A warning on standard error.
pub(crate) fn warning(text: impl Display) {
    note(format_args!("{BUSY}warning:{BUSY:#} {text}"));
}

/// What went wrong, on standard error.
pub(crate) fn error(text: impl Display) {
    note(format_args!("{BAD}error:{BAD:#} {text}"));
}
