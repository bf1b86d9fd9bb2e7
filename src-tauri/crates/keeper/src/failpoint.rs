//! Points at which a test makes the process wait, to kill it exactly there. They exist only with the feature
//! `failpoints`, which no released program is built with.

/// The process waits here if a test has chosen this point by its name.
macro_rules! failpoint {
    ($name:expr) => {
        #[cfg(feature = "failpoints")]
        $crate::failpoint::reach($name)
    };
}

#[cfg(feature = "failpoints")]
pub(crate) use chosen::reach;

#[cfg(feature = "failpoints")]
mod chosen {
    use std::env;
    use std::io::{Write as _, stderr, stdin};
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Chooses a point, and at which pass to wait: `saving` for the first, `saving:3` for the third.
    const SETTING: &str = "TOKENKEEP_FAILPOINT";

    struct Chosen {
        name: String,
        time: u32,
        reached: AtomicU32,
    }

    /// If this point was chosen, says so on standard error and waits for a line on standard input.
    pub(crate) fn reach(point: &str) {
        static CHOSEN: OnceLock<Option<Chosen>> = OnceLock::new();
        let Some(chosen) = CHOSEN.get_or_init(read_setting) else {
            return;
        };
        if point == chosen.name && chosen.reached.fetch_add(1, Ordering::Relaxed) + 1 == chosen.time
        {
            // The test may be gone; then there is nothing to wait for.
            let _ = writeln!(stderr(), "waiting at the fail point {point}");
            let _ = stdin().read_line(&mut String::new());
        }
    }

    fn read_setting() -> Option<Chosen> {
        let setting = env::var(SETTING).ok()?;
        let (name, time) = setting.split_once(':').unwrap_or((&setting, "1"));
        Some(Chosen {
            name: name.to_owned(),
            time: time.parse().ok()?,
            reached: AtomicU32::new(0),
        })
    }
}
