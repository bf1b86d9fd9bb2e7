//! A wall clock that is one home's own, and can be set.

use std::path::PathBuf;

use crate::Home;

/// Where Debian puts the library; the linker knows what `$LIB` is.
const LIBRARY: &str = "/usr/$LIB/faketime/libfaketimeMT.so.1";

/// The wall clock of what is started in a home from now on.
pub struct FakeClock(PathBuf);

impl FakeClock {
    /// Gives the home a clock that is right at first.
    pub fn of(home: &mut Home) -> Self {
        let file = home.file("clock", "+0");
        home.set("LD_PRELOAD", LIBRARY);
        home.set("FAKETIME_TIMESTAMP_FILE", &file.display().to_string());
        home.set("FAKETIME_NO_CACHE", "1");
        // Nobody can set those that count from the machine's start.
        home.set("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        Self(file)
    }

    /// Sets it so many hours off the right time.
    pub fn set_off_by(&self, hours: i32) {
        // Replaced at once: half a file would be half a time.
        let new = self.0.with_extension("new");
        std::fs::write(&new, format!("{hours:+}h")).expect("the home can be written");
        std::fs::rename(new, &self.0).expect("the home can be written");
    }
}
