//! A headless keeper as a process.

use std::time::Duration;

use crate::{Child, Home, Output, eventually};

/// How long the keeper may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(20);
/// The exit code that says that no keeper is running.
const NO_KEEPER: i32 = 6;

/// `tokenkeep serve` in a home, killed on drop.
pub struct Keeper<'h> {
    home: &'h Home,
    arguments: Vec<String>,
    child: Child,
}

impl<'h> Keeper<'h> {
    /// Starts the keeper of a home and waits until it answers. `arguments`
    /// follow `serve`.
    pub fn start(home: &'h Home, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|&a| a.to_owned()).collect();
        let child = serve(home, &arguments);
        Self {
            home,
            arguments,
            child,
        }
    }

    /// Asks it to quit (SIGTERM) and waits until it has, in good order.
    #[track_caller]
    pub fn stop(&mut self) -> Output {
        self.child.stop()
    }

    /// Ends it at once (SIGKILL), as a crash does.
    pub fn kill(&mut self) -> Output {
        self.child.kill()
    }

    /// Starts it again after it has ended, and waits until it answers.
    pub fn restart(&mut self) {
        assert!(!self.child.is_running(), "the keeper is still running");
        self.child = serve(self.home, &self.arguments);
    }

    /// Its process, for what it printed, or to freeze it.
    pub fn process(&mut self) -> &mut Child {
        &mut self.child
    }
}

fn serve(home: &Home, arguments: &[String]) -> Child {
    let mut all = vec!["serve"];
    all.extend(arguments.iter().map(String::as_str));
    let mut child = home.start(&all);
    eventually("the keeper answers", START_LIMIT, || {
        assert!(
            child.is_running(),
            "the keeper ended by itself\n{}",
            child.stderr()
        );
        (home.tokenkeep(&["list"]).code != NO_KEEPER).then_some(())
    });
    child
}
