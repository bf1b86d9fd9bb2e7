//! A picture of the screen at the moment when a test fails.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use crate::Child;

type Environment = BTreeMap<String, String>;

thread_local! {
    /// The screens of the test that runs on this thread.
    static SCREENS: RefCell<Vec<Environment>> = const { RefCell::new(Vec::new()) };
}

/// While it lives, a failure of this test takes a picture of its screen, before
/// anything is unwound: afterwards the windows are gone.
pub(super) struct Picture;

impl Picture {
    pub(super) fn of(environment: &Environment) -> Self {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let usual = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                usual(panic);
                SCREENS.with_borrow(|screens| screens.iter().for_each(take));
            }));
        });
        SCREENS.with_borrow_mut(|screens| screens.push(environment.clone()));
        Self
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        SCREENS.with_borrow_mut(|screens| screens.pop());
    }
}

fn take(environment: &Environment) {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("unnamed").replace("::", "-");
    let path = folder().join(format!("{name}.png"));
    let text = path.display().to_string();
    let arguments = ["-window", "root", &text];
    if std::fs::create_dir_all(folder()).is_ok() {
        let mut import = Child::start(Path::new("import"), &arguments, environment, "");
        import.finish(Duration::from_secs(20));
        eprintln!("--- the screen at that moment: {text}");
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/desktop-failures")
}
