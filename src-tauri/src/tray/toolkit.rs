//! Prepares GTK, which draws the tray's menu on Linux, before Tauri starts it.

use std::ffi::OsString;
use std::sync::OnceLock;

use tokio::process::Command;

/// The name of the variable by which GTK is told not to use OpenGL.
const GL_SETTING: &str = "GDK_GL";

/// What it was set to before this process changed it.
static GL_SET_BEFORE: OnceLock<Option<OsString>> = OnceLock::new();

/// There is no desktop to be in the tray of.
#[cfg(target_os = "linux")]
#[derive(Debug, thiserror::Error)]
#[error(
    "There is no desktop session here (see DISPLAY and WAYLAND_DISPLAY), so there is no tray. Nothing was started or \
     changed; to keep tokens fresh without a desktop, run `tokenkeep serve`."
)]
pub(super) struct NoDesktop;

/// Keeps GTK from loading OpenGL, which takes 31 MB and which this process does not use.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "GTK reads this setting from the environment alone"
)]
pub(super) fn disable_gl() {
    GL_SET_BEFORE.get_or_init(|| std::env::var_os(GL_SETTING));
    // SAFETY: called first thing in `main`, while no other thread is there that could read the environment.
    unsafe { std::env::set_var(GL_SETTING, "disable") }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn disable_gl() {}

/// Restores the setting for a window, which does draw.
pub(super) fn give_gl_back(window: &mut Command) {
    match GL_SET_BEFORE.get() {
        Some(Some(before)) => window.env(GL_SETTING, before),
        _ => window.env_remove(GL_SETTING),
    };
}

/// Starts GTK under the program's name, because panels show it.
///
/// # Errors
/// If there is no desktop session.
#[cfg(target_os = "linux")]
pub(super) fn start() -> Result<(), NoDesktop> {
    gtk::glib::set_application_name("Tokenkeep");
    gtk::init().map_err(|_| NoDesktop)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn start() -> Result<(), std::convert::Infallible> {
    Ok(())
}
