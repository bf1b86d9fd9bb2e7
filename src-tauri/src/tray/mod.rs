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
mod toolkit;
mod windows;

use std::process::ExitCode;

use tokenkeep_keeper::core_dumps;
use tokenkeep_keeper::home::Home;

use crate::arguments::TrayOptions;
use crate::failing::failed;
use engine::{Engine, Started};

/// Runs the tray until it is quit.
pub(crate) fn run(options: TrayOptions) -> ExitCode {
    core_dumps::forbid();
    toolkit::disable_gl();
    if let Err(error) = tokenkeep_agent::hosting::log_to_stderr() {
        return failed(&error);
    }
    if let Err(error) = toolkit::start() {
        return failed(&error);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    tauri::async_runtime::set(runtime.handle().clone());
    // What the main thread starts, such as Tauri's handlers, runs there, too.
    let _entered = runtime.enter();
    let started = runtime.block_on(async {
        let home = match &options.home {
            Some(folder) => Home::at(folder),
            None => Home::from_env().map_err(engine::StartError::from)?,
        };
        Engine::start(&home, &options).await
    });
    let engine = match started {
        Ok(Started::Here(engine)) => Ok(*engine),
        Ok(Started::Elsewhere) => return ExitCode::SUCCESS,
        Err(error) => Err(error),
    };
    application::run(engine, options)
}
