//! Why there is no window.

use tokenkeep_agent::ClientError;
use tokenkeep_keeper::home::HomeError;

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub(super) enum WindowError {
    /// The tray has not sent its proof.
    #[error(
        "A window is opened by the tray, not by itself. Start tokenkeep-desktop without --window."
    )]
    NotFromTray,
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The tray does not know it, or is gone.
    #[error(transparent)]
    Tray(#[from] ClientError),
    /// The tray has something else to show.
    #[error("The tray has no such window to show. Close this one and open it again.")]
    OtherWindow,
    /// The desktop does not show windows.
    #[error("The desktop shows no window ({0}).")]
    Tauri(#[from] tauri::Error),
    /// It could not do its task. The reason was shown.
    #[error("The window has failed.")]
    Failed,
    /// The process cannot do its work at all.
    #[error("The operating system refuses what a window needs ({0}).")]
    Runtime(#[from] std::io::Error),
}
