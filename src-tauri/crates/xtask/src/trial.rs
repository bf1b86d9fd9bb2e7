//! `cargo xtask try`: the main job, against a provider to practise with.

mod display;
mod keychain;
mod life;
mod login;
mod process;
mod program;
mod provider;
mod terminal;
mod tray;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

use keychain::SessionKeychain;
use program::Program;
use provider::PracticeProvider;

/// The name of the account.
const ACCOUNT: &str = "practice";

/// Opens the tray where there is a display; elsewhere shows the main job in
/// the terminal. Either ends everything that it started.
pub(crate) fn run() -> Result<()> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))?;
    if display::is_there() {
        tray::run(&interrupted)
    } else {
        terminal::run(&interrupted)
    }
}

/// A home of its own for one trial, gone on drop.
fn new_home() -> Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("tokenkeep-try-")
        .tempdir()
        .context("the trial's folder cannot be made")
}
