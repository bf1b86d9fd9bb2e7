//! The clipboard of the screen.

use std::path::Path;

use super::{LIMIT, Screen};
use crate::{Child, eventually};

impl Screen {
    /// The text in the clipboard, where there is one.
    pub fn clipboard(&self) -> Option<String> {
        self.clipboard_as("UTF8_STRING")
    }

    /// The clipboard's content in one of the forms in which it is offered.
    pub fn clipboard_as(&self, form: &str) -> Option<String> {
        // Its owner may hang, and then there is none.
        let limited = ["2", "xclip", "-selection", "clipboard", "-o", "-t", form];
        let output = self.run("timeout", &limited);
        (output.code == 0).then_some(output.stdout)
    }

    /// The forms in which the clipboard's content is offered.
    pub fn clipboard_forms(&self) -> Vec<String> {
        let forms = self.clipboard_as("TARGETS").unwrap_or_default();
        forms.lines().map(str::to_owned).collect()
    }

    /// Copies a text as another program does. X keeps it only while that
    /// program lives, so it is ended with what is returned.
    #[must_use]
    pub fn copy(&self, text: &str) -> Child {
        let arguments = ["-selection", "clipboard", "-i", "-quiet"];
        let program = Path::new("xclip");
        let owner = Child::start(program, &arguments, &self.environment, text);
        eventually("the text is in the clipboard", LIMIT, || {
            (self.clipboard().as_deref() == Some(text)).then_some(())
        });
        owner
    }
}
