//! Where things are: the workspace and its build directory.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::output;

/// The top of the workspace.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // src-tauri/crates/xtask
    here.ancestors().nth(3).unwrap_or(here)
}

/// `cargo`, the very one that runs this chore, at the top of the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The build directory, wherever the configuration puts it.
pub(crate) fn target() -> Result<PathBuf> {
    let metadata =
        output(cargo().args(["metadata", "--no-deps", "--offline", "--format-version=1"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let target = metadata["target_directory"].as_str();
    Ok(target.context("cargo names no build directory")?.into())
}

/// The binary under test, in the build directory.
pub(crate) fn tokenkeep() -> Result<PathBuf> {
    let name = format!("tokenkeep{}", std::env::consts::EXE_SUFFIX);
    Ok(target()?.join("debug").join(name))
}
