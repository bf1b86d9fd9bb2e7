//! Where things are: the workspace and its build directory.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::{line, output, run};

/// The top of the workspace.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // src-tauri/crates/xtask
    here.ancestors().nth(3).unwrap_or(here)
}

/// `cargo`, the very one that runs this chore, at the top of the workspace.
pub(crate) fn cargo() -> Command {
    at_top(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program that is like `cargo`, at the top of the workspace.
pub(crate) fn at_top(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    // They are this package's. Build scripts that look at them would have what
    // they made for a cargo started by hand made again.
    let of_package = |name: &str| {
        PACKAGE_VARIABLES
            .iter()
            .any(|start| name.starts_with(start))
    };
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(of_package) {
            command.env_remove(name);
        }
    }
    command
}

/// How the variables begin that `cargo run` sets for what it runs.
const PACKAGE_VARIABLES: [&str; 2] = ["CARGO_MANIFEST_", "CARGO_PKG_"];

/// The build directory, wherever the configuration puts it.
pub(crate) fn target() -> Result<PathBuf> {
    let metadata =
        output(cargo().args(["metadata", "--no-deps", "--offline", "--format-version=1"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let target = metadata["target_directory"].as_str();
    Ok(target.context("cargo names no build directory")?.into())
}

/// A binary of the workspace, in the build directory.
pub(crate) fn binary(name: &str) -> Result<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(target()?.join("debug").join(name))
}

/// A binary of the workspace as it is released.
pub(crate) fn released_binary(name: &str) -> Result<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(target()?.join("release").join(name))
}

/// Tells tests, or what is like them, where the programs are that they run.
pub(crate) fn name_binaries(command: &mut Command) -> Result<()> {
    command.env("TOKENKEEP_BINARY", binary("tokenkeep")?);
    command.env("TOKENKEEP_DESKTOP_BINARY", binary("tokenkeep-desktop")?);
    Ok(())
}

/// Builds binaries of the workspace, and of everything else only what they
/// need, in such a way that the tests use it, too.
pub(crate) fn build(binaries: &[&str]) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--workspace"]).args(AS_TESTED);
    for binary in binaries {
        build.args(["--bin", binary]);
    }
    println!("$ {}", line(&build));
    run(&mut build)
}

/// Has cargo choose features as it does when tests are built, and so have it
/// share what the tests use. There are no examples, and none are built.
pub(crate) const AS_TESTED: &[&str] = &["--examples"];
