//! What the tray writes to a window's standard input: first the proof that the window is its own, then one word per
//! line. When the input ends, the window closes.

/// The word that brings a window to the front.
pub(crate) const TO_FRONT: &str = "front";
