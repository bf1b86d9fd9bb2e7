//! Tokenkeep on the desktop: one program in two roles.
//!
//! The process in the [`tray`] lives all day, keeps the tokens and shows no web content. Each [`window`] is a process
//! of its own that the tray starts. It is a client of the agent's socket, and ends when it closes.
#![cfg_attr(windows, windows_subsystem = "windows")]

mod arguments;
mod failing;
mod tray;
mod window;
mod window_pipe;

use std::process::ExitCode;

use arguments::{Arguments, Role};

fn main() -> ExitCode {
    match Arguments::read().role() {
        Role::Tray(options) => tray::run(options),
        Role::Window(kind) => window::run(kind),
    }
}
