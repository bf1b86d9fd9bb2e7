//! What the tray says to a window on its standard input: first the proof that shows the window to be its own, then a word
//! a line. The end of it closes the window.

/// The word by which a window is told to come to the front.
pub(crate) const TO_FRONT: &str = "front";
