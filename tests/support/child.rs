//! A child process that ends with its owner, and what it printed so far.

use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::{Output, eventually};

/// How long a child may take to end after SIGTERM: the keeper's own ten
/// seconds for a renewal in flight, and some.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A running child process. Dropping it kills it and its process group.
pub struct Child {
    name: String,
    process: std::process::Child,
    pub(crate) status: Option<ExitStatus>,
    stdin: Option<ChildStdin>,
    stdout: Captured,
    stderr: Captured,
}

impl Child {
    /// Starts `program` with nothing in its environment but `environment`.
    /// `input` is all that its standard input gives it.
    pub fn start<'e>(
        program: &Path,
        arguments: &[&str],
        environment: impl IntoIterator<Item = (&'e String, &'e String)>,
        input: &str,
    ) -> Self {
        let mut child = Self::start_listening(program, arguments, environment);
        child.say(input);
        child.hang_up();
        child
    }

    /// Starts `program` as [`Child::start`] does; what its standard input gives
    /// it is said later.
    pub fn start_listening<'e>(
        program: &Path,
        arguments: &[&str],
        environment: impl IntoIterator<Item = (&'e String, &'e String)>,
    ) -> Self {
        let name = format!("{} {}", file_name(program), arguments.join(" "));
        // setpriv, which every Linux has, asks the kernel to end the child
        // when the thread that started it ends: a test runner that is killed
        // leaves nothing behind. env has it ignore no signal, whatever the
        // test runner ignores. Each becomes the next, and the last the child.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "--", "env", "--default-signal"])
            .arg(program)
            .args(arguments)
            .env_clear()
            .envs(environment)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = spawn_from_lasting_thread(command)
            .unwrap_or_else(|e| panic!("{name} cannot be started: {e}"));
        let stdout = Captured::reading(process.stdout.take().expect("it is piped"));
        let stderr = Captured::reading(process.stderr.take().expect("it is piped"));
        let stdin = process.stdin.take();
        Self {
            name,
            process,
            status: None,
            stdin,
            stdout,
            stderr,
        }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Gives it more on its standard input.
    pub fn say(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("its input has not ended");
        // A child that ends without reading its input is no failure here.
        stdin.write_all(text.as_bytes()).ok();
    }

    /// Ends its standard input.
    pub fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// What it printed to standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What it printed to standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        if self.status.is_none() {
            self.status = self.process.try_wait().expect("it is our child");
        }
        self.status.is_none()
    }

    /// Waits until it ends by itself; panics after `limit`.
    #[track_caller]
    pub fn finish(&mut self, limit: Duration) -> Output {
        eventually(&format!("`{}` ends", self.name), limit, || {
            (!self.is_running()).then_some(())
        });
        self.output()
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    #[track_caller]
    pub fn stop(&mut self) -> Output {
        if self.is_running() {
            kill_process(self.pid(), Signal::TERM).ok();
        }
        self.finish(STOP_LIMIT)
    }

    /// Ends it at once (SIGKILL), it and what it started.
    pub fn kill(&mut self) -> Output {
        self.signal_group(Signal::KILL);
        self.status = Some(self.process.wait().expect("it is our child"));
        self.output()
    }

    /// Stops it from running (SIGSTOP) until [`Child::thaw`]: it holds its
    /// sockets open and answers nobody.
    pub fn freeze(&mut self) {
        self.signal_group(Signal::STOP);
    }

    /// Lets it run again (SIGCONT).
    pub fn thaw(&mut self) {
        self.signal_group(Signal::CONT);
    }

    fn signal_group(&mut self, signal: Signal) {
        // Until it is waited for, nothing else can have its id.
        if self.is_running() {
            kill_process_group(self.pid(), signal).ok();
        }
    }

    pub(crate) fn pid(&self) -> Pid {
        i32::try_from(self.id())
            .ok()
            .and_then(Pid::from_raw)
            .expect("a process id is a positive i32")
    }

    fn output(&mut self) -> Output {
        let status = self.status.expect("it has ended");
        Output {
            command: self.name.clone(),
            code: status
                .code()
                .or_else(|| status.signal().map(|signal| 128 + signal))
                .expect("it exited or a signal ended it"),
            stdout: self.stdout.finished(),
            stderr: self.stderr.finished(),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.signal_group(Signal::KILL);
        self.process.wait().ok();
        if std::thread::panicking() {
            // Shown with the failed test: what led to the failure is here.
            eprintln!(
                "--- `{}`, standard error:\n{}",
                self.name,
                self.stderr.text()
            );
        }
    }
}

fn file_name(program: &Path) -> String {
    program
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// The kernel takes the death of the *thread* that started a child for the
/// parent's, and a test's thread ends with the test: so one thread that lasts
/// starts them all.
fn spawn_from_lasting_thread(command: Command) -> std::io::Result<std::process::Child> {
    type Request = (Command, Sender<std::io::Result<std::process::Child>>);
    static SPAWNER: OnceLock<Mutex<Sender<Request>>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (sender, requests) = channel::<Request>();
        std::thread::spawn(move || {
            for (mut command, answer) in requests {
                answer.send(command.spawn()).ok();
            }
        });
        Mutex::new(sender)
    });
    let (answer, spawned) = channel();
    spawner
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .send((command, answer))
        .expect("the spawning thread lasts");
    spawned.recv().expect("the spawning thread answers")
}

/// A stream that is read as it comes.
struct Captured {
    text: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Captured {
    fn reading(mut stream: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&text);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                sink.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend_from_slice(&buffer[..count]);
            }
        });
        Self {
            text,
            reader: Some(reader),
        }
    }

    fn text(&self) -> String {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// All of it, once the process has ended.
    fn finished(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().ok();
        }
        self.text()
    }
}
