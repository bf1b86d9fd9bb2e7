//! Programs that PyPI carries ready-made, pinned by hash.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::command::run;

/// Installs what a requirements file names into a folder of its own. Nothing
/// of the machine's Python is touched, and nothing in the package is run.
pub(super) fn install(requirements: &str, folder: &Path) -> Result<()> {
    let file = tempfile::Builder::new().suffix(".txt").tempfile()?;
    std::fs::write(file.path(), requirements)?;
    std::fs::remove_dir_all(folder).ok();
    run(Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--no-deps"])
        .args(["--only-binary=:all:", "--require-hashes", "--requirement"])
        .arg(file.path())
        .arg("--target")
        .arg(folder)
        // As settings, so that a pip too old for one passes over it.
        .env("PIP_ROOT_USER_ACTION", "ignore")
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1"))
}
