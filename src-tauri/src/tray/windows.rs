//! The windows, each a process of its own. If one is closed or killed, nothing changes here. When this process ends,
//! all of them close, because their standard input ends.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tokenkeep_keeper::home::HOME_SETTING;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{mpsc, watch};

use super::toolkit;
use crate::arguments::WindowKind;
use crate::window_pipe::TO_FRONT;

/// How long a window that was told to close may take.
const CLOSING_LIMIT: Duration = Duration::from_secs(2);

/// With these, a test drives the main window's page. Nothing may drive a page where a password is typed.
const AUTOMATION: [&str; 3] = [
    "TAURI_WEBVIEW_AUTOMATION",
    "WEBKIT_INSPECTOR_SERVER",
    "WEBKIT_INSPECTOR_HTTP_SERVER",
];

/// A secret for one window, which proves that this process has opened it.
#[derive(Clone)]
pub(super) struct Proof(Arc<SecretString>);

impl Proof {
    fn new() -> Self {
        let random: [u8; 32] = rand::random();
        let text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(Arc::new(SecretString::from(text)))
    }

    /// Whether `shown` is this proof. Takes the same time in either case.
    pub(super) fn is(&self, shown: &SecretString) -> bool {
        let (own, shown) = (self.0.expose_secret(), shown.expose_secret());
        own.as_bytes().ct_eq(shown.as_bytes()).into()
    }
}

/// How a window's process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It was closed.
    Closed,
    /// It crashed, or was killed.
    Broken,
}

/// Opens windows.
#[derive(Clone, Debug)]
pub(super) struct Windows {
    /// The folder of the home whose agent they ask, where it is not the platform's usual ones.
    home: Option<PathBuf>,
}

/// A window that was opened. It closes when the last handle is dropped.
#[derive(Clone)]
pub(super) struct WindowProcess {
    /// Its proof.
    pub(super) proof: Proof,
    words: mpsc::UnboundedSender<&'static str>,
    ended: watch::Receiver<Option<Ended>>,
}

impl Windows {
    pub(super) fn new(home: Option<PathBuf>) -> Self {
        Self { home }
    }

    /// Opens a window.
    ///
    /// # Errors
    /// Where the operating system does not start its process.
    pub(super) fn open(&self, kind: WindowKind) -> io::Result<WindowProcess> {
        let mut command = Command::from(this_program()?);
        command
            .args(["--window", kind.as_argument()])
            .stdin(Stdio::piped())
            .kill_on_drop(true);
        toolkit::give_gl_back(&mut command);
        if let Some(home) = &self.home {
            command.env(HOME_SETTING, home);
        }
        if kind == WindowKind::SignIn {
            for variable in AUTOMATION {
                command.env_remove(variable);
            }
        }
        let mut child = command.spawn()?;
        let stdin = child.stdin.take();
        let proof = Proof::new();
        let (words, said) = mpsc::unbounded_channel();
        let (tell, ended) = watch::channel(None);
        let first = proof.clone();
        tokio::spawn(async move {
            let how = accompany(child, stdin, &first, said).await;
            tell.send_replace(Some(how));
        });
        Ok(WindowProcess {
            proof,
            words,
            ended,
        })
    }
}

impl WindowProcess {
    /// Brings it to the front.
    pub(super) fn to_front(&self) {
        // It may have closed just now.
        let _ = self.words.send(TO_FRONT);
    }

    /// Whether it is still there.
    pub(super) fn is_open(&self) -> bool {
        self.ended.borrow().is_none()
    }

    /// Done when it is gone.
    pub(super) async fn ended(&self) -> Ended {
        let mut ended = self.ended.clone();
        let how = ended.wait_for(Option::is_some).await;
        how.ok().and_then(|how| *how).unwrap_or(Ended::Broken)
    }
}

/// This program itself, even if a newer version has replaced its file since it was started.
#[cfg(target_os = "linux")]
fn this_program() -> io::Result<std::process::Command> {
    use std::os::unix::process::CommandExt as _;
    let mut command = std::process::Command::new("/proc/self/exe");
    command.arg0("tokenkeep-desktop");
    Ok(command)
}

#[cfg(not(target_os = "linux"))]
fn this_program() -> io::Result<std::process::Command> {
    Ok(std::process::Command::new(std::env::current_exe()?))
}

/// Passes messages on to a window until it ends. When its last handle is dropped, tells it to close.
async fn accompany(
    mut child: Child,
    stdin: Option<ChildStdin>,
    proof: &Proof,
    mut said: mpsc::UnboundedReceiver<&'static str>,
) -> Ended {
    let talk = async move {
        let mut stdin = stdin?;
        say(&mut stdin, proof.0.expose_secret()).await?;
        while let Some(word) = said.recv().await {
            say(&mut stdin, word).await?;
        }
        // The end of its standard input closes it.
        drop(stdin);
        tokio::time::sleep(CLOSING_LIMIT).await;
        Some(())
    };
    let status = tokio::select! {
        status = child.wait() => status,
        _ = talk => {
            // It does not listen: it hangs, or is gone already.
            let _ = child.start_kill();
            child.wait().await
        }
    };
    match status {
        Ok(status) if status.success() => Ended::Closed,
        _ => Ended::Broken,
    }
}

async fn say(stdin: &mut ChildStdin, word: &str) -> Option<()> {
    stdin.write_all(word.as_bytes()).await.ok()?;
    stdin.write_all(b"\n").await.ok()?;
    stdin.flush().await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_known_and_no_other_passes_for_it() {
        let proof = Proof::new();
        let shown = |text: &str| SecretString::from(text);
        assert!(proof.is(&shown(proof.0.expose_secret())));
        assert!(!proof.is(&shown(Proof::new().0.expose_secret())));
        assert!(!proof.is(&shown("")));
        assert_eq!(proof.0.expose_secret().len(), 64);
    }
}
