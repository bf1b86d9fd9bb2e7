//! The process in the tray: keeper, agent, icon and menu, notices, clipboard. It renders no page.

mod application;
mod board;
mod clipboard;
mod desktop;
mod engine;
mod icon;
mod login;
mod menu;
mod notices;
mod painter;
mod quitting;
mod sign_ins;
mod windows;

use std::process::ExitCode;

use tokenkeep_keeper::home::Home;

use crate::arguments::TrayOptions;
use engine::{Engine, Started};
pub(crate) use windows::TO_FRONT;

/// Runs the tray until it is quit.
pub(crate) fn run(options: TrayOptions) -> ExitCode {
    disable_gl();
    name_application();
    if let Err(error) = tokenkeep_agent::hosting::log_to_stderr() {
        return say(&error);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return say(&error),
    };
    tauri::async_runtime::set(runtime.handle().clone());
    // What the main thread starts, Tauri's handlers among it, runs there, too.
    let _entered = runtime.enter();
    let started = runtime.block_on(async {
        let home = Home::from_env().map_err(engine::StartError::from)?;
        Engine::start(&home, options).await
    });
    let engine = match started {
        Ok(Started::Here(engine)) => Ok(*engine),
        Ok(Started::Elsewhere) => return ExitCode::SUCCESS,
        Err(error) => Err(error),
    };
    application::run(engine, options)
}

/// Says on standard error why there is no tray.
fn say(error: &dyn std::error::Error) -> ExitCode {
    tracing::error!("{error}");
    ExitCode::FAILURE
}

/// The name of the variable by which GTK is told not to use OpenGL.
const GL_SETTING: &str = "GDK_GL";

/// Has GTK not look for OpenGL, which this process has no use for: loading it takes 31 MB.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "GTK reads this setting from the environment alone"
)]
fn disable_gl() {
    // SAFETY: called first thing in `main`, while no other thread is there that could read the environment.
    unsafe { std::env::set_var(GL_SETTING, "disable") }
}

#[cfg(not(target_os = "linux"))]
fn disable_gl() {}

/// Has panels call the icon what people call it, not after the file of the program.
#[cfg(target_os = "linux")]
fn name_application() {
    glib::set_application_name("Tokenkeep");
}

#[cfg(not(target_os = "linux"))]
fn name_application() {}
