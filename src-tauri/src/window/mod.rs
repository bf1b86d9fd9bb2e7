//! A window: a process of its own, a client of the agent, without any token. It ends when it is closed, or when the tray
//! that started it ends.

mod error;
mod host;
mod main_window;
mod sign_in;
mod tray_link;

use std::process::ExitCode;

use tauri::{App, AppHandle, Manager as _};
use tokenkeep_agent::AgentClient;
use tokenkeep_agent::wire::WindowTask;
use tokenkeep_keeper::home::Home;

use crate::arguments::WindowKind;
use crate::failing::failed;
use error::WindowError;
use tray_link::{TrayLink, Word};

/// Shows a window until it is closed.
pub(crate) fn run(kind: WindowKind) -> ExitCode {
    // It goes to the tray's standard error, at the tray's level.
    let _ = tokenkeep_agent::hosting::log_to_stderr();
    match show(kind) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn show(kind: WindowKind) -> Result<(), WindowError> {
    let tray = TrayLink::open()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    tauri::async_runtime::set(runtime.handle().clone());
    let client = AgentClient::new(&Home::from_env()?)?;
    let task = runtime.block_on(client.window_task(tray.proof()))?;
    match (kind, task) {
        (WindowKind::Main, WindowTask::Main) => main_window::run(client, tray),
        (
            WindowKind::SignIn,
            WindowTask::SignIn {
                account,
                authorization_url,
                redirect_uri,
            },
        ) => {
            let page = sign_in::SignInPage {
                account,
                authorization_url,
                redirect_uri,
            };
            sign_in::run(client, tray, page)
        }
        _ => Err(WindowError::OtherWindow),
    }
}

/// Shows the windows of `app` until they are closed.
fn show_until_closed(app: App) -> Result<(), WindowError> {
    match app.run_return(|_, _| {}) {
        0 => Ok(()),
        _ => Err(WindowError::Failed),
    }
}

/// Does what the tray says, for as long as there is one.
fn obey(tray: TrayLink, app: &AppHandle, label: &'static str) {
    let app = app.clone();
    tray.listen(move |word| match word {
        Word::ToFront => bring_to_front(&app, label),
        Word::Close => app.exit(0),
    });
}

fn bring_to_front(app: &AppHandle, label: &str) {
    if let Some(window) = app.get_webview_window(label) {
        // A desktop that does not let windows come to the front marks them instead.
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}
