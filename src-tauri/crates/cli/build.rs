//! Puts the C compiler's unwinder into the programs: to have it found and loaded as a library delays the start of
//! `tokenkeep` by more than reading its arguments takes.

use std::env;
use std::path::Path;
use std::process::Command;

const UNWINDER: &str = "gcc_eh";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is_there() {
        println!("cargo::rustc-link-lib=static:-bundle={UNWINDER}");
    }
}

/// Whether the compiler that links has it to be linked in; a distribution may have left it out.
fn is_there() -> bool {
    let archive = format!("-print-file-name=lib{UNWINDER}.a");
    let found = Command::new("cc").arg(archive).output();
    // Where there is none, only the bare name is printed.
    found.is_ok_and(|found| Path::new(String::from_utf8_lossy(&found.stdout).trim()).is_absolute())
}
