//! A home folder for Tokenkeep and the commands that run in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::bus::plain_environment;
use crate::{
    Bus, Child, Output, tokenkeep_binary, tokenkeep_desktop_binary, tokenkeep_with_failpoints,
};

/// Longer than any command waits by itself (`get` waits 30 s unless told).
const COMMAND_LIMIT: Duration = Duration::from_secs(90);

/// One user's Tokenkeep: a folder of its own as `TOKENKEEP_HOME`, on a bus.
pub struct Home {
    environment: BTreeMap<String, String>,
    folder: TempDir,
}

impl Home {
    /// A fresh home in the session of `bus`.
    pub fn on(bus: &Bus) -> Self {
        Self::with(bus.environment().clone())
    }

    /// A fresh home where there is no session bus at all, as on a server.
    pub fn without_bus() -> Self {
        Self::with(plain_environment())
    }

    fn with(mut environment: BTreeMap<String, String>) -> Self {
        // Straight in /tmp: a socket's path has only about a hundred bytes.
        let folder = tempfile::Builder::new()
            .prefix("tk")
            .tempdir_in("/tmp")
            .expect("/tmp can be written");
        let path = folder.path().display().to_string();
        environment
            .entry("HOME".to_owned())
            .or_insert_with(|| path.clone());
        environment.insert("TOKENKEEP_HOME".to_owned(), path);
        Self {
            environment,
            folder,
        }
    }

    /// The folder that `TOKENKEEP_HOME` names.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Sets a variable for everything started in this home from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// Writes a file into the home and returns its path.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, content).expect("the home can be written");
        path
    }

    /// Runs `tokenkeep` to its end.
    #[track_caller]
    pub fn tokenkeep(&self, arguments: &[&str]) -> Output {
        self.tokenkeep_with_input(arguments, "")
    }

    /// Runs `tokenkeep` to its end, `input` on its standard input.
    #[track_caller]
    pub fn tokenkeep_with_input(&self, arguments: &[&str], input: &str) -> Output {
        self.start_with_input(arguments, input)
            .finish(COMMAND_LIMIT)
    }

    /// Starts `tokenkeep` and leaves it running, for what does not end by
    /// itself (`journal --follow`) or is to run beside something else.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.start_with_input(arguments, "")
    }

    /// Starts `tokenkeep` and leaves its standard input open.
    pub fn start_listening(&self, arguments: &[&str]) -> Child {
        Child::start_listening(tokenkeep_binary(), arguments, &self.environment)
    }

    /// Starts `tokenkeep` on a terminal of its own, which shows standard error
    /// among standard output. What is said to it is typed.
    pub fn start_on_terminal(&self, arguments: &[&str]) -> Child {
        let program = tokenkeep_binary().display().to_string();
        let command = format!("'{program}' '{}'", arguments.join("' '"));
        let all = ["-q", "-e", "-c", &command, "/dev/null"];
        Child::start_listening(Path::new("script"), &all, &self.environment)
    }

    /// Starts the keeper that has fail points. At the one that `point` names, as
    /// `saving` or, for the third time, `saving:3`, it says so on standard error
    /// and waits until it is told a line.
    pub fn serve_with_failpoints(&self, point: Option<&str>) -> Child {
        let mut environment = self.environment.clone();
        if let Some(point) = point {
            environment.insert("TOKENKEEP_FAILPOINT".to_owned(), point.to_owned());
        }
        Child::start_listening(tokenkeep_with_failpoints(), &["serve"], &environment)
    }

    /// Starts the desktop application and leaves it running.
    pub(crate) fn start_desktop(&self, arguments: &[&str]) -> Child {
        let program = tokenkeep_desktop_binary();
        Child::start(program, arguments, &self.environment, "")
    }

    /// Runs the desktop application to its end: one that finds another running.
    #[track_caller]
    pub fn run_desktop(&self, arguments: &[&str]) -> Output {
        self.start_desktop(arguments).finish(COMMAND_LIMIT)
    }

    /// Starts any other program of the machine and leaves it running.
    pub fn start_program(&self, program: &str, arguments: &[&str]) -> Child {
        Child::start(Path::new(program), arguments, &self.environment, "")
    }

    fn start_with_input(&self, arguments: &[&str], input: &str) -> Child {
        Child::start(tokenkeep_binary(), arguments, &self.environment, input)
    }

    /// Runs any other program of the machine in this home's environment.
    #[track_caller]
    pub fn run(&self, program: &str, arguments: &[&str], input: &str) -> Output {
        Child::start(Path::new(program), arguments, &self.environment, input).finish(COMMAND_LIMIT)
    }
}
