//! Installs what a machine lacks, saying what and why.

mod apt;
mod packages;
mod tools;
mod wheels;

use std::process::Command;

use anyhow::Result;

use crate::command::succeeds;
use crate::workspace;
use packages::Package;
use tools::Tool;
pub(crate) use tools::{NPM, Tools};

/// Installs what the command line is built with.
pub(crate) fn for_terminal() -> Result<()> {
    install(packages::TO_BUILD)
}

/// Installs what everything is built with, and what the tray is opened with.
pub(crate) fn for_tray() -> Result<Tools> {
    with_tools(&[Tool::Node], &FOR_TRAY)
}

/// Installs what everything is built with, and a desktop without a desktop.
pub(crate) fn for_screenshots() -> Result<Tools> {
    let packages = [&FOR_TRAY[..], &FOR_TESTS, &[packages::TO_TAKE_PICTURES]];
    with_tools(&[Tool::Node], &packages.concat())
}

/// Installs what a build and all checks need.
pub(crate) fn for_test() -> Result<Tools> {
    let mut tools = vec![Tool::Node, Tool::CargoNextest];
    if cfg!(target_os = "linux") {
        tools.push(Tool::CargoDeny);
    }
    with_tools(&tools, &[&FOR_TRAY[..], &FOR_TESTS].concat())
}

/// Installs what the heart is simulated with.
pub(crate) fn for_breakages() -> Result<Tools> {
    with_tools(&[Tool::CargoNextest], &[packages::TO_BUILD])
}

/// Installs what the command line is built with, and what its tests run. A peer to compare it with is not installed:
/// where there is none, nothing is compared.
pub(crate) fn for_bench() -> Result<()> {
    install(&[packages::TO_BUILD, packages::TO_TEST].concat())
}

/// Installs what the page is built with.
pub(crate) fn for_page() -> Result<Tools> {
    with_tools(&[Tool::Node], &[packages::TO_BUILD])
}

/// Installs what checks everything for other platforms. Whether this system has it at all.
pub(crate) fn for_platforms() -> Result<bool> {
    let can_be = has_apt() && apt::can_install(packages::TO_CHECK_PLATFORMS)?;
    if can_be {
        apt::install(packages::TO_CHECK_PLATFORMS)?;
    }
    Ok(can_be)
}

/// Installs what `cargo xtask icons` needs.
pub(crate) fn for_icons() -> Result<()> {
    install(packages::TO_DRAW)
}

const FOR_TRAY: [&[Package]; 3] = [
    packages::TO_BUILD,
    packages::TO_BUILD_THE_TRAY,
    packages::TO_RUN_THE_TRAY,
];

const FOR_TESTS: [&[Package]; 2] = [packages::TO_TEST, packages::TO_TEST_THE_TRAY];

/// Tools that no package brings go into the build directory.
fn with_tools(needed: &[Tool], packages: &[&[Package]]) -> Result<Tools> {
    let tools = Tools::in_folder(workspace::target()?.join("tools"))?;
    let missing = needed.iter().filter(|tool| !tools.has(**tool));
    let missing: Vec<_> = missing.collect();
    let mut packages = packages.concat();
    if !missing.is_empty() {
        packages.extend(packages::TO_FETCH_WHEELS);
    }
    install(&packages)?;
    for tool in missing {
        tools.install(*tool)?;
    }
    Ok(tools)
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
    if !has_apt() {
        println!("This is neither Debian nor Ubuntu. Please make sure that there are:");
        for (name, why) in packages {
            println!("  {name}: {why}");
        }
        return Ok(());
    }
    apt::install(packages)
}

/// Whether this is Debian or Ubuntu.
fn has_apt() -> bool {
    cfg!(target_os = "linux") && succeeds(Command::new("dpkg-query").arg("--version"))
}
