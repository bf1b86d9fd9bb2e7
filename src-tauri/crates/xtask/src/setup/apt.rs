//! Packages of Debian and Ubuntu.

use std::process::Command;

use anyhow::{Result, bail};

use super::Package;
use crate::command::{line, output, run, succeeds};

/// Installs those of `packages` that are missing. Says what it is about to do,
/// and becomes root for it where it is not.
pub(super) fn install(packages: &[Package]) -> Result<()> {
    let missing: Vec<_> = packages
        .iter()
        .filter(|(name, _)| !is_installed(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Installing packages that are missing:");
    for (name, why) in &missing {
        println!("  {name}: {why}");
    }
    let names = missing.iter().map(|(name, _)| *name);
    let mut install = apt_get()?;
    install.args(["install", "--yes", "--no-install-recommends"]);
    install.args(names);
    println!("$ {}", line(&install));
    if run(&mut install).is_ok() {
        return Ok(());
    }
    println!("The lists of packages may be missing or old: fetching them.");
    run(apt_get()?.arg("update"))?;
    run(&mut install)
}

/// Whether all of `packages` are there, or can be installed without anything else having to go.
pub(super) fn can_install(packages: &[Package]) -> Result<bool> {
    let names = packages.iter().map(|(name, _)| *name);
    if names.clone().all(is_installed) {
        return Ok(true);
    }
    let is_known = |name| succeeds(Command::new("apt-cache").args(["show", name]));
    if !names.clone().any(is_known) {
        println!("The lists of packages are missing: fetching them.");
        run(apt_get()?.arg("update"))?;
    }
    let mut install = Command::new("apt-get");
    install.args([
        "install",
        "--simulate",
        "--no-remove",
        "--no-install-recommends",
    ]);
    Ok(succeeds(install.args(names)))
}

fn is_installed(name: &str) -> bool {
    let query = ["--show", "--showformat=${db:Status-Status}", name];
    output(Command::new("dpkg-query").args(query)).is_ok_and(|status| status == "installed")
}

/// `apt-get` as root, asking nothing.
fn apt_get() -> Result<Command> {
    let assignments = ["DEBIAN_FRONTEND=noninteractive", "apt-get"];
    if output(Command::new("id").arg("-u"))?.trim() == "0" {
        let mut command = Command::new("env");
        command.args(assignments);
        return Ok(command);
    }
    if !succeeds(Command::new("sudo").arg("--version")) {
        bail!("packages are missing, and there is no sudo: please install those named above");
    }
    let mut command = Command::new("sudo");
    command.arg("env").args(assignments);
    Ok(command)
}
