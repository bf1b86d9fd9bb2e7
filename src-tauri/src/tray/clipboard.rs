//! The clipboard: a token is put in, marked as a secret, and taken out again after a while.
//!
//! On X11 and Wayland the process that copied has to serve the content, so the clipboard lives on a thread of its own.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use arboard::Clipboard;
#[cfg(target_os = "macos")]
use arboard::SetExtApple as _;
#[cfg(all(unix, not(target_os = "macos")))]
use arboard::SetExtLinux as _;
#[cfg(windows)]
use arboard::SetExtWindows as _;
use tokio::sync::oneshot;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// How long the clipboard may take. The process that owns the content has to hand it over, and may hang.
const LIMIT: Duration = Duration::from_secs(3);

/// The clipboard cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("The clipboard cannot be used ({0}), so nothing was copied. Is there a desktop session?")]
pub(super) struct ClipboardError(String);

/// Hands texts to the clipboard's thread.
pub(super) struct SecretClipboard {
    orders: Sender<Order>,
    cleared_after: Duration,
}

enum Order {
    /// Put this in, and say whether that was done.
    Copy(
        Zeroizing<String>,
        oneshot::Sender<Result<(), ClipboardError>>,
    ),
    /// Take out what is ours.
    Clear(oneshot::Sender<()>),
}

impl SecretClipboard {
    /// A clipboard whose content is taken out again `cleared_after` it was put in, if it is still there.
    pub(super) fn start(cleared_after: Duration) -> Self {
        let (orders, received) = channel();
        // It ends with the last sender.
        thread::spawn(move || Thread::default().run(&received, cleared_after));
        Self {
            orders,
            cleared_after,
        }
    }

    /// Puts a secret in.
    ///
    /// # Errors
    /// Where there is no clipboard, or it does not take it.
    pub(super) async fn copy(&self, secret: Zeroizing<String>) -> Result<Duration, ClipboardError> {
        let (done, answered) = oneshot::channel();
        let _ = self.orders.send(Order::Copy(secret, done));
        match timeout(LIMIT, answered).await {
            Ok(Ok(copied)) => copied.map(|()| self.cleared_after),
            Ok(Err(_)) => Err(ClipboardError("its thread has ended".to_owned())),
            Err(_) => Err(ClipboardError(
                "the program that owns its content does not answer".to_owned(),
            )),
        }
    }

    /// Takes out what is ours, at once.
    pub(super) async fn clear(&self) {
        let (done, cleared) = oneshot::channel();
        let _ = self.orders.send(Order::Clear(done));
        // If its thread has ended, nothing of ours is in it; if it hangs, nobody can take anything out.
        let _ = timeout(LIMIT, cleared).await;
    }
}

/// The clipboard's thread.
#[derive(Default)]
struct Thread {
    /// Kept up once it was needed: with it, its content would go.
    clipboard: Option<Clipboard>,
    ours: Option<Ours>,
}

/// What we have put in.
struct Ours {
    text: Zeroizing<String>,
    until: Instant,
}

impl Thread {
    fn run(mut self, orders: &Receiver<Order>, cleared_after: Duration) {
        loop {
            let order = match &self.ours {
                Some(ours) => {
                    orders.recv_timeout(ours.until.saturating_duration_since(Instant::now()))
                }
                None => orders.recv().map_err(RecvTimeoutError::from),
            };
            match order {
                Ok(Order::Copy(text, done)) => {
                    let _ = done.send(self.copy(text, cleared_after));
                }
                Ok(Order::Clear(done)) => {
                    self.clear();
                    let _ = done.send(());
                }
                Err(RecvTimeoutError::Timeout) => self.clear(),
                Err(RecvTimeoutError::Disconnected) => return self.clear(),
            }
        }
    }

    fn copy(
        &mut self,
        text: Zeroizing<String>,
        cleared_after: Duration,
    ) -> Result<(), ClipboardError> {
        let failed = |error: arboard::Error| ClipboardError(error.to_string());
        let clipboard = match &mut self.clipboard {
            Some(clipboard) => clipboard,
            none => none.insert(Clipboard::new().map_err(failed)?),
        };
        clipboard
            .set()
            .exclude_from_history()
            .text(text.as_str())
            .map_err(failed)?;
        self.ours = Some(Ours {
            text,
            until: Instant::now() + cleared_after,
        });
        Ok(())
    }

    /// Empties the clipboard, unless something else is in it by now.
    fn clear(&mut self) {
        let (Some(ours), Some(clipboard)) = (self.ours.take(), &mut self.clipboard) else {
            return;
        };
        let there = clipboard.get_text().map(Zeroizing::new);
        if there.is_ok_and(|there| *there == *ours.text)
            && let Err(error) = clipboard.clear()
        {
            tracing::warn!(%error, "the clipboard could not be cleared");
        }
    }
}
