//! Embeds the page, and makes a permission of each of its commands: a window that no capability names may give none.

use tauri_build::{AppManifest, Attributes};

/// As `window/main_window/commands.rs` has them.
const COMMANDS: &[&str] = &[
    "watch",
    "add_account",
    "pick_env_file",
    "add_from_env_file",
    "forget_env_file",
    "sign_in",
    "refresh",
    "copy",
    "remove",
    "unlock",
    "set_start_at_login",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manifest = AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(Attributes::new().app_manifest(manifest)).map_err(Into::into)
}
