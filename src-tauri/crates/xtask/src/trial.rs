//! `cargo xtask try`: the main job, against a provider to practise with.

mod display;
mod home;
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

use anyhow::Result;

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
