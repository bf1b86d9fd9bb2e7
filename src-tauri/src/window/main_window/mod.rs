//! The main window: the page in `ui/`, and the commands that it may give. No token comes here.

mod commands;
mod env_files;
mod page;
mod updates;

use tauri::webview::NewWindowResponse;
use tauri::{
    AppHandle, DragDropEvent, Manager as _, Url, WebviewUrl, WebviewWindowBuilder, WindowEvent,
};
use tokenkeep_agent::AgentClient;

use super::error::WindowError;
use super::tray_link::TrayLink;
use env_files::EnvFiles;
use updates::Updates;

/// The one label that a capability names.
const LABEL: &str = "main";

/// Shows the window until it is closed.
pub(super) fn run(client: AgentClient, tray: TrayLink) -> Result<(), WindowError> {
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(client)
        .manage(Updates::default())
        .manage(EnvFiles::default())
        .invoke_handler(tauri::generate_handler![
            commands::watch,
            commands::add_account,
            commands::pick_env_file,
            commands::add_from_env_file,
            commands::forget_env_file,
            commands::sign_in,
            commands::refresh,
            commands::copy,
            commands::remove,
            commands::unlock,
            commands::set_start_at_login,
        ])
        .build(tauri::generate_context!())?;
    open(app.handle())?;
    super::obey(tray, app.handle(), LABEL);
    super::show_until_closed(app)
}

fn open(app: &AppHandle) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Tokenkeep")
        .inner_size(760.0, 600.0)
        .min_inner_size(480.0, 400.0)
        .center()
        .focused(true)
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    let dropped_on = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) = event
            && let Some(path) = paths.first()
        {
            let read = dropped_on.state::<EnvFiles>().read(path);
            dropped_on.state::<Updates>().send(read.into());
        }
    });
    Ok(())
}

/// The page leads nowhere else. Where Tauri serves it depends on the system's web view.
fn is_own_page(url: &Url) -> bool {
    if cfg!(windows) {
        url.host_str() == Some("tauri.localhost") && url.port().is_none()
    } else {
        url.scheme() == "tauri"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_shows_its_own_page_only() {
        let own = |url: &str| is_own_page(&url.parse().unwrap());
        let at = match cfg!(windows) {
            true => "http://tauri.localhost/",
            false => "tauri://localhost/index.html",
        };
        assert!(own(at));
        assert!(!own("https://example.com/") && !own("https://tauri.localhost.example.com/"));
    }
}
