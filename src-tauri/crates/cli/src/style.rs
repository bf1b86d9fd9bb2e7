//! The colours of what is printed.

use anstyle::{AnsiColor, Style};

/// What is well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What is under way.
pub(crate) const BUSY: Style = AnsiColor::Yellow.on_default();
/// What is wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// What matters less.
pub(crate) const FAINT: Style = Style::new().dimmed();
