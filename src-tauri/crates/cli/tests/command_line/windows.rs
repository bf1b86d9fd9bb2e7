//! Signing in in a window: the command asks the keeper for one, and says how it ended.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use tokenkeep_agent::wire::{Copied, StartAtLogin, WindowTask};
use tokenkeep_agent::{Desktop, Server};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{AccountView, ErrorKind, Keeper, KeeperError};
use tokenkeep_keeper::vault::Vault;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use url::Url;

use crate::home::{Home, eventually};

type Done<T> = std::pin::Pin<Box<dyn Future<Output = Result<T, KeeperError>> + Send>>;
type Outcome = Result<(), KeeperError>;

/// A keeper in this process, with a desktop that has sign-in windows and nothing else.
struct Tray {
    windows: Arc<Windows>,
    runtime: Runtime,
}

struct Windows {
    keeper: Keeper,
    /// Ends the sign-in in the window that is open.
    open: Mutex<Option<oneshot::Sender<Outcome>>>,
}

impl Tray {
    /// With the account `me`, to which a person signs in.
    fn start(home: &mut Home) -> Self {
        let runtime = Runtime::new().unwrap();
        let place = home.keeper_home();
        let windows = runtime.block_on(async {
            let keeper = Keeper::open(&place, Vault::memory()).await.unwrap();
            let windows = Arc::new(Windows {
                keeper: keeper.clone(),
                open: Mutex::default(),
            });
            let server = Server::bind(&place, keeper).await.unwrap();
            let server = server.with_desktop(Arc::clone(&windows) as _);
            tokio::spawn(server.run(std::future::pending()));
            windows
        });
        let env = home.practice(&[]);
        let env = env.to_str().unwrap();
        let added = home.run(&["add", "me", "--env-file", env, "--grant", "code"]);
        let words = added.done();
        assert!(words.contains("`tokenkeep sign-in me`"), "{words}");
        Self { windows, runtime }
    }

    fn window(&self) -> Option<oneshot::Sender<Outcome>> {
        self.windows.open.lock().unwrap().take()
    }
}

impl Drop for Tray {
    fn drop(&mut self) {
        self.runtime.block_on(self.windows.keeper.quit());
    }
}

fn no_such_thing<T>() -> Result<T, KeeperError> {
    Err(KeeperError::invalid("test", "not in this test"))
}

impl Desktop for Windows {
    fn sign_in(&self, name: AccountName) -> Done<AccountView> {
        let (outcome, over) = oneshot::channel();
        *self.open.lock().unwrap() = Some(outcome);
        let keeper = self.keeper.clone();
        Box::pin(async move {
            over.await.unwrap()?;
            keeper.account(&name).await
        })
    }

    fn open_main_window(&self) -> Outcome {
        no_such_thing()
    }

    fn copy(&self, _: AccountName, _: Copied) -> Done<Duration> {
        Box::pin(async { no_such_thing() })
    }

    fn start_at_login(&self) -> Result<StartAtLogin, KeeperError> {
        no_such_thing()
    }

    fn set_start_at_login(&self, _: bool) -> Result<StartAtLogin, KeeperError> {
        no_such_thing()
    }

    fn window_task(&self, _: &SecretString) -> Result<WindowTask, KeeperError> {
        no_such_thing()
    }

    fn redirected(&self, _: &SecretString, _: &Url) -> Done<()> {
        Box::pin(async { no_such_thing() })
    }
}

/// Starts `tokenkeep sign-in me`; what it says at once.
fn start_sign_in(home: &Home) -> (Child, BufReader<ChildStderr>, String) {
    let mut command = home.command(&["sign-in", "me"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    stderr.read_line(&mut first).unwrap();
    (child, stderr, first)
}

/// What it says in the end, and its exit code.
fn end(mut child: Child, stderr: BufReader<ChildStderr>) -> (Option<i32>, String) {
    let rest: Vec<_> = stderr.lines().map(Result::unwrap).collect();
    (child.wait().unwrap().code(), rest.join("\n"))
}

#[test]
fn a_sign_in_in_a_window_is_announced_at_once_and_its_outcome_said() {
    let mut home = Home::new();
    let tray = Tray::start(&mut home);
    let refused = KeeperError::new(ErrorKind::SignInFailed, "The window was closed.");
    for (outcome, code, words) in [
        (Ok(()), 0, "Signed in to me."),
        (Err(refused), 4, "The window was closed."),
    ] {
        let (child, stderr, first) = start_sign_in(&home);
        assert!(
            first.contains("Sign in to me in the window") && first.contains("gives the sign-in up"),
            "{first}"
        );
        let mut window = None;
        eventually(|| {
            window = tray.window();
            window.is_some()
        });
        window.unwrap().send(outcome).unwrap();
        let (ended_with, last) = end(child, stderr);
        assert_eq!(ended_with, Some(code), "{last}");
        assert!(last.contains(words), "{last}");
    }
}

#[test]
fn who_no_longer_waits_for_a_window_leaves_it_open() {
    let mut home = Home::new();
    let tray = Tray::start(&mut home);
    let (child, stderr, _) = start_sign_in(&home);
    let mut window = None;
    eventually(|| {
        window = tray.window();
        window.is_some()
    });
    let pid = child.id().to_string();
    let interrupt = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status();
    assert!(interrupt.unwrap().success());
    let (code, last) = end(child, stderr);
    assert_eq!(code, Some(1), "{last}");
    assert!(last.contains("window stays open"), "{last}");
    // Its outcome would still be heard.
    window.unwrap().send(Ok(())).unwrap();
}

#[test]
fn the_status_tells_a_keeper_in_the_tray_from_one_without_a_desktop() {
    let mut home = Home::new();
    let tray = Tray::start(&mut home);
    let status = home.run(&["status"]).done();
    assert!(status.contains("in the tray"), "{status}");
    drop(tray);
    let mut other = Home::new();
    other.serve();
    let status = other.run(&["status"]).done();
    assert!(status.contains("without a desktop"), "{status}");
}
