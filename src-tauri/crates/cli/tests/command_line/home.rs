//! A home, and the processes that run in it; all of them end with it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A home of its own.
pub(crate) struct Home {
    folder: TempDir,
    processes: Vec<Child>,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    /// For the reader of a failure: it is printed with the rest.
    #[expect(dead_code, reason = "read by Debug alone")]
    arguments: Vec<String>,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// Checks that it failed in the expected way, with words that contain each of these.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not in {self:?}");
        }
        assert_eq!(self.stdout, "", "{self:?}");
    }

    /// Checks that it was done; what it printed.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        // Straight in /tmp: a socket's path has only about a hundred bytes.
        let folder = tempfile::Builder::new()
            .prefix("tkc")
            .tempdir_in("/tmp")
            .unwrap();
        Self {
            folder,
            processes: Vec::new(),
        }
    }

    /// A home with a keeper and a practice provider; the path of the provider's `.env`.
    pub(crate) fn with_keeper() -> (Self, PathBuf) {
        let mut home = Self::new();
        home.serve();
        let env = home.practice(&["--rate-limit", "0"]);
        (home, env)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_under(&[], arguments)
    }

    /// One that another program becomes, such as `nohup`.
    pub(crate) fn command_under(&self, other: &[&str], arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_tokenkeep");
        let words = [other, &[program], arguments].concat();
        let mut command = with_default_signals(&words);
        // Nothing of the one who runs the tests: variables ask for colours, proxies and logs.
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("TOKENKEEP_HOME", self.folder.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with_input(arguments, "")
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may have ended without reading.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Output {
            arguments: arguments.iter().map(ToString::to_string).collect(),
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts a keeper with everything logged to `serve.log`, and waits until it listens.
    pub(crate) fn serve(&mut self) {
        let log = File::create(self.path("serve.log")).unwrap();
        let mut command = self.command(&["serve", "--vault", "memory"]);
        command.env("TOKENKEEP_LOG", "trace").stderr(log);
        let (child, first) = self.start(command);
        assert!(first.contains("Listening at"), "{first}");
        self.processes.push(child);
    }

    /// Starts a practice provider that logs to `practice.log`; the path of its `.env`.
    pub(crate) fn practice(&mut self, arguments: &[&str]) -> PathBuf {
        let log = File::create(self.path("practice.log")).unwrap();
        let mut all = vec!["practice", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let mut command = self.command(&all);
        let env = self.path("practice.env");
        let mut child = command
            .stdout(File::create(&env).unwrap())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        eventually(|| {
            assert!(
                child.try_wait().unwrap().is_none(),
                "the practice provider has ended"
            );
            read(&env).contains("TOKENKEEP_PUBLIC_CLIENT_ID=")
        });
        self.processes.push(child);
        env
    }

    /// For what runs in this process.
    pub(crate) fn keeper_home(&self) -> tokenkeep_keeper::home::Home {
        tokenkeep_keeper::home::Home::at(self.folder.path())
    }

    /// Starts a process, and waits for its first line.
    pub(crate) fn start(&self, mut command: Command) -> (Child, String) {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        lines.read_line(&mut first).unwrap();
        // Kept open, so that what it prints later does not break its pipe.
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        (child, first)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        for child in &mut self.processes {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The test runner may ignore signals, by `nohup` or by a script's `&`, and its children inherit that.
#[cfg(target_os = "linux")]
fn with_default_signals(words: &[&str]) -> Command {
    let mut command = Command::new("env");
    command.arg("--default-signal").args(words);
    command
}

#[cfg(not(target_os = "linux"))]
fn with_default_signals(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

/// The exit code of a process that is about to end by itself.
#[track_caller]
pub(crate) fn exit_code(child: &mut Child) -> Option<i32> {
    eventually(|| child.try_wait().unwrap().is_some());
    child.wait().unwrap().code()
}

pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[track_caller]
pub(crate) fn eventually(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "it did not come about");
        std::thread::sleep(Duration::from_millis(20));
    }
}
