//! The window's end of the pipe from the tray.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::thread;
use std::time::Duration;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::error::WindowError;
use crate::window_pipe::TO_FRONT;

/// How long a window may take to close by itself once the tray is gone.
const CLOSING_LIMIT: Duration = Duration::from_secs(2);

/// What the tray tells a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Come to the front.
    ToFront,
    /// Close.
    Close,
}

/// The way from the tray to this window.
pub(super) struct TrayLink {
    proof: SecretString,
}

impl TrayLink {
    /// Reads the proof.
    ///
    /// # Errors
    /// If there is no tray at the other end.
    pub(super) fn open() -> Result<Self, WindowError> {
        let input = io::stdin();
        if input.is_terminal() {
            return Err(WindowError::NotFromTray);
        }
        let mut line = Zeroizing::new(String::with_capacity(256));
        input.lock().read_line(&mut line)?;
        match line.trim() {
            "" => Err(WindowError::NotFromTray),
            proof => Ok(Self {
                proof: SecretString::from(proof),
            }),
        }
    }

    /// The proof that the tray started this window.
    pub(super) fn proof(&self) -> &SecretString {
        &self.proof
    }

    /// Has `obey` do what the tray says from now on.
    pub(super) fn listen(self, obey: impl Fn(Word) + Send + 'static) {
        thread::spawn(move || {
            for line in io::stdin().lock().lines().map_while(Result::ok) {
                if line == TO_FRONT {
                    obey(Word::ToFront);
                }
            }
            obey(Word::Close);
            // A window that hangs must not outlive the tray.
            thread::sleep(CLOSING_LIMIT);
            std::process::exit(1);
        });
    }
}
