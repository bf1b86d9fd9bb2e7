//! Whether everything compiles, and passes the lints, for the platforms that this machine is not: the compiler checks
//! the types, and nothing is linked or run.

use std::process::Command;

use anyhow::Result;

use super::report::{Report, StepOutcome, passes};
use crate::page;
use crate::setup;
use crate::workspace;

/// Debian's compiler: its standard library comes with its source, and so can be built for any platform. rustup's
/// would have to be downloaded for each.
const CLIPPY: &str = "/usr/bin/cargo-clippy";
const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";

/// Stands in for Apple's C compiler, which only Apple's own systems have.
const APPLE_CC: &str = "src-tauri/crates/xtask/src/checks/platforms/apple-cc.sh";

/// A platform that this machine is not.
#[derive(Clone, Copy)]
enum Platform {
    Windows,
    MacOs,
}

impl Platform {
    const ALL: [Self; 2] = [Self::Windows, Self::MacOs];

    const fn step(self) -> &'static str {
        match self {
            Self::Windows => "lints for Windows",
            Self::MacOs => "lints for macOS",
        }
    }

    const fn target(self) -> &'static str {
        match self {
            Self::Windows => "x86_64-pc-windows-gnu",
            Self::MacOs => "aarch64-apple-darwin",
        }
    }
}

/// `cargo xtask check-platforms`: these checks, and no other.
pub(crate) fn run() -> Result<()> {
    let mut report = Report::default();
    let result = report
        .step("page", || super::done(page::build(&setup::for_page()?)))
        .and_then(|()| check_all(&mut report));
    report.print();
    result
}

/// Checks every platform, each as a step. The page has to be built.
pub(super) fn check_all(report: &mut Report) -> Result<()> {
    Platform::ALL
        .into_iter()
        .try_for_each(|platform| report.step(platform.step(), || check(platform)))
}

fn check(platform: Platform) -> Result<StepOutcome> {
    if !setup::for_platforms()? {
        return Ok(StepOutcome::Skipped(
            "Debian's packages rustc-web and rust-web-src cannot be installed here",
        ));
    }
    passes(&mut lints(platform)?)
}

fn lints(platform: Platform) -> Result<Command> {
    let mut command = workspace::at_top(CLIPPY);
    command
        .args(["clippy", "--workspace", "--all-targets"])
        .args(["--target", platform.target()])
        .args(["-Zbuild-std=std,panic_abort", "--", "-D", "warnings"])
        .env("CARGO", CARGO)
        .env("RUSTC", RUSTC)
        // Lets a stable compiler build the standard library.
        .env("RUSTC_BOOTSTRAP", "1")
        // Apart from what rustup's compiler builds, and one for all platforms: they share what runs on this machine.
        .env("CARGO_TARGET_DIR", workspace::target()?.join("platforms"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    if let Platform::MacOs = platform {
        command
            .env("CC_aarch64_apple_darwin", workspace::root().join(APPLE_CC))
            .env("AR_aarch64_apple_darwin", "ar");
    }
    Ok(command)
}
