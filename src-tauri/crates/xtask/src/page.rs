//! The page that the windows show, and Node.js, which builds it.

mod fingerprint;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{line, run};
use crate::setup::{NPM, Tools};
use crate::workspace;
use fingerprint::PageFingerprint;

/// What is in the page's folder and is no source of it.
const NOT_SOURCES: &[&str] = &["dist", "node_modules"];

/// Builds the page, which the application embeds, where it is not built yet.
pub(crate) fn build(tools: &Tools) -> Result<()> {
    install_packages(tools)?;
    let sources = PageFingerprint::of_folder(&folder(), NOT_SOURCES)?;
    let stamp = workspace::target()?.join("page-built-from");
    if std::fs::read_to_string(&stamp).ok() == Some(from_and_to(&sources)?) {
        println!("The page is built already.");
        return Ok(());
    }
    say_and_run(&mut npm(tools, &["run", "build"]))?;
    std::fs::write(stamp, from_and_to(&sources)?)?;
    Ok(())
}

/// Checks the types in its sources.
pub(crate) fn check_types(tools: &Tools) -> Result<()> {
    say_and_run(&mut npm(tools, &["run", "check"]))
}

/// Its tests, to be run.
pub(crate) fn tests(tools: &Tools) -> Command {
    let mut tests = npm(tools, &["test"]);
    // What it prints is read.
    tests.env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    tests
}

/// The packages that the lock file names, where those there are not the same.
fn install_packages(tools: &Tools) -> Result<()> {
    let lock = std::fs::read(folder().join("package-lock.json"))
        .context("the page's package-lock.json cannot be read")?;
    // Goes with the packages when they go.
    let installed = folder().join("node_modules/.installed-lock.json");
    if std::fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say_and_run(&mut npm(
        tools,
        &[
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
        ],
    ))?;
    std::fs::write(installed, lock)?;
    Ok(())
}

/// By contents: types that are written again and the same, or another branch
/// and back, have nothing built again.
fn from_and_to(sources: &PageFingerprint) -> Result<String> {
    let page = PageFingerprint::of_folder(&folder().join("dist"), &[])?;
    Ok(format!("{sources} {page}"))
}

fn npm(tools: &Tools, arguments: &[&str]) -> Command {
    let mut npm = tools.command(NPM);
    npm.args(arguments).current_dir(folder());
    npm
}

fn folder() -> PathBuf {
    workspace::root().join("ui")
}

fn say_and_run(command: &mut Command) -> Result<()> {
    println!("$ {}", line(command));
    run(command)
}
